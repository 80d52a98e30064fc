//! The signature of a request, in the stages of "Generating authentication signatures" in
//! [`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/): the body's MD5,
//! the string to sign, its HMAC.

use md5::{Digest, Md5};

use crate::token::{HexDigest, Token};

/// The MD5 of a body as 32 lower-case hexadecimal digits.
///
/// ```
/// use pusher_http::api::body_md5;
///
/// let body = br#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;
/// assert_eq!(body_md5(body), "ec365a775a4cd0599faeb73354201b6f");
/// ```
#[must_use]
pub fn body_md5(body: &[u8]) -> String {
    md5_of(body).as_str().to_owned()
}

pub(super) fn md5_of(body: &[u8]) -> HexDigest<16> {
    let mut digest = HexDigest::new();
    digest.format(&Md5::digest(body).into());
    digest
}

/// The text that is signed: method, path and query, each on its own line.
///
/// `path` is as it stands on the wire, without a path prefix. `query` has its keys in
/// lower case and sorted, and its values decoded.
///
/// The protocol joins decoded values with `&` and `=`, so two different queries whose values
/// hold these characters can share one string to sign.
#[must_use]
pub fn string_to_sign(method: &http::Method, path: &str, query: &[(&str, &str)]) -> String {
    let query_bytes: usize = query
        .iter()
        .map(|(key, value)| key.len() + value.len() + 2)
        .sum();
    let mut text = String::with_capacity(method.as_str().len() + path.len() + query_bytes + 2);
    text.push_str(method.as_str());
    text.push('\n');
    text.push_str(path);
    for (place, (key, value)) in query.iter().enumerate() {
        text.push(if place == 0 { '\n' } else { '&' });
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// The `auth_signature` of a [`string_to_sign`]: 64 lower-case hexadecimal digits.
#[must_use]
pub fn sign(token: &Token, string_to_sign: &str) -> String {
    token.sign(&[string_to_sign])
}
