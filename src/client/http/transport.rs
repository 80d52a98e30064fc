//! The HTTP client of a `Pusher`, chosen when it is built, and the limits of each request.

use std::sync::Arc;
#[cfg(feature = "blocking")]
use std::sync::LazyLock;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{HttpClient, ResponseFuture, SendLimits};
use crate::api::SignedRequest;
use crate::app::App;
use crate::error::Error;

/// The HTTP client of a [`Pusher`](crate::Pusher), and the limits of each request.
pub(in crate::client) struct Transport {
    client: Arc<dyn HttpClient>,
    #[cfg(feature = "blocking")]
    for_threads: ForThreads,
    limits: SendLimits,
}

/// The client of calls that a thread waits for, made by the first of them. A connection is driven by
/// the runtime in which it was made: one of a runtime that stands still while its thread waits would
/// never answer.
#[cfg(feature = "blocking")]
type ForThreads = LazyLock<Arc<dyn HttpClient>, Box<dyn FnOnce() -> Arc<dyn HttpClient> + Send>>;

impl Transport {
    /// Sends a request, in at most the time that `remaining` leaves.
    pub(in crate::client) fn send(
        &self,
        request: SignedRequest,
        remaining: Duration,
        caller: Caller,
    ) -> ResponseFuture<'_> {
        let limits = SendLimits {
            timeout: self.limits.timeout.min(remaining),
            ..self.limits
        };
        let client = match caller {
            Caller::Task => &self.client,
            #[cfg(feature = "blocking")]
            Caller::Thread => &*self.for_threads,
        };
        client.send(request, limits)
    }
}

/// What goes on when a call has ended.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::client) enum Caller {
    #[default]
    Task,
    #[cfg(feature = "blocking")]
    Thread,
}

/// The settings of a transport.
#[derive(Default)]
#[cfg_attr(feature = "blocking", derive(Clone))]
pub(in crate::client) struct TransportBuilder {
    pub(in crate::client) bounds: Bounds,
    pub(in crate::client) proxy: Option<Zeroizing<String>>,
    pub(in crate::client) no_proxy: bool,
    pub(super) client: Option<Arc<dyn HttpClient>>,
    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    pub(super) reqwest: super::reqwest::Settings,
}

/// What one attempt may take.
#[cfg_attr(feature = "blocking", derive(Clone))]
pub(in crate::client) struct Bounds {
    pub(in crate::client) connect_timeout: Duration,
    pub(in crate::client) timeout: Duration,
    pub(in crate::client) response_bytes: usize,
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
    pub(in crate::client) fn build(mut self, app: &App) -> Result<Transport, Error> {
        let Bounds {
            connect_timeout,
            timeout,
            response_bytes,
        } = self.bounds;
        // Shorter than the whole, so that a connection that can't be made is reported as that.
        self.bounds.connect_timeout = connect_timeout.min(timeout / 10 * 9);
        let given = self.client.take();
        #[cfg(feature = "blocking")]
        let again = (given.is_none() && !self.is_given_a_builder()).then(|| self.clone());
        let client = match given {
            Some(client) => client,
            None => self.default_client(app)?,
        };
        #[cfg(feature = "blocking")]
        let for_threads = {
            let (client, app) = (client.clone(), app.clone());
            let own = move || again.and_then(|settings| settings.default_client(&app).ok());
            ForThreads::new(Box::new(move || own().unwrap_or(client)))
        };
        Ok(Transport {
            client,
            #[cfg(feature = "blocking")]
            for_threads,
            limits: SendLimits {
                timeout,
                response_bytes,
            },
        })
    }

    /// Of one builder comes one client.
    #[cfg(feature = "blocking")]
    #[allow(clippy::unused_self)] // Without reqwest there is none.
    fn is_given_a_builder(&self) -> bool {
        #[cfg(feature = "reqwest")]
        return self.reqwest.is_given();
        #[cfg(not(feature = "reqwest"))]
        false
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
