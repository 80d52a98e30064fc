//! A request of the HTTP API before it is signed.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::Method;

use crate::builder::is_dots;
use crate::error::Error;

/// The query parameters that signing adds.
const SIGNING_KEYS: [&str; 5] = [
    "auth_key",
    "auth_timestamp",
    "auth_version",
    "body_md5",
    "auth_signature",
];

/// A request before it is signed: method, path, query and body.
///
/// ```
/// use pusher_http::{App, api::Request};
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let request = Request::get(app.path("/channels"))?.query("info", "user_count")?;
/// let signed = app.sign(&request, 1_353_088_179)?;
/// let query = signed.uri().query().unwrap_or_default();
/// assert!(query.starts_with("auth_key=key&auth_timestamp=1353088179&"));
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows the body's size alone: it may be private.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(Cow<'static, str>, String)>,
    pub(super) body: Bytes,
}

impl Request {
    /// A `GET` of a whole path, such as [`App::path`](crate::App::path) gives, percent-encoded as on the wire.
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
            path,
            query: Vec::new(),
            body: body.into(),
        })
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
