//! Converts an error to a response with a status and no details.

use std::sync::Arc;

use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};

use crate::error::{ApiErrorKind, Error, Outcome, WebhookError};

/// Responds with the status from [the table](super#responses) and its reason phrase.
///
/// The error itself is in the response's extensions, as an `Arc<Error>`.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = status(&self);
        let mut response = plain(status);
        if status == StatusCode::SERVICE_UNAVAILABLE
            && let Some(wait) = self.retry_after()
        {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A response with the status, and its reason phrase as the body.
///
/// For example, the body of a `401 Unauthorized` is `Unauthorized`.
pub(super) fn plain(status: StatusCode) -> Response {
    (status, status.canonical_reason().unwrap_or_default()).into_response()
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::Invalid { .. } => StatusCode::BAD_REQUEST,
        Error::Limit { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Webhook(WebhookError::MissingBody | WebhookError::Malformed(_)) => {
            StatusCode::BAD_REQUEST
        }
        Error::Webhook(_) => StatusCode::UNAUTHORIZED,
        Error::Config { .. }
        | Error::Serialize { .. }
        | Error::Encryption { .. }
        | Error::Random { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        Error::Timeout { .. } | Error::Deadline { .. } => StatusCode::GATEWAY_TIMEOUT,
        Error::Api(error) if error.kind() == ApiErrorKind::TooLarge => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Error::Partial(partial) if error.outcome() == Outcome::NotAccepted => {
            status(partial.cause())
        }
        // A 503 invites a retry, which could deliver events twice if the service may have acted.
        _ if error.is_retryable() && error.outcome() == Outcome::NotAccepted => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Api(_)
        | Error::Connect { .. }
        | Error::Transport { .. }
        | Error::UnusableResponse { .. }
        | Error::Decode { .. }
        | Error::Partial(_) => StatusCode::BAD_GATEWAY,
    }
}
