//! Signing a request, and the request once it is signed.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use percent_encoding::utf8_percent_encode;
use url::Url;

use super::percent::{RESERVED, is_unreserved};
use super::{Request, signature};
use crate::app::{Address, App};
use crate::error::Error;
use crate::token::push_hex;

const LIBRARY_HEADER: HeaderName = HeaderName::from_static("x-pusher-library");
const LIBRARY: HeaderValue = HeaderValue::from_static(concat!(
    env!("CARGO_PKG_NAME"),
    " ",
    env!("CARGO_PKG_VERSION")
));

impl App {
    /// Signs a request for a time in Unix seconds; servers accept it for 600 seconds before and
    /// after.
    #[must_use]
    pub fn sign(&self, request: &Request, timestamp: u64) -> SignedRequest {
        let body_md5 = signature::md5_of(&request.body);
        let mut timestamp_text = itoa::Buffer::new();
        let own = [
            ("auth_key", self.token().key()),
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
        let address = self.address();
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
            self.token().mac(&pieces)
        } else {
            let text = signature::string_to_sign(method, path, query);
            self.token().mac(&[text])
        };
        target.push_str("&auth_signature=");
        push_hex(&mut target, &signature);
        SignedRequest {
            address: address.clone(),
            method: method.clone(),
            target,
            query_start,
            body: request.body.clone(),
        }
    }
}

/// A request that is ready to be sent, within 600 seconds of the time it was signed for.
///
/// Its URL holds the signature, which lets anybody repeat the request until it expires: `Debug`
/// does not show it, and it does not belong in a log.
#[derive(Clone)]
pub struct SignedRequest {
    address: Arc<Address>,
    method: Method,
    /// Path and query, as they stand on the wire.
    target: String,
    query_start: usize,
    body: Bytes,
}

impl SignedRequest {
    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The whole URL, signature included.
    #[must_use]
    pub fn url(&self) -> Url {
        self.address.url_of(self.path(), self.query_string())
    }

    /// The path with the path prefix, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.target[..self.query_start - 1]
    }

    /// The query alone, signature included, without the question mark.
    #[must_use]
    pub fn query_string(&self) -> &str {
        &self.target[self.query_start..]
    }

    /// The body; empty for none.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Takes the body.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// The headers to send: `X-Pusher-Library`, and `Content-Type: application/json` with a
    /// body.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        // Room for what HTTP clients add.
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(LIBRARY_HEADER, LIBRARY);
        if !self.body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        headers
    }

    /// The request as the `http` crate has it, for any HTTP client.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the URL is longer than that crate takes: 65,534 bytes.
    pub fn into_http(self) -> Result<http::Request<Bytes>, Error> {
        let malformed = |error: http::Error| Error::invalid("URL", "", error.to_string());
        let headers = self.headers();
        let target = PathAndQuery::from_maybe_shared(Bytes::from(self.target))
            .map_err(|error| malformed(error.into()))?;
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.address.scheme.clone());
        parts.authority = Some(self.address.authority.clone());
        parts.path_and_query = Some(target);
        let uri = http::Uri::from_parts(parts).map_err(|error| malformed(error.into()))?;
        let mut request = http::Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
