//! A Pusher Channels server in the process, for development and tests: no account, no network.
//!
//! It speaks the HTTP API with its signatures, limits and words, protocol 7 for pusher-js and every
//! other client, and posts webhooks. It keeps everything in memory, and ends when it is dropped.
//!
//! # In a test
//!
//! What arrives has passed all the service's checks, and is compared as a value:
//!
//! ```
//! use pusher_http::Pusher;
//! use pusher_http::local::LocalServer;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Offer { id: u64 }
//!
//! # mod app { use super::*;
//! pub async fn accept_offer(pusher: &Pusher, offer: &Offer) -> Result<(), pusher_http::Error> {
//!     pusher.trigger("private-operator-7", "offer.accepted", offer).await?;
//!     Ok(())
//! }
//! # }
//! # use app::accept_offer;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = LocalServer::start().await?; // 127.0.0.1, a port and an app of its own
//! let offer = Offer { id: 4711 };
//! accept_offer(&server.pusher(), &offer).await?;
//!
//! let event = server.expect_event("private-operator-7", "offer.accepted").await?;
//! assert_eq!(event.json::<Offer>()?, offer);
//! # Ok(())
//! # }
//! ```
//!
//! [`expect_event`](LocalServer::expect_event) waits for a signal and not for a time; when nothing
//! comes, its error lists what did, and the calls that were refused.
//! [`calls`](LocalServer::calls) has every call of the HTTP API, also those that were refused, with
//! the reason, and [`webhooks`](LocalServer::webhooks) every attempt to post one. The newest 10,000
//! of each are remembered: [`max_records`](LocalServerBuilder::max_records).
//!
//! A mock in the service's place, which many tests of such code have, checks nothing of that: not the
//! signature, nor the names, nor the size, nor whether the page could have read it.
//!
//! ```ignore
//! let http = MockServer::new();
//! http.expect(POST, "/apps/1/events").answer(200, "{}");
//! accept_offer(&pusher_at(http.url())).await;
//! http.assert_called_once(); // whatever was sent
//! ```
//!
//! # When things go wrong
//!
//! ```
//! use pusher_http::local::{Fault, LocalServer};
//! use pusher_http::{Error, Outcome};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = LocalServer::start().await?;
//! server.fail_next(Fault::Status(503)).times(2);
//! server.fail_next(Fault::ResetAfterRead);
//! let pusher = server.pusher();
//! for _ in 0..2 {
//!     let error = pusher.trigger("room-1", "e", 1).await.unwrap_err();
//!     assert_eq!(error.status(), Some(503));
//! }
//! // The event was delivered, and the answer was lost: the client can't know.
//! let error = pusher.trigger("room-1", "e", 2).await.unwrap_err();
//! assert_eq!(error.outcome(), Outcome::Unknown);
//! assert_eq!(server.expect_event("room-1", "e").await?.data, "2");
//! # Ok(())
//! # }
//! ```
//!
//! [`stop`](LocalServer::stop) ends the server and frees its port, for a test of what happens when
//! the service goes away and comes back.
//!
//! # Several apps
//!
//! Each app has its own keys, channels, connections and webhooks, and what the hosted service's
//! dashboard switches on and off: [`LocalApp`]. [`LocalServer`] by itself speaks of the first.
//!
//! ```
//! use pusher_http::App;
//! use pusher_http::local::{LocalApp, LocalServer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = App::builder("shop", "shop-key", "shop-secret");
//! let chat = LocalApp::new(App::builder("chat", "chat-key", "chat-secret")).client_events(false);
//! let server = LocalServer::builder().app(shop).app(chat).start().await?;
//!
//! let pusher = server.pusher_of("chat").ok_or("no such app")?;
//! pusher.trigger("room-1", "message", "hello").await?;
//! let event = server.expect_event("room-1", "message").app("chat").await?;
//! assert_eq!(event.app_id, "chat");
//! # Ok(())
//! # }
//! ```
//!
//! # With a page
//!
//! pusher-js, Laravel Echo and every other client connect to [`LocalServer::address`] with the key
//! of [`LocalServer::app`]. `cargo run --example quickstart --features local` shows one in a
//! browser; `cargo run --example dev_server --features local` runs the server alone.
//!
//! A request may name the server by an IP address, by `localhost`, or by an
//! [`allowed_host`](LocalServerBuilder::allowed_host), such as the name of a docker-compose service.
//! Any other `Host` is rejected by 421: the page of any site could otherwise have its own name looked
//! up as the server's address, and read its responses (DNS rebinding).
//!
//! # What it does not do
//!
//! It is one process: no cluster, no persistence, no TLS, no quotas, no statistics. It serves
//! everybody who reaches its address and names an allowed host, so it listens on 127.0.0.1 unless told
//! otherwise. It is no server for production.
//!
//! The hosted service's *authorized connections*, which end a connection that stays anonymous, are
//! not there, and webhooks can't be limited to some types. Subscription counts are told at each
//! change; the service thins them out to one in 30 seconds on channels with over 100 connections.
//! Where its documentation says nothing, such as of an unknown app's status, the server does what
//! seems most helpful: 404, with the reason in words.

mod abort;
mod allowed_hosts;
mod app_state;
mod builder;
mod clip;
mod commands;
mod expectation;
mod fault;
mod frame;
mod http;
mod hub;
mod json;
mod local_app;
mod newest;
mod record;
mod settings;
mod socket;
mod webhooks;

pub use allowed_hosts::{AllowedHosts, HostRejection};
pub use builder::LocalServerBuilder;
pub use expectation::{Expectation, ExpectationError};
pub use fault::{Fault, PlannedFault};
pub use local_app::LocalApp;
pub use record::{RecordedCall, RecordedEvent, RecordedWebhook};
pub use settings::{LocalLimits, LocalTimes};

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use self::app_state::LocalAppState;
use self::fault::Faults;
use self::hub::Close;
use self::record::{Records, Wanted};
use crate::app::App;
use crate::client::Pusher;
use crate::error::Error;

/// A Pusher Channels server on 127.0.0.1, which ends when it is dropped.
pub struct LocalServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// A client of each app.
    pushers: Vec<Pusher>,
    /// How long an expectation waits by itself.
    expectation: Duration,
    /// Ends the calls that are under way.
    life: watch::Sender<()>,
    tasks: JoinSet<()>,
    /// Closed when the last connection has ended.
    ended: mpsc::Receiver<Infallible>,
}

/// What all requests of a server share.
struct Shared {
    apps: Vec<Arc<LocalAppState>>,
    allowed_hosts: AllowedHosts,
    path_prefix: String,
    faults: Faults,
    records: Arc<Records>,
    /// Changes when the server ends.
    gone: watch::Receiver<()>,
}

impl LocalServer {
    /// Starts a server on a free port of 127.0.0.1, with one app of its own and the hosted
    /// service's limits.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when no port can be listened on, [`Error::Random`] when the operating
    /// system gives no random bytes.
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
        self.first().clone()
    }

    /// A client of the app with this id, if the server has it.
    #[must_use]
    pub fn pusher_of(&self, app_id: &str) -> Option<Pusher> {
        let mut pushers = self.pushers.iter();
        pushers.find(|pusher| pusher.app().id() == app_id).cloned()
    }

    /// The address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first app: its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        self.first().app()
    }

    /// The next event of this name on this channel in the server's first app, waited for when this
    /// is awaited; each event is given once.
    ///
    /// [`app`](Expectation::app) expects it in another app, and [`within`](Expectation::within)
    /// says for how long.
    ///
    /// # Errors
    ///
    /// [`ExpectationError`] when none arrives within [`LocalTimes::expectation`], 5 seconds by
    /// default: its message shows what did.
    pub fn expect_event(&self, channel: &str, name: &str) -> Expectation<'_> {
        let wanted = Wanted {
            app_id: self.app().id().to_owned(),
            channel: channel.to_owned(),
            name: name.to_owned(),
        };
        let names_app = self.pushers.len() > 1;
        Expectation::new(&self.shared.records, wanted, self.expectation, names_app)
    }

    /// The events that were accepted so far, of all apps, in order, once for each of their
    /// channels: the newest [`max_records`](LocalServerBuilder::max_records) of them.
    #[must_use]
    pub fn events(&self) -> Vec<RecordedEvent> {
        self.shared.records.events().0
    }

    /// The calls of the HTTP API so far, of all apps, in order, the refused ones among them: the
    /// newest [`max_records`](LocalServerBuilder::max_records) of them.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.shared.records.calls()
    }

    /// The attempts to post a webhook that have ended so far, of all apps, in order, with what came
    /// of each: the newest [`max_records`](LocalServerBuilder::max_records) of them.
    #[must_use]
    pub fn webhooks(&self) -> Vec<RecordedWebhook> {
        self.shared.records.webhooks()
    }

    /// Plays a fault on the next call of the HTTP API, of whichever app; several are played one
    /// after the other.
    #[allow(clippy::must_use_candidate)] // It is planned already: `times` is for more.
    pub fn fail_next(&self, fault: Fault) -> PlannedFault<'_> {
        self.shared.faults.plan(fault)
    }

    /// Ends all WebSocket connections with code 4200, after which clients connect again at once.
    pub fn disconnect_all(&self) {
        for app in &self.shared.apps {
            app.hub().close_all(RECONNECT);
        }
    }

    /// Ends the server as dropping it does, and returns when its port is free and all its tasks
    /// have ended, so that another server can start on the same [`address`](Self::address).
    ///
    /// Calls that are under way are broken off, and webhooks that were not taken yet are not sent
    /// again. WebSocket connections get what was accepted for them and are closed with code 1001; one
    /// whose client does not read is waited for up to
    /// [`close_timeout`](LocalTimes::close_timeout), and three seconds for its answer.
    ///
    /// ```
    /// use pusher_http::local::LocalServer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pusher_http::Error> {
    /// let server = LocalServer::start().await?;
    /// let address = server.address();
    /// server.stop().await;
    /// let restarted = LocalServer::builder().address(address).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop(mut self) {
        self.shut();
        self.tasks.shutdown().await;
        self.ended.recv().await;
    }

    /// Connections live in tasks of their own, which the listener's end does not touch.
    fn shut(&self) {
        for app in &self.shared.apps {
            app.hub().shut(GOING_AWAY);
        }
        self.life.send_replace(());
    }

    fn first(&self) -> &Pusher {
        // The builder puts one in; a server has no other source.
        &self.pushers[0]
    }
}

const RECONNECT: Close = Close {
    code: 4200,
    reason: "Please reconnect immediately",
};

/// Nobody is there to reconnect to at once: pusher-js waits a second before it tries.
const GOING_AWAY: Close = Close {
    code: 1001,
    reason: "The server is stopped",
};

impl Drop for LocalServer {
    fn drop(&mut self) {
        self.shut();
    }
}

impl std::fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
