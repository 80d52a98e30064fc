//! The parameters of a raw query.

use url::form_urlencoded;

/// The first parameter of this name, decoded.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    first(query, |key| key == name)
}

pub(super) fn signature(query: &str) -> Option<String> {
    first(query, is_signature)
}

/// The query as it stands, but for its signature.
pub(super) fn without_signature(query: &str) -> String {
    let pairs = query.split('&');
    let kept: Vec<_> = pairs
        .filter(|pair| first(pair, is_signature).is_none())
        .collect();
    kept.join("&")
}

fn first(query: &str, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| is_wanted(key))
        .map(|(_, value)| value.into_owned())
}

/// In any casing, as it is verified.
fn is_signature(key: &str) -> bool {
    key.to_lowercase() == "auth_signature"
}
