//! A request of the HTTP API, before and after signing.
//!
//! Signing follows the steps of "Generating authentication signatures" in
//! [`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/): the body's MD5,
//! the string to sign, and its HMAC.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use http::{Method, Uri};
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::app::App;
use crate::builder::is_dots;
use crate::credentials::HexDigest;
use crate::error::Error;

/// The query parameters that signing adds.
const SIGNING_KEYS: [&str; 5] = [
    "auth_key",
    "auth_timestamp",
    "auth_version",
    "body_md5",
    "auth_signature",
];

/// An unsigned request: method, path, query and body.
///
/// The path is relative to the app, such as `/channels` for `/apps/{app_id}/channels`.
///
/// ```
/// use pusher_http::{App, api::Request};
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let request = Request::get("/channels")?.query("info", "user_count")?;
/// let signed = app.sign(&request, 1_353_088_179)?;
/// assert_eq!(signed.uri().path(), "/apps/3/channels");
/// let query = signed.uri().query().unwrap_or_default();
/// assert!(query.starts_with("auth_key=key&auth_timestamp=1353088179&"));
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows only the size of the body, which may be private.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: Cow<'static, str>,
    pub(super) query: Vec<(Cow<'static, str>, String)>,
    pub(super) body: Bytes,
}

impl Request {
    /// Creates a `GET` request.
    ///
    /// `path` is the part after `/apps/{app_id}`, percent-encoded as it is sent.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a path that a URL parser would change. A path must begin with a
    /// slash, consist of visible ASCII characters, and contain no second slash at its start, no dot segment
    /// and none of `` ? # \ " < > ` { } ^ | ``.
    pub fn get(path: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Self::new(Method::GET, path, Bytes::new())
    }

    /// Creates a `POST` request with a JSON body. See [`get`](Self::get) for the path.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    pub fn post(path: impl Into<Cow<'static, str>>, body: impl Into<Bytes>) -> Result<Self, Error> {
        Self::new(Method::POST, path, body)
    }

    /// Creates a request with any method. See [`get`](Self::get) for the path.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    pub fn new(
        method: Method,
        path: impl Into<Cow<'static, str>>,
        body: impl Into<Bytes>,
    ) -> Result<Self, Error> {
        let path = path.into();
        let is_plain = |b: u8| b.is_ascii_graphic() && !b"?#\\\"<>`{}^|".contains(&b);
        if !path.starts_with('/')
            || path.starts_with("//")
            || !path.bytes().all(is_plain)
            || path.split('/').any(is_dots)
        {
            // A signature may follow the question mark.
            let shown = path.split('?').next().unwrap_or_default();
            let reason = "it must begin with one slash, be percent-encoded, and have no query, no \
                          fragment and no dot segments";
            return Err(Error::invalid("path", shown, reason));
        }
        Ok(Self {
            method,
            path,
            query: Vec::new(),
            body: body.into(),
        })
    }

    /// Adds a query parameter. The value is any text, and is encoded when it is sent.
    ///
    /// The protocol signs keys and values decoded, joined by `&` and `=`. One signature can
    /// therefore match several queries: `x=1%26y%3D2` and `x=1&y=2` have the same signature, and
    /// anybody who has the signed URL can send either. No such query has another key, time, version
    /// or body. But a `POST` with a parameter can be read as one without `body_md5`, and so without
    /// its body. A value that could be read as a parameter that signing adds is rejected.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a key that signing adds, that was added before, or that has
    /// characters other than `a-z 0-9 _ - .`, since servers disagree on how to sign those. Also for
    /// a value that contains text like `&auth_key=`, in upper or lower case.
    pub fn query(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Result<Self, Error> {
        let key = key.into();
        let reject = |key, reason: &str| Err(Error::invalid("query key", key, reason));
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
        if key.is_empty() || !key.bytes().all(is_plain) {
            return reject(key, "it must be of a-z 0-9 _ - .");
        }
        if SIGNING_KEYS.contains(&key.as_ref()) {
            return reject(key, "signing adds it");
        }
        if self.query.iter().any(|(added, _)| *added == key) {
            return reject(key, "it was added before");
        }
        let value = value.into();
        if let Some(name) = signing_key_in(&value) {
            let reason = format!("it has &{name}=, which shares its signature with that parameter");
            return Err(Error::invalid("query value", key, reason));
        }
        self.query.push((key, value));
        Ok(self)
    }

    /// Returns the method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path after `/apps/{app_id}`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the body, which may be empty.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// Finds a signing parameter that the value could be read as.
///
/// Servers convert keys to lower case, so the comparison ignores case.
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

const LIBRARY_HEADER: HeaderName = HeaderName::from_static("x-pusher-library");
const LIBRARY: HeaderValue = HeaderValue::from_static(concat!(
    env!("CARGO_PKG_NAME"),
    " ",
    env!("CARGO_PKG_VERSION")
));

/// The characters that are encoded in query values and path segments.
///
/// Only the unreserved characters of RFC 3986 are kept, since servers differ on which others they
/// accept unencoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A signed request, which is ready to send.
///
/// Servers accept it within [600 seconds](Self::VALID_SECONDS) of the time it was signed for.
///
/// It wraps an [`http::Request`], for any HTTP client. Its URI contains the signature, which lets
/// anybody repeat the request until it expires. Keep the URI out of logs; `Debug` does not show it.
#[derive(Clone)]
pub struct SignedRequest(http::Request<Bytes>);

impl SignedRequest {
    /// Seconds before and after the signing time in which servers accept a request.
    pub const VALID_SECONDS: u64 = 600;

    /// Signs a request for a time in Unix seconds.
    pub(crate) fn new(app: &App, request: &Request, timestamp: u64) -> Result<Self, Error> {
        let credentials = &app.credentials[0];
        let mut hex = HexDigest::new();
        let mut digits = itoa::Buffer::new();
        let own = [
            ("auth_key", credentials.key()),
            ("auth_timestamp", digits.format(timestamp)),
            ("auth_version", "1.0"),
            ("body_md5", md5_hex(&request.body, &mut hex)),
        ];
        let has_body = !request.body.is_empty();
        let mut query = Cow::Borrowed(&own[..if has_body { 4 } else { 3 }]);
        if !request.query.is_empty() {
            let query = query.to_mut();
            query.extend(request.query.iter().map(|(k, v)| (k.as_ref(), v.as_str())));
            query.sort_unstable();
        }
        let path = ["/apps/", &app.id, &request.path];
        let signature = credentials.mac(signed_pieces(&request.method, path, &query));

        let query_bytes: usize = query.iter().map(|(k, v)| k.len() + v.len() + 2).sum();
        let path_bytes: usize = path.iter().map(|piece| piece.len()).sum();
        let mut target =
            String::with_capacity(app.address.prefix.len() + path_bytes + query_bytes + 80);
        target.push_str(&app.address.prefix);
        target.extend(path);
        for (place, (key, value)) in query.iter().enumerate() {
            target.push(if place == 0 { '?' } else { '&' });
            target.push_str(key);
            target.push('=');
            target.extend(utf8_percent_encode(value, RESERVED));
        }
        target.push_str("&auth_signature=");
        target.push_str(HexDigest::new().format(&signature));
        let mut signed = http::Request::new(request.body.clone());
        *signed.method_mut() = request.method.clone();
        *signed.uri_mut() = app.address.uri(target)?;
        let headers = signed.headers_mut();
        // HTTP clients add headers of their own.
        headers.reserve(4);
        headers.insert(LIBRARY_HEADER, LIBRARY);
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(Self(signed))
    }

    /// Returns the whole URI, including the signature.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.0.uri()
    }

    /// Returns a reference to the request.
    #[must_use]
    pub fn as_http(&self) -> &http::Request<Bytes> {
        &self.0
    }

    /// Returns the request. The `Debug` of [`http::Request`] shows the signature.
    #[must_use]
    pub fn into_http(self) -> http::Request<Bytes> {
        self.0
    }
}

/// Returns the MD5 of a body as hexadecimal digits.
pub(super) fn md5_hex<'a>(body: &[u8], digits: &'a mut HexDigest<16>) -> &'a str {
    digits.format(&Md5::digest(body).into())
}

/// Returns the text to sign: method, path and query, each on its own line.
///
/// The query's keys are in lower case and sorted, and its values are decoded.
pub(super) fn signed_pieces<'a, const N: usize>(
    method: &'a Method,
    path: [&'a str; N],
    query: &'a [(&'a str, &'a str)],
) -> impl Iterator<Item = &'a str> {
    let parameters = query.iter().enumerate().flat_map(|(place, (key, value))| {
        let separator = if place == 0 { "\n" } else { "&" };
        [separator, *key, "=", *value]
    });
    [method.as_str(), "\n"]
        .into_iter()
        .chain(path)
        .chain(parameters)
}

/// Encodes a text as a path segment.
pub(super) fn encoded_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
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

/// The address of an app's server.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) url: Url,
    scheme: Scheme,
    authority: Authority,
    /// The path prefix, with one slash before it and none after it; empty if there is none.
    pub(crate) prefix: String,
}

impl Address {
    pub(crate) fn new(url: Url) -> Result<Self, Error> {
        let malformed =
            |error: http::Error| Error::config("host", format!("is malformed: {error}"));
        let scheme = Scheme::try_from(url.scheme()).map_err(|error| malformed(error.into()))?;
        let authority =
            Authority::try_from(url.authority()).map_err(|error| malformed(error.into()))?;
        Ok(Self {
            scheme,
            authority,
            prefix: url.path().trim_end_matches('/').to_owned(),
            url,
        })
    }

    /// Builds the whole URI, including the prefix, for a path and its query.
    pub(crate) fn uri(&self, path_and_query: String) -> Result<Uri, Error> {
        let malformed = |error: http::Error| Error::invalid("URL", "", error.to_string());
        let path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(path_and_query))
            .map_err(|error| malformed(error.into()))?;
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).map_err(|error| malformed(error.into()))
    }
}
