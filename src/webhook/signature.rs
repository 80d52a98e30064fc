//! Webhook signatures: verified for incoming webhooks, and created for users' own tests.

use std::fmt;

use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::credentials::Credentials;
use crate::error::WebhookError;

pub(super) const KEY_HEADER: HeaderName = HeaderName::from_static("x-pusher-key");
pub(super) const SIGNATURE_HEADER: HeaderName = HeaderName::from_static("x-pusher-signature");

pub(super) fn verify<'c>(
    credentials: impl IntoIterator<Item = &'c Credentials>,
    key: Option<&str>,
    signature: Option<&str>,
    body: &[u8],
) -> Result<(), WebhookError> {
    let key = key.ok_or(WebhookError::MissingKey)?;
    let signature = signature.ok_or(WebhookError::MissingSignature)?;
    if body.is_empty() {
        return Err(WebhookError::MissingBody);
    }
    let mut with_key = credentials
        .into_iter()
        .filter(|one| one.key() == key)
        .peekable();
    if with_key.peek().is_none() {
        return Err(WebhookError::UnknownKey);
    }
    if with_key.any(|one| one.verify(&[body], signature)) {
        Ok(())
    } else {
        Err(WebhookError::InvalidSignature)
    }
}

/// The two headers that sign a webhook's body, for tests of your own webhook handler.
///
/// ```
/// use pusher_http::{App, webhook::WebhookSignature};
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let body = br#"{"time_ms":1403175510755,"events":[]}"#;
/// let signed = WebhookSignature::new(app.credentials(), body);
/// assert!(app.webhook(&signed.headers(), body)?.events.is_empty());
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
pub struct WebhookSignature {
    key: String,
    signature: String,
}

impl WebhookSignature {
    /// Signs a raw body, as the service does.
    #[must_use]
    pub fn new(credentials: &Credentials, body: &[u8]) -> Self {
        Self {
            key: credentials.key().to_owned(),
            signature: credentials.sign(&[body]),
        }
    }

    /// Returns the value of `X-Pusher-Key`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the value of `X-Pusher-Signature`.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// Returns both headers. The signature is marked as sensitive.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        [(KEY_HEADER, &self.key), (SIGNATURE_HEADER, &self.signature)]
            .into_iter()
            .filter_map(|(name, value)| {
                // Never `Err`: a key is visible ASCII and a signature is hexadecimal, so both are
                // header values.
                let mut value = HeaderValue::from_str(value).ok()?;
                value.set_sensitive(name == SIGNATURE_HEADER);
                Some((name, value))
            })
            .collect()
    }
}

impl fmt::Debug for WebhookSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSignature")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
