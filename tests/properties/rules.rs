//! The rules for names, and the variables of the README. The rules are from the documentation: the
//! channel naming conventions, the REST API, the presence channels, and the 2015 advisory on
//! socket IDs. The fuzz targets use this file too.
#![allow(dead_code)] // Each fuzz target uses its own part.

/// The characters that a channel name can have.
pub(crate) const CHANNEL_CHARACTERS: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=@,.;:";

/// 1 to 200 of these characters: the longest names that any server accepts.
pub(crate) fn is_channel(text: &str) -> bool {
    (1..=200).contains(&text.chars().count())
        && text.chars().all(|c| CHANNEL_CHARACTERS.contains(c))
}

/// 1 to 164 of these characters without the colon: the names that the hosted service accepts.
pub(crate) fn is_hosted_channel(text: &str) -> bool {
    is_channel(text) && text.chars().count() <= 164 && !text.contains(':')
}

/// 1 to 200 characters, without a prefix that the protocol reserves.
pub(crate) fn is_event(text: &str) -> bool {
    (1..=200).contains(&text.chars().count())
        && !["pusher:", "pusher_internal:"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
}

/// Digits, one dot, and digits.
pub(crate) fn is_socket_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 2
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| "0123456789".contains(c)))
}

/// 1 to 128 characters.
pub(crate) fn is_user_id(text: &str) -> bool {
    (1..=128).contains(&text.chars().count())
}

/// 1 to 128 of the characters that the hosted service accepts for users who sign in.
pub(crate) fn is_hosted_user_id(text: &str) -> bool {
    is_user_id(text)
        && text
            .chars()
            .all(|c| c != ':' && CHANNEL_CHARACTERS.contains(c))
}

/// JavaScript names joined by dots, with numbers or quoted plain names in brackets. The text is
/// read from left to right, one step for each character.
pub(crate) fn is_callback(text: &str) -> bool {
    #[derive(Clone, Copy)]
    enum At {
        NameStart,
        Name,
        Bracket,
        Number,
        KeyStart(char),
        Key(char),
        KeyEnd,
        BracketEnd,
    }

    let mut at = At::NameStart;
    for c in text.chars() {
        let is_letter = c.is_ascii_alphabetic() || c == '_' || c == '$';
        let is_of_key = is_letter || c.is_ascii_digit() || c == '-' || c == '.';
        at = match (at, c) {
            (At::NameStart, _) if is_letter => At::Name,
            (At::Name, _) if is_letter || c.is_ascii_digit() => At::Name,
            (At::Name | At::BracketEnd, '.') => At::NameStart,
            (At::Name | At::BracketEnd, '[') => At::Bracket,
            (At::Bracket | At::Number, '0'..='9') => At::Number,
            (At::Bracket, '\'' | '"') => At::KeyStart(c),
            (At::KeyStart(quote) | At::Key(quote), _) if is_of_key => At::Key(quote),
            (At::Key(quote), _) if c == quote => At::KeyEnd,
            (At::Number | At::KeyEnd, ']') => At::BracketEnd,
            _ => return false,
        };
    }
    matches!(at, At::Name | At::BracketEnd) && text.len() <= 128
}

/// Text that can be in a header, in a URL, and before the colon of an authorization.
pub(crate) fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| (0x21..=0x7e).contains(&b) && b != b':')
}

/// Text that can be one segment of a URL's path without encoding.
pub(crate) fn is_app_id(text: &str) -> bool {
    const CHARACTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    ![".", "..", ""].contains(&text) && text.chars().all(|c| CHARACTERS.contains(c))
}

/// The variables that configure an app. The URL is first, and has priority over the parts.
pub(crate) const VARIABLES: [&str; 9] = [
    "PUSHER_URL",
    "PUSHER_APP_ID",
    "PUSHER_KEY",
    "PUSHER_SECRET",
    "PUSHER_CLUSTER",
    "PUSHER_HOST",
    "PUSHER_PORT",
    "PUSHER_SCHEME",
    "PUSHER_ENCRYPTION_MASTER_KEY_BASE64",
];
