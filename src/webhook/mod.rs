//! Webhooks: what the service tells a server, verified before it is parsed.
//!
//! The format is that of
//! [`webhooks`](https://pusher.com/docs/channels/server_api/webhooks/).

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

/// A verified webhook: its events, in the order they happened.
///
/// [`App::webhook`](crate::App::webhook) and `Pusher::webhook` make one of a request's headers and raw body.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Webhook {
    /// When the service sent it, in Unix milliseconds. Some self-hosted servers send seconds;
    /// these are converted.
    pub time_ms: u64,
    /// What happened; several events can come in one webhook.
    pub events: Vec<WebhookEvent>,
}

impl Webhook {
    /// Verifies and parses a webhook's raw body by its request's headers, with any of an app's
    /// credentials.
    ///
    /// # Errors
    ///
    /// [`Error::Webhook`] says why it can't be trusted, or read. Answer it with 401 or 400: the
    /// service tries again, for 5 minutes, after any status but 2xx.
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

    /// Verifies and parses a webhook's raw body by the values of its `X-Pusher-Key` and
    /// `X-Pusher-Signature` headers, with any of an app's credentials.
    ///
    /// # Errors
    ///
    /// As [`from_headers`](Self::from_headers).
    pub fn from_parts<'c>(
        credentials: impl IntoIterator<Item = &'c Credentials>,
        key: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<Self, Error> {
        signature::verify(credentials, key, signature, body)?;
        parse::webhook(body).map_err(|error| WebhookError::malformed(&error).into())
    }

    /// Opens the data of client events on encrypted channels, where it is an envelope, with the
    /// first of `keys` that fits. All other data stays as it is: see
    /// [`ClientEvent::decrypted`].
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

    /// Refuses a webhook whose time is more than `window` before or after `now`: a replay.
    ///
    /// The service tries again for 5 minutes and signs each webhook once, so a window below
    /// that can lose events.
    ///
    /// # Errors
    ///
    /// [`WebhookError::OutsideWindow`] says how far it is.
    pub fn check_age(&self, now: SystemTime, window: Duration) -> Result<(), Error> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let off = now.abs_diff(Duration::from_millis(self.time_ms));
        if off <= window {
            return Ok(());
        }
        Err(WebhookError::OutsideWindow { off, window }.into())
    }
}
