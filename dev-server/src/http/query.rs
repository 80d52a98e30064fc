//! The parameters of a raw query.

use url::form_urlencoded;

/// Returns the first parameter with this name, decoded.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    first(query, |key| key == name)
}

pub(super) fn signature(query: &str) -> Option<String> {
    first(query, is_signature)
}

/// Returns the query without its signature, and otherwise unchanged.
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

/// Whether this is the key of the signature, in any letter case, as in verification.
fn is_signature(key: &str) -> bool {
    key.to_lowercase() == "auth_signature"
}
