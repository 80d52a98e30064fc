//! Extractors for the browser's authorization requests.

use axum_core::extract::{DefaultBodyLimit, FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};

use super::Rejection;
use crate::auth::{ChannelAuthRequest, UserAuthRequest};
use crate::error::Error;

/// The encodings of a browser's request.
enum Form {
    Query,
    UrlEncoded,
    Json,
}

impl Form {
    fn of(request: &Request) -> Result<Self, Rejection> {
        if matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(Self::Query);
        }
        let media_type = media_type(request.headers()).ok_or(Rejection::MediaType)?;
        let is = |name: &str| media_type.eq_ignore_ascii_case(name);
        if is("application/x-www-form-urlencoded") {
            Ok(Self::UrlEncoded)
        } else if is("application/json") {
            Ok(Self::Json)
        } else {
            Err(Rejection::MediaType)
        }
    }
}

/// The content type without its parameters.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    content_type.split(';').next().map(str::trim)
}

/// The functions that parse a request, one for each encoding.
struct Parse<T> {
    query: fn(&str) -> Result<T, Error>,
    form: fn(&[u8]) -> Result<T, Error>,
    json: fn(&[u8]) -> Result<T, Error>,
}

impl<T> Parse<T> {
    async fn read(self, mut request: Request) -> Result<T, Rejection> {
        let parsed = match Form::of(&request)? {
            Form::Query => (self.query)(request.uri().query().unwrap_or_default()),
            Form::UrlEncoded => (self.form)(&body(&mut request).await?),
            Form::Json => (self.json)(&body(&mut request).await?),
        };
        Ok(parsed?)
    }
}

async fn body(request: &mut Request) -> Result<Bytes, Rejection> {
    let mut request = std::mem::take(request);
    DefaultBodyLimit::max(ChannelAuthRequest::MAX_BODY_BYTES).apply(&mut request);
    Ok(Bytes::from_request(request, &()).await?)
}

impl ChannelAuthRequest {
    /// The maximum size of a request body that the extractors read, in bytes: 64 KiB.
    ///
    /// pusher-js sends a few hundred bytes and the parameters that a page adds.
    pub const MAX_BODY_BYTES: usize = 64 * 1024;
}

macro_rules! extractors {
    ($($name:ident),*) => {$(
        /// Rejects requests with a [`Rejection`]: 400, 413 or 415.
        impl<S: Sync> FromRequest<S> for $name {
            type Rejection = Rejection;

            async fn from_request(request: Request, _: &S) -> Result<Self, Rejection> {
                let parse = Parse {
                    query: Self::from_query,
                    form: Self::from_form,
                    json: Self::from_json,
                };
                parse.read(request).await
            }
        }
    )*};
}

extractors!(ChannelAuthRequest, UserAuthRequest);
