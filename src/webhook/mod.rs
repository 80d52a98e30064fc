//! Webhooks: events that the service reports to a server, verified before they are parsed.
//!
//! The format is described in [`webhooks`](https://pusher.com/docs/channels/server_api/webhooks/).

mod event;
mod parse;
mod signature;

pub use event::{ClientEvent, WebhookEvent};
pub use signature::WebhookSignature;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use crate::credentials::Credentials;
use crate::encryption::MasterKey;
use crate::error::{Error, WebhookError};

/// A verified webhook: its events, in the order in which they happened.
///
/// [`App::webhook`](crate::App::webhook) and `Pusher::webhook` create one from a request's headers
/// and raw body.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Webhook {
    /// The time when the service sent the webhook, in Unix milliseconds.
    ///
    /// Some self-hosted servers send seconds, which are converted.
    pub time_ms: u64,
    /// The events. A webhook can contain several.
    pub events: Vec<WebhookEvent>,
}

impl Webhook {
    /// Verifies and parses a webhook, given its request's headers and raw body.
    ///
    /// Any of the app's `credentials` may have signed it.
    ///
    /// # Errors
    ///
    /// [`Error::Webhook`] says why the webhook can't be trusted or parsed. Respond with 401 or 400.
    /// The service retries for 5 minutes after any status except 2xx.
    pub fn from_headers<'c>(
        credentials: impl IntoIterator<Item = &'c Credentials>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Error> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self::from_parts(
            credentials,
            header(signature::KEY_HEADER),
            header(signature::SIGNATURE_HEADER),
            body,
        )
    }

    /// Verifies and parses a webhook, given the values of two headers and the raw body.
    ///
    /// The headers are `X-Pusher-Key` and `X-Pusher-Signature`. Any of the app's `credentials` may
    /// have signed the webhook.
    ///
    /// # Errors
    ///
    /// The errors of [`from_headers`](Self::from_headers).
    pub fn from_parts<'c>(
        credentials: impl IntoIterator<Item = &'c Credentials>,
        key: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<Self, Error> {
        signature::verify(credentials, key, signature, body)?;
        parse::webhook(body).map_err(|error| WebhookError::malformed(&error).into())
    }

    /// Decrypts the data of client events on encrypted channels.
    ///
    /// Encrypted data is decrypted with the first of `keys` that fits. All other data is kept
    /// unchanged: see [`ClientEvent::decrypted`].
    #[must_use]
    pub fn decrypted<'k>(
        mut self,
        keys: impl IntoIterator<Item = &'k MasterKey, IntoIter: Clone>,
    ) -> Self {
        let keys = keys.into_iter();
        for event in &mut self.events {
            if let WebhookEvent::ClientEvent(event) = event {
                event.decrypt(keys.clone());
            }
        }
        self
    }

    /// Rejects a webhook whose time is more than `window` before or after `now`, such as a replayed one.
    ///
    /// The service retries for 5 minutes and signs each webhook only once, so a window of less than
    /// 5 minutes can lose events.
    ///
    /// # Errors
    ///
    /// [`WebhookError::OutsideWindow`] says how far the time is from `now`.
    pub fn check_age(&self, now: SystemTime, window: Duration) -> Result<(), Error> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let off = now.abs_diff(Duration::from_millis(self.time_ms));
        if off <= window {
            return Ok(());
        }
        Err(WebhookError::OutsideWindow { off, window }.into())
    }
}
