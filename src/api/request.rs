//! A request of the HTTP API, before and after it is signed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::signature;
use crate::app::{Address, App, is_dots};
use crate::error::Error;
use crate::token::push_hex;

/// What stays as it is in a query value and in a path segment: RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// The query parameters that signing adds.
const SIGNING_KEYS: [&str; 5] = [
    "auth_key",
    "auth_timestamp",
    "auth_version",
    "body_md5",
    "auth_signature",
];

const LIBRARY_HEADER: HeaderName = HeaderName::from_static("x-pusher-library");
const LIBRARY: HeaderValue = HeaderValue::from_static(concat!(
    env!("CARGO_PKG_NAME"),
    " ",
    env!("CARGO_PKG_VERSION")
));

/// A request before it is signed: method, path, query and body.
///
/// ```
/// use pusher_http::{App, api::Request};
///
/// let app = App::builder("3", "key", "secret").build()?;
/// let request = Request::get(app.path("/channels"))?.query("info", "user_count")?;
/// let signed = app.sign(&request, 1_353_088_179);
/// assert!(signed.query_string().starts_with("auth_key=key&auth_timestamp=1353088179&"));
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows the body's size alone: it may be private.
#[derive(Clone)]
pub struct Request {
    method: Method,
    path: Arc<str>,
    query: Vec<(Cow<'static, str>, String)>,
    body: Bytes,
}

impl Request {
    /// A `GET` of a whole path, such as [`App::path`] gives, percent-encoded as on the wire.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a path that a URL parser would change: it has to begin with a
    /// slash and may have no `?`, `#`, space, dot segment or anything but visible ASCII.
    pub fn get(path: impl Into<String>) -> Result<Self, Error> {
        Self::new(Method::GET, path, Bytes::new())
    }

    /// A `POST` of a JSON body to a whole path; see [`get`](Self::get) for the path.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn post(path: impl Into<String>, body: impl Into<Bytes>) -> Result<Self, Error> {
        Self::new(Method::POST, path, body)
    }

    /// A request of any method; see [`get`](Self::get) for the path.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn new(
        method: Method,
        path: impl Into<String>,
        body: impl Into<Bytes>,
    ) -> Result<Self, Error> {
        let path = path.into();
        let is_plain = |b: u8| {
            b.is_ascii_graphic()
                && !matches!(b, b'?' | b'#' | b'\\' | b'"' | b'<' | b'>')
                && !matches!(b, b'`' | b'{' | b'}' | b'^' | b'|')
        };
        if !path.starts_with('/')
            || path.starts_with("//")
            || !path.bytes().all(is_plain)
            || path.split('/').any(is_dots)
        {
            // What follows a question mark may be a signature.
            let shown = path.split('?').next().unwrap_or_default();
            return Err(Error::invalid(
                "path",
                shown,
                "it must begin with one slash, be percent-encoded, and have no query, no \
                 fragment and no dot segments",
            ));
        }
        Ok(Self {
            method,
            path: path.into(),
            query: Vec::new(),
            body: body.into(),
        })
    }

    /// A `POST` of a trigger.
    pub(super) fn events(app: &App, body: Vec<u8>) -> Self {
        Self::of_app(&app.address().events.signed, body)
    }

    /// A `POST` of a batch.
    pub(super) fn batch_events(app: &App, body: Vec<u8>) -> Self {
        Self::of_app(&app.address().batch_events.signed, body)
    }

    fn of_app(path: &Arc<str>, body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            path: path.clone(),
            query: Vec::new(),
            body: body.into(),
        }
    }

    /// Adds a query parameter; its value is any text, encoded on the wire.
    ///
    /// The protocol signs keys and values decoded, joined by `&` and `=`, so one signature can be
    /// that of several queries: `x=1%26y%3D2` and `x=1&y=2` share theirs, and whoever has the
    /// signed URL can send either. No reading has another key, time, version or body, but a `POST`
    /// with a parameter can be read as one without `body_md5`, and so without its body. A value
    /// that could stand for a parameter that signing adds is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a key that signing adds itself, that was added before, or that is
    /// not of `a-z 0-9 _ - .`: servers disagree on how to sign any other; and for a value that
    /// has such a text as `&auth_key=`, in any casing.
    pub fn query(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Result<Self, Error> {
        let key = key.into();
        let refuse = |key, reason: &str| Err(Error::invalid("query key", key, reason));
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
        if key.is_empty() || !key.bytes().all(is_plain) {
            return refuse(key, "it must be of a-z 0-9 _ - .");
        }
        if SIGNING_KEYS.contains(&key.as_ref()) {
            return refuse(key, "signing adds it");
        }
        if self.query.iter().any(|(added, _)| *added == key) {
            return refuse(key, "it was added before");
        }
        let value = value.into();
        if let Some(name) = signing_key_in(&value) {
            let reason = format!("it has &{name}=, which shares its signature with that parameter");
            return Err(Error::invalid("query value", key, reason));
        }
        self.query.push((key, value));
        Ok(self)
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path that is signed.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The body; empty for none.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// The parameter of signing that a value could stand for, in any casing: servers lower it.
fn signing_key_in(value: &str) -> Option<&'static str> {
    value.split('&').skip(1).find_map(|part| {
        let (key, _) = part.split_once('=')?;
        SIGNING_KEYS
            .into_iter()
            .find(|name| key.eq_ignore_ascii_case(name))
    })
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

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

/// A path segment with everything but RFC 3986's unreserved characters encoded.
pub(super) fn encoded_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
