//! The error of a rejected webhook.

use std::time::Duration;

use super::Error;
use super::excerpt::{REASON_CHARS, excerpt};

/// The reason why a webhook is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The `X-Pusher-Key` header is missing or is not text.
    #[error("no X-Pusher-Key header")]
    MissingKey,
    /// None of the configured credentials have the key of the `X-Pusher-Key` header.
    #[error(
        "X-Pusher-Key is not a configured key: add the app's older credentials, or check the app"
    )]
    UnknownKey,
    /// The `X-Pusher-Signature` header is missing or is not text.
    #[error("no X-Pusher-Signature header")]
    MissingSignature,
    /// The signature does not match the raw body and the key's secret.
    #[error("the signature does not fit the body: pass the raw body, and check the secret")]
    InvalidSignature,
    /// The body is empty.
    #[error("the body is empty")]
    MissingBody,
    /// The body has a valid signature, but is not the JSON of a webhook.
    #[error("the signed body is not a webhook: {0}")]
    Malformed(String),
    /// The webhook's `time_ms` is outside of the age window.
    #[error("time_ms is {off:?} away from now, the window is {window:?}")]
    #[non_exhaustive]
    OutsideWindow {
        /// The difference between the webhook's time and now, in either direction.
        off: Duration,
        /// The configured window.
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
    fn from(error: WebhookError) -> Self {
        Self::Webhook(error)
    }
}
