//! Why a request does not come to its handler.

use axum_core::extract::rejection::BytesRejection;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use super::error::plain;
use crate::error::Error;

/// Why an extractor refuses a request.
///
/// As a response it has a status and a few words of its own, and nothing of what was sent: see
/// [the table](super#extractors). A handler that takes `Result<ChannelAuthRequest, Rejection>`
/// answers by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The request's media type is neither that of a form nor JSON: 415.
    #[error("the request is neither a form nor JSON")]
    MediaType,

    /// The body is over the limit, 413, or its connection broke off, 400.
    #[error("the body could not be read")]
    Body(#[from] BytesRejection),

    /// The body was read, and is not to be trusted or not understood: 400 or 401.
    #[error(transparent)]
    Refused(#[from] Error),
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        match self {
            Self::MediaType => plain(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::Body(error) => plain(error.status()),
            Self::Refused(error) => error.into_response(),
        }
    }
}
