//! Channel names and what their prefixes mean.

use crate::error::Error;
use crate::text_type::{check_length, text_type};

/// The most characters a channel name has, prefix included
/// ([`channels`](https://pusher.com/docs/channels/using_channels/channels/#channel-naming-conventions)).
pub const MAX_CHANNEL_NAME_CHARS: usize = 164;

/// A checked channel name: 1 to 164 characters of `A-Z a-z 0-9 _ - = @ , . ;`.
///
/// The prefix decides the [kind](ChannelKind). The rules are Pusher's naming
/// [conventions](https://pusher.com/docs/channels/using_channels/channels/#channel-naming-conventions).
///
/// ```
/// use pusher_http::{ChannelKind, ChannelName};
///
/// let channel: ChannelName = "private-encrypted-cache-room-1".parse()?;
/// assert_eq!(channel.kind(), ChannelKind::Encrypted);
/// assert!(channel.is_cache());
/// assert!(ChannelName::new("no spaces").is_err());
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelName(String);

text_type!(ChannelName, "a channel name");

/// What a channel's prefix says of who may subscribe and what the service keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelKind {
    /// Anybody subscribes, without a token.
    Public,
    /// `private-`: a subscription needs a token.
    Private,
    /// `private-encrypted-`: a token and a shared secret; the service can't read the data.
    Encrypted,
    /// `presence-`: a token and a member; the subscribers know of each other.
    Presence,
}

impl ChannelName {
    /// What the prefix says.
    #[must_use]
    pub fn kind(&self) -> ChannelKind {
        ChannelKind::of(&self.0)
    }

    /// Whether the service keeps the last event for new subscribers: `cache-`, `private-cache-`,
    /// `private-encrypted-cache-`, `presence-cache-`
    /// ([cache channels](https://pusher.com/docs/channels/using_channels/cache-channels/)).
    #[must_use]
    pub fn is_cache(&self) -> bool {
        let after_kind = match self.kind() {
            ChannelKind::Public => &self.0,
            ChannelKind::Private => &self.0["private-".len()..],
            ChannelKind::Encrypted => &self.0["private-encrypted-".len()..],
            ChannelKind::Presence => &self.0["presence-".len()..],
        };
        after_kind.starts_with("cache-")
    }

    pub(crate) fn check(text: &str) -> Result<(), Error> {
        check_length("channel name", text, MAX_CHANNEL_NAME_CHARS)?;
        if let Some(place) = text.bytes().position(|b| !IS_CHANNEL_BYTE[usize::from(b)]) {
            // What comes before it is ASCII, so a character begins there.
            let character = text[place..].chars().next().unwrap_or_default();
            let reason = format!("it may have A-Z a-z 0-9 _ - = @ , . ; but not {character:?}");
            return Err(Error::invalid("channel name", text, reason));
        }
        Ok(())
    }
}

impl ChannelKind {
    /// The kind of the channel with this name, by its prefix. The name need not be a valid one: webhooks
    /// also name channels such as `#server-to-user-42`, which is public.
    ///
    /// ```
    /// use pusher_http::ChannelKind;
    ///
    /// assert_eq!(ChannelKind::of("presence-room-1"), ChannelKind::Presence);
    /// assert_eq!(ChannelKind::of("room-1"), ChannelKind::Public);
    /// ```
    #[must_use]
    pub fn of(name: &str) -> Self {
        if name.starts_with("private-encrypted-") {
            Self::Encrypted
        } else if name.starts_with("private-") {
            Self::Private
        } else if name.starts_with("presence-") {
            Self::Presence
        } else {
            Self::Public
        }
    }
}

const IS_CHANNEL_BYTE: [bool; 256] = {
    let mut is_allowed = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        is_allowed[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'=' | b'@' | b',' | b'.' | b';');
        byte += 1;
    }
    is_allowed
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_decide_kind_and_cache() {
        use ChannelKind::{Encrypted, Presence, Private, Public};
        for (name, kind, cache) in [
            ("room", Public, false),
            ("cache-room", Public, true),
            ("cached", Public, false),
            ("private-room", Private, false),
            ("private-cache-room", Private, true),
            ("private-encrypted", Private, false),
            ("private-encrypted-room", Encrypted, false),
            ("private-encrypted-cache-room", Encrypted, true),
            ("presence-room", Presence, false),
            ("presence-cache-room", Presence, true),
            ("presence", Public, false),
            ("Private-room", Public, false),
        ] {
            let channel = ChannelName::new(name).unwrap();
            assert_eq!(
                (channel.kind(), channel.is_cache()),
                (kind, cache),
                "{name}"
            );
        }
    }

    #[test]
    fn the_length_limit_is_164_characters() {
        assert!(ChannelName::new("a".repeat(164)).is_ok());
        let error = ChannelName::new("a".repeat(165)).unwrap_err();
        assert!(error.to_string().contains("165 characters"), "{error}");
    }

    #[test]
    fn serde_checks_on_the_way_in() {
        let channel: ChannelName = serde_json::from_str("\"room-1\"").unwrap();
        assert_eq!(serde_json::to_string(&channel).unwrap(), "\"room-1\"");
        assert!(serde_json::from_str::<ChannelName>("\"room 1\"").is_err());
    }
}
