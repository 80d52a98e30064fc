//! The rejection of the extractors.

use axum_core::extract::rejection::BytesRejection;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use super::error::plain;
use crate::error::Error;

/// The reason why an extractor rejects a request.
///
/// Its response has a status and a short fixed message, and nothing from the request. See
/// [the table](super#extractors). To respond in another way, a handler can take
/// `Result<ChannelAuthRequest, Rejection>`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The request's media type is neither a form nor JSON: 415.
    #[error("the request is neither a form nor JSON")]
    MediaType,

    /// The body is over the limit (413), or the connection broke (400).
    #[error("the body could not be read")]
    Body(#[from] BytesRejection),

    /// The request was read, but it is invalid or can't be trusted: 400 or 401.
    #[error(transparent)]
    Invalid(#[from] Error),
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self {
            Self::MediaType => plain(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::Body(error) => plain(error.status()),
            Self::Invalid(error) => error.into_response(),
        }
    }
}
