//! A Pusher Channels server in the process, for development and tests: no account, no network.

mod abort;
mod app;
mod builder;
mod commands;
mod fault;
mod frame;
mod http;
mod hub;
mod record;
mod settings;
mod socket;
mod webhooks;

pub use builder::LocalServerBuilder;
pub use fault::{Fault, PlannedFault};
pub use record::{ExpectationError, RecordedCall, RecordedEvent};
pub use settings::{LocalLimits, LocalTimes};

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinSet;

use self::app::LocalAppState;
use self::fault::Faults;
use self::hub::Close;
use self::record::Records;
use crate::app::App;
use crate::client::Pusher;
use crate::error::Error;

/// A Pusher Channels server on 127.0.0.1, which ends when it is dropped.
pub struct LocalServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    pusher: Pusher,
    _tasks: JoinSet<()>,
}

/// What all requests of a server share.
struct Shared {
    apps: Vec<Arc<LocalAppState>>,
    path_prefix: String,
    faults: Faults,
    records: Arc<Records>,
}

impl LocalServer {
    /// Starts a server on a free port of 127.0.0.1, with one app of its own and the hosted
    /// service's limits.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when no port can be listened on.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Starts the settings of a server.
    #[must_use]
    pub fn builder() -> LocalServerBuilder {
        LocalServerBuilder::new()
    }

    /// A client of the server's first app.
    #[must_use]
    pub fn pusher(&self) -> Pusher {
        self.pusher.clone()
    }

    /// The address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first app: its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        self.pusher.app()
    }

    /// The next event of this name on this channel, waited for; each event is given once.
    ///
    /// # Errors
    ///
    /// [`ExpectationError`] when none arrives within 5 seconds: its message shows what did.
    pub async fn expect_event(
        &self,
        channel: &str,
        name: &str,
    ) -> Result<RecordedEvent, ExpectationError> {
        let within = self.shared.apps[0].settings.times.expectation;
        self.shared.records.expect(channel, name, within).await
    }

    /// All events that were accepted so far, in order, once for each of their channels.
    #[must_use]
    pub fn events(&self) -> Vec<RecordedEvent> {
        self.shared.records.events()
    }

    /// All calls of the HTTP API so far, in order, the refused ones among them.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.shared.records.calls()
    }

    /// Plays a fault on the next call of the HTTP API; several are played one after the other.
    #[allow(clippy::must_use_candidate)] // It is planned already: `times` is for more.
    pub fn fail_next(&self, fault: Fault) -> PlannedFault<'_> {
        self.shared.faults.plan(fault)
    }

    /// Ends all WebSocket connections with code 4200, after which clients connect again at once.
    pub fn disconnect_all(&self) {
        for app in &self.shared.apps {
            app.hub().close_all(Close {
                code: 4200,
                reason: "Please reconnect immediately",
            });
        }
    }
}

impl std::fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
