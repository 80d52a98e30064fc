//! Signing a request, and the request once it is signed.

use std::fmt;

use bytes::Bytes;
use http::Uri;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use percent_encoding::utf8_percent_encode;

use super::percent::{RESERVED, is_unreserved};
use super::{Request, signature};
use crate::address::Address;
use crate::error::Error;
use crate::token::{Token, push_hex};

const LIBRARY_HEADER: HeaderName = HeaderName::from_static("x-pusher-library");
const LIBRARY: HeaderValue = HeaderValue::from_static(concat!(
    env!("CARGO_PKG_NAME"),
    " ",
    env!("CARGO_PKG_VERSION")
));

/// Signs a request for a time in Unix seconds.
pub(crate) fn sign(
    token: &Token,
    address: &Address,
    request: &Request,
    timestamp: u64,
) -> Result<SignedRequest, Error> {
    let body_md5 = signature::md5_of(&request.body);
    let mut timestamp_text = itoa::Buffer::new();
    let own = [
        ("auth_key", token.key()),
        ("auth_timestamp", timestamp_text.format(timestamp)),
        ("auth_version", "1.0"),
        ("body_md5", body_md5.as_str()),
    ];
    let own = if request.body.is_empty() {
        &own[..3]
    } else {
        &own
    };
    let sorted: Vec<_>;
    let query = if request.query.is_empty() {
        own
    } else {
        let more = request.query.iter().map(|(k, v)| (k.as_ref(), v.as_str()));
        let mut all: Vec<_> = own.iter().copied().chain(more).collect();
        all.sort_unstable();
        sorted = all;
        &sorted
    };
    let mut target = String::with_capacity(address.prefix.len() + request.path.len() + 256);
    target.push_str(&address.prefix);
    target.push_str(&request.path);
    let query_start = target.len() + 1;
    let mut is_as_signed = true;
    for (place, (key, value)) in query.iter().enumerate() {
        target.push(if place == 0 { '?' } else { '&' });
        target.push_str(key);
        target.push('=');
        if value.bytes().all(is_unreserved) {
            target.push_str(value);
        } else {
            target.extend(utf8_percent_encode(value, RESERVED));
            is_as_signed = false;
        }
    }
    let (method, path) = (&request.method, &request.path);
    let signature = if is_as_signed {
        let wire_query = &target[query_start..];
        let pieces = [method.as_str(), "\n", path, "\n", wire_query];
        token.mac(&pieces)
    } else {
        let text = signature::string_to_sign(method, path, query);
        token.mac(&[text])
    };
    target.push_str("&auth_signature=");
    push_hex(&mut target, &signature);
    let mut signed = http::Request::new(request.body.clone());
    *signed.method_mut() = method.clone();
    *signed.uri_mut() = address.uri(target)?;
    let headers = signed.headers_mut();
    // Room for what HTTP clients add.
    headers.reserve(4);
    headers.insert(LIBRARY_HEADER, LIBRARY);
    if !request.body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(SignedRequest(signed))
}

/// A request that is ready to be sent, within 600 seconds of the time it was signed for.
///
/// It is an [`http::Request`], for any HTTP client. Its URI holds the signature, which lets anybody
/// repeat the request until it expires: it does not belong in a log, and `Debug` does not show it.
#[derive(Clone)]
pub struct SignedRequest(http::Request<Bytes>);

impl SignedRequest {
    /// The whole URI, signature included.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.0.uri()
    }

    /// The request by reference.
    #[must_use]
    pub fn as_http(&self) -> &http::Request<Bytes> {
        &self.0
    }

    /// The request. Its own `Debug` shows the signature.
    #[must_use]
    pub fn into_http(self) -> http::Request<Bytes> {
        self.0
    }
}

impl From<SignedRequest> for http::Request<Bytes> {
    fn from(request: SignedRequest) -> Self {
        request.0
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("method", self.0.method())
            .field("path", &self.0.uri().path())
            .field("body_bytes", &self.0.body().len())
            .finish_non_exhaustive()
    }
}
