//! The settings of a client, except those of its app.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

#[cfg(all(
    feature = "reqwest",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
use super::http::reqwest::MakeBuilder;
use super::{HttpClient, RetryPolicy, SendLimits};
use crate::app::App;
use crate::error::Error;

/// The part of a [`Builder`](crate::Builder) that only a client needs.
#[derive(Clone)]
pub(crate) struct ClientSettings {
    pub(crate) connect_timeout: Duration,
    /// The limits for one attempt.
    pub(crate) limits: SendLimits,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: RetryPolicy,
    pub(crate) webhook_window: Option<Duration>,
    /// The URL may contain a password.
    pub(crate) proxy: Option<Zeroizing<String>>,
    pub(crate) no_proxy: bool,
    /// The user's own client, used instead of the default one.
    pub(crate) http_client: Option<Arc<dyn HttpClient>>,
    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    pub(crate) reqwest_builder: Option<MakeBuilder>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            limits: SendLimits {
                timeout: Duration::from_secs(10),
                // Far above any response of the API. A longer one comes from something else.
                response_bytes: 8 * 1024 * 1024,
            },
            deadline: None,
            retry: RetryPolicy::default(),
            webhook_window: None,
            proxy: None,
            no_proxy: false,
            http_client: None,
            #[cfg(all(
                feature = "reqwest",
                not(all(target_family = "wasm", target_os = "unknown"))
            ))]
            reqwest_builder: None,
        }
    }
}

impl ClientSettings {
    /// Creates the HTTP client, unless the user has set one.
    pub(super) fn into_http_client(mut self, app: &App) -> Result<Arc<dyn HttpClient>, Error> {
        if let Some(client) = self.http_client {
            return Ok(client);
        }
        // Shorter than the whole timeout, so that a failed connection is reported as one.
        self.connect_timeout = self.connect_timeout.min(self.limits.timeout / 10 * 9);
        self.default_http_client(app)
    }

    #[cfg(not(any(feature = "reqwest", feature = "hyper")))]
    #[allow(clippy::unused_self)] // The signature matches the one with an HTTP client.
    fn default_http_client(self, _: &App) -> Result<Arc<dyn HttpClient>, Error> {
        Err(Error::config(
            "HTTP client",
            "is not there: set one, or use the crate's feature `reqwest` or `hyper`",
        ))
    }
}

/// Leaves out the proxy, since its URL may contain a password.
impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("connect_timeout", &self.connect_timeout)
            .field("limits", &self.limits)
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
            .field("webhook_window", &self.webhook_window)
            .finish_non_exhaustive()
    }
}
