//! Why a webhook is refused.

use std::time::Duration;

use super::Error;
use super::excerpt::{REASON_CHARS, excerpt};

/// Why a webhook is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The `X-Pusher-Key` header is missing or not text.
    #[error("no X-Pusher-Key header")]
    MissingKey,
    /// No configured token has that key.
    #[error("X-Pusher-Key is of no configured token: add the app's older token, or check the app")]
    UnknownKey,
    /// The `X-Pusher-Signature` header is missing or not text.
    #[error("no X-Pusher-Signature header")]
    MissingSignature,
    /// The signature is not that of the raw body with the key's secret.
    #[error("the signature does not fit the body: pass the raw body, and check the secret")]
    InvalidSignature,
    /// The body is empty.
    #[error("the body is empty")]
    MissingBody,
    /// The body is signed and yet is not a webhook's JSON.
    #[error("the signed body is not a webhook: {0}")]
    Malformed(String),
    /// `time_ms` is outside the age window.
    #[error("time_ms is {off:?} away from now, the window is {window:?}")]
    #[non_exhaustive]
    OutsideWindow {
        /// The distance between the webhook's time and now, in either direction.
        off: Duration,
        /// The window in force.
        window: Duration,
    },
}

impl WebhookError {
    #[cold]
    pub(crate) fn malformed(error: &serde_json::Error) -> Self {
        Self::Malformed(excerpt(&error.to_string(), REASON_CHARS))
    }
}

impl From<WebhookError> for Error {
    fn from(refusal: WebhookError) -> Self {
        Self::Webhook(refusal)
    }
}
