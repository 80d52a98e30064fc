//! The HTTP client of a `Pusher`, chosen when it is built, and the limits of each request.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{Bounded, HttpClient, ResponseFuture, SendLimits};
use crate::api::SignedRequest;
use crate::app::App;
use crate::error::Error;

/// The HTTP client of a [`Pusher`](crate::Pusher), and the limits of each request.
pub(crate) struct Transport {
    client: Arc<dyn HttpClient>,
    limits: SendLimits,
}

impl Transport {
    /// Sends a request, in at most the time that `remaining` leaves.
    pub(crate) fn send(&self, request: SignedRequest, remaining: Duration) -> ResponseFuture<'_> {
        let limits = SendLimits {
            timeout: self.limits.timeout.min(remaining),
            ..self.limits
        };
        self.client.send(request, limits)
    }
}

/// The settings of a transport.
#[derive(Clone, Default)]
pub(crate) struct TransportBuilder {
    pub(crate) bounds: Bounds,
    pub(crate) proxy: Option<Zeroizing<String>>,
    pub(crate) no_proxy: bool,
    pub(super) client: Option<Arc<dyn HttpClient>>,
    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    pub(super) reqwest: Option<super::reqwest::MakeBuilder>,
}

/// What one attempt may take.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) response_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            // No answer of the API comes near it; what does is no answer of the API.
            response_bytes: 8 * 1024 * 1024,
        }
    }
}

impl TransportBuilder {
    pub(crate) fn set_client(&mut self, client: impl HttpClient) {
        self.client = Some(Arc::new(Bounded(client)));
    }

    pub(crate) fn build(mut self, app: &App) -> Result<Transport, Error> {
        let Bounds {
            connect_timeout,
            timeout,
            response_bytes,
        } = self.bounds;
        // Shorter than the whole, so that a connection that can't be made is reported as that.
        self.bounds.connect_timeout = connect_timeout.min(timeout / 10 * 9);
        let client = match self.client.take() {
            Some(client) => client,
            None => self.default_client(app)?,
        };
        Ok(Transport {
            client,
            limits: SendLimits {
                timeout,
                response_bytes,
            },
        })
    }

    #[cfg(not(any(feature = "reqwest", feature = "hyper")))]
    #[allow(clippy::unused_self)] // The same call as with a client.
    fn default_client(self, _: &App) -> Result<Arc<dyn HttpClient>, Error> {
        Err(Error::config(
            "HTTP client",
            "is not there: set one, or use the crate's feature `reqwest` or `hyper`",
        ))
    }
}
