//! The client that a backend holds: it reads the clock, draws nonces, reads the environment, and
//! sends what [`api`](crate::api) builds.

mod batch;
mod builder;
mod call;
mod calls;
mod deliver;
mod host;
pub(crate) mod http;
mod offline;
mod parts;
mod retry;
mod trace;
mod trigger;

pub use batch::{BatchError, TriggerBatchCall};
pub use builder::PusherBuilder;
pub use call::{Call, CallFuture};
#[cfg(feature = "hyper")]
pub use http::HyperClient;
pub use http::{HttpClient, ResponseFuture, SendLimits};
pub use retry::RetryPolicy;
pub use trigger::TriggerCall;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::api::Endpoint;
use crate::app::App;
use crate::error::Error;
use deliver::{CallOptions, Delivery};
use http::Transport;
use trace::CallTrace;

/// A client of one Pusher app: the one value that a backend holds.
///
/// It is cheap to clone and shared freely between tasks; all clones use one connection pool.
/// A call is a builder that is awaited: options are named where they are used, and nothing is
/// sent before the `.await`.
///
/// ```no_run
/// # async fn notify(sender: pusher_http::SocketId) -> Result<(), pusher_http::Error> {
/// use pusher_http::Pusher;
///
/// let pusher = Pusher::builder("app-id", "key", "secret").cluster("eu").build()?;
/// pusher.trigger("room-1", "message", "hello").exclude(sender).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pusher {
    shared: Arc<Shared>,
}

struct Shared {
    app: App,
    transport: Transport,
    deadline: Option<Duration>,
    retry: RetryPolicy,
    webhook_window: Option<Duration>,
}

impl Pusher {
    /// Starts the settings of a client from the three values that the app's "App Keys" page
    /// shows.
    #[must_use]
    pub fn builder(
        app_id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> PusherBuilder {
        App::builder(app_id, key, secret).into()
    }

    /// A client set up by the process's environment: `PUSHER_URL`, or `PUSHER_APP_ID`,
    /// `PUSHER_KEY`, `PUSHER_SECRET` and what else
    /// [`AppBuilder::from_vars`](crate::AppBuilder::from_vars) lists.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the variable that is missing or malformed, never its value.
    pub fn from_env() -> Result<Self, Error> {
        PusherBuilder::from_env()?.build()
    }

    /// A client set up by a URL such as `https://KEY:SECRET@api-eu.pusher.com/apps/ID`; see
    /// [`AppBuilder::from_url`](crate::AppBuilder::from_url).
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the part that is missing or malformed, never its value.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        PusherBuilder::from_url(url)?.build()
    }

    /// The app: its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.shared.app
    }

    /// Sends the request of any [`Endpoint`], yours among them, and reads its answer, with the
    /// client's own deadline and retries.
    ///
    /// It is what the calls are made of: nothing is split and nothing is sealed here.
    ///
    /// # Errors
    ///
    /// What the endpoint refuses, and what can go wrong on the network, as in
    /// [`trigger`](Self::trigger).
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        self.send_with(CallOptions::default(), endpoint).await
    }

    async fn send_with<E: Endpoint>(
        &self,
        options: CallOptions,
        endpoint: &E,
    ) -> Result<E::Response, Error> {
        let trace = CallTrace::new(E::NAME, None);
        let delivery = Delivery::new(self, options, &trace);
        trace.run(delivery.send(endpoint)).await
    }
}

impl fmt::Debug for Pusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pusher")
            .field("app", self.app())
            .finish_non_exhaustive()
    }
}

fn unix_seconds() -> u64 {
    host::system_time()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn random_nonce() -> Result<[u8; crate::encryption::NONCE_BYTES], Error> {
    let mut nonce = [0; crate::encryption::NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(Error::random)?;
    Ok(nonce)
}
