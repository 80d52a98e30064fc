//! Any other endpoint: a signed call with a typed answer.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Endpoint, Request};
use crate::app::App;
use crate::error::Error;

/// A signed call of any endpoint below `/apps/{app_id}`, whose JSON answer becomes a `T`.
///
/// ```
/// use pusher_http::App;
/// use pusher_http::api::{Endpoint, GenericCall};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Room { occupied: bool }
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let call = GenericCall::<Room>::get("/channels/room-1").query("info", "subscription_count");
/// let signed_at = 1_353_088_179; // Unix seconds
/// let request = app.sign(&call.request(&app)?, signed_at)?.into_http();
/// assert_eq!(request.uri().path(), "/apps/3/channels/room-1");
///
/// let body = r#"{"occupied":false}"#;
/// let answer = call.read(&http::Response::new(body.into()), signed_at)?;
/// assert_eq!(answer.occupied, false);
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows the body's size alone: it may be private.
#[derive(Clone)]
pub struct GenericCall<T> {
    method: http::Method,
    path: String,
    query: Vec<(String, String)>,
    body: Bytes,
    answer: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> GenericCall<T> {
    /// A `GET` of `path`, which comes after `/apps/{app_id}`, begins with a slash, and is
    /// percent-encoded as on the wire.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(http::Method::GET, path.into(), Bytes::new())
    }

    /// A `POST` of the JSON of `body` to `path`; see [`get`](Self::get) for the path.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] when the body can't be serialised.
    pub fn post(path: impl Into<String>, body: impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(&body).map_err(Error::serialize("body"))?;
        Ok(Self::new(http::Method::POST, path.into(), body.into()))
    }

    fn new(method: http::Method, path: String, body: Bytes) -> Self {
        Self {
            method,
            path,
            query: Vec::new(),
            body,
            answer: PhantomData,
        }
    }

    /// Adds a query parameter; see [`Request::query`] for what is refused when the request is
    /// made.
    #[must_use]
    pub fn query(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((key.into(), value.into()));
        self
    }
}

impl<T> fmt::Debug for GenericCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenericCall")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned> Endpoint for GenericCall<T> {
    const NAME: &'static str = "generic call";
    type Response = T;

    fn request(&self, app: &App) -> Result<Request, Error> {
        if !self.path.starts_with('/') {
            return Err(Error::invalid(
                "path",
                &self.path,
                "it must begin with a slash",
            ));
        }
        let mut request =
            Request::new(self.method.clone(), app.path(&self.path), self.body.clone())?;
        for (key, value) in &self.query {
            request = request.query(key.clone(), value)?;
        }
        Ok(request)
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        serde_json::from_slice(body)
    }
}
