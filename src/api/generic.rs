//! Any other endpoint: a signed call with a typed response.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Endpoint, Request};
use crate::app::App;
use crate::error::Error;

/// A signed call to any endpoint below `/apps/{app_id}`, with a JSON response of type `T`.
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
/// let call = GenericCall::<Room>::get("/channels/room-1")?.query("info", "subscription_count")?;
/// let signed_at = 1_353_088_179; // Unix seconds
/// let request = app.sign(&call.request(&app)?, signed_at)?.into_http();
/// assert_eq!(request.uri().path(), "/apps/3/channels/room-1");
///
/// let body = r#"{"occupied":false}"#;
/// let room = call.read(&http::Response::new(body.into()), signed_at)?;
/// assert_eq!(room.occupied, false);
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct GenericCall<T> {
    request: Request,
    response: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> GenericCall<T> {
    /// Creates a `GET` call. `path` is the part after `/apps/{app_id}`; see [`Request::get`].
    ///
    /// # Errors
    ///
    /// The errors of [`Request::get`].
    pub fn get(path: impl Into<Cow<'static, str>>) -> Result<Self, Error> {
        Request::get(path).map(Self::new)
    }

    /// Creates a `POST` call with `body` as JSON. See [`Request::get`] for the path.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] if the body can't be serialised, and the errors of [`Request::get`].
    pub fn post(path: impl Into<Cow<'static, str>>, body: impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(&body).map_err(Error::serialize("body"))?;
        Request::post(path, body).map(Self::new)
    }

    fn new(request: Request) -> Self {
        Self {
            request,
            response: PhantomData,
        }
    }

    /// Adds a query parameter. See [`Request::query`].
    ///
    /// # Errors
    ///
    /// The errors of [`Request::query`].
    pub fn query(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Result<Self, Error> {
        self.request = self.request.query(key, value)?;
        Ok(self)
    }
}

impl<T: DeserializeOwned> Endpoint for GenericCall<T> {
    const NAME: &'static str = "generic call";
    type Response = T;

    fn request(&self, _: &App) -> Result<Request, Error> {
        Ok(self.request.clone())
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        serde_json::from_slice(body)
    }
}
