//! An in-process Pusher Channels server for development and tests.
//!
//! It needs no account and no network. It speaks the HTTP API with the service's signatures, limits
//! and error messages, and protocol 7 for pusher-js and all other clients. It also posts webhooks.
//! It keeps everything in memory, and it ends when it is dropped.
//!
//! # In a test
//!
//! An event that arrives has passed all of the service's checks. A test compares it as a value:
//!
//! ```
//! use pusher_http::Pusher;
//! use pusher_dev_server::DevServer;
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
//! let server = DevServer::start().await?; // 127.0.0.1, a port and an app of its own
//! let offer = Offer { id: 4711 };
//! accept_offer(&Pusher::from_url(&server.url())?, &offer).await?;
//!
//! let event = server.expect_event("private-operator-7", "offer.accepted").await?;
//! assert_eq!(event.json::<Offer>()?, offer);
//! # Ok(())
//! # }
//! ```
//!
//! [`expect_event`](DevServer::expect_event) waits until the event arrives, not for a fixed time.
//! If it does not arrive, the error lists the events that did, and the calls that were rejected.
//! [`calls`](DevServer::calls) returns every call of the HTTP API, including rejected ones with the
//! reason. [`webhooks`](DevServer::webhooks) returns every attempt to post a webhook. The server
//! keeps the newest 10,000 of each; [`max_records`](DevServerBuilder::max_records) changes that
//! number.
//!
//! Many tests of such code use a mock instead of the service. A mock checks none of this: not the
//! signature, the names or the size, nor whether the page could have read the event.
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
//! use pusher_dev_server::{DevServer, Fault};
//! use pusher_http::{Error, Outcome, Pusher};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = DevServer::start().await?;
//! server.fail_next(Fault::Status(503)).times(2);
//! server.fail_next(Fault::ResetAfterRead);
//! let pusher = Pusher::from_url(&server.url())?;
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
//! [`stop`](DevServer::stop) ends the server and frees its port, for tests in which the service
//! goes away and comes back.
//!
//! # Several apps
//!
//! Each app has its own keys, channels, connections and webhooks. It also has its own settings for
//! the features that can be switched on and off in the hosted service's dashboard: see [`DevApp`].
//! Methods of [`DevServer`] that concern one app use the first one.
//!
//! ```
//! use pusher_dev_server::{DevApp, DevServer};
//! use pusher_http::Pusher;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = DevApp::new("shop", "shop-key", "shop-secret");
//! let chat = DevApp::new("chat", "chat-key", "chat-secret").client_events(false);
//! let server = DevServer::builder().app(shop).app(chat).start().await?;
//!
//! let pusher = Pusher::from_url(&server.url_of("chat").ok_or("no such app")?)?;
//! pusher.trigger("room-1", "message", "hello").await?;
//! let event = server.expect_event("room-1", "message").app("chat").await?;
//! assert_eq!(event.app_id, "chat");
//! # Ok(())
//! # }
//! ```
//!
//! # With a page
//!
//! pusher-js, Laravel Echo and all other clients connect to [`DevServer::address`] with the key of
//! [`DevServer::app`]. The example `quickstart` of pusher-http shows a client in a browser. The
//! program `pusher-dev-server` runs only the server.
//!
//! A request may name the server by an IP address, by `localhost`, or by an
//! [`allowed_host`](DevServerBuilder::allowed_host), such as the name of a docker-compose service.
//! Any other `Host` is rejected with status 421. Otherwise any site could make its own name resolve
//! to the server's address, and its page could read the server's responses (DNS rebinding).
//!
//! # What it does not do
//!
//! It is a single process without clustering, persistence, TLS, quotas or statistics. It serves
//! everyone who can reach its address and names an allowed host, so it listens on 127.0.0.1 by
//! default. It is not a server for production.
//!
//! It does not have the hosted service's *authorized connections*, which close connections that
//! stay anonymous. Webhooks can't be limited to some types. Subscription counts are sent at each
//! change; the service sends only one every 30 seconds on channels with over 100 connections. Where
//! the service's documentation says nothing, the server does what seems most helpful: for an
//! unknown app, for example, it responds with 404 and a message that gives the reason.

mod abort;
mod allowed_hosts;
mod app;
mod app_state;
mod builder;
mod clip;
mod commands;
mod error;
mod expectation;
mod fault;
mod frame;
mod http;
mod hub;
mod json;
mod newest;
mod record;
mod settings;
mod socket;
mod webhooks;

pub use allowed_hosts::{AllowedHosts, HostRejection};
pub use app::DevApp;
pub use builder::DevServerBuilder;
pub use error::ConfigError;
pub use expectation::{Expectation, ExpectationError};
pub use fault::{Fault, PlannedFault};
pub use record::{RecordedCall, RecordedEvent, RecordedWebhook};
pub use settings::{DevLimits, DevTimes};

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use pusher_http::App;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use url::Url;

use self::app_state::AppState;
use self::fault::Faults;
use self::hub::Close;
use self::record::{Records, Wanted};

/// A Pusher Channels server on 127.0.0.1 that ends when it is dropped.
pub struct DevServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// The URL of each app, with its key and secret.
    urls: Vec<Url>,
    /// How long an expectation waits by default.
    expectation: Duration,
    /// Ends the calls in progress.
    life: watch::Sender<()>,
    tasks: JoinSet<()>,
    /// Closed when the last connection has ended.
    ended: mpsc::Receiver<Infallible>,
}

/// The state that all requests of a server share.
struct Shared {
    apps: Vec<Arc<AppState>>,
    allowed_hosts: AllowedHosts,
    path_prefix: String,
    faults: Faults,
    records: Arc<Records>,
    /// Changes when the server ends.
    gone: watch::Receiver<()>,
}

impl DevServer {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// It has one app of its own, and the hosted service's limits.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the server can't listen on a port, or if the operating system provides no
    /// random bytes.
    pub async fn start() -> Result<Self, ConfigError> {
        Self::builder().start().await
    }

    /// Returns a builder for a server's settings.
    #[must_use]
    pub fn builder() -> DevServerBuilder {
        DevServerBuilder::new()
    }

    /// Returns the URL of the server's first app.
    ///
    /// Its form is `http://KEY:SECRET@127.0.0.1:PORT/apps/ID`, which `Pusher::from_url` and the
    /// variable `PUSHER_URL` accept.
    #[must_use]
    pub fn url(&self) -> String {
        self.urls[0].to_string()
    }

    /// Returns the URL of the app with this id, if the server has it; see [`url`](Self::url).
    #[must_use]
    pub fn url_of(&self, app_id: &str) -> Option<String> {
        let apps = self.shared.apps.iter();
        let place = apps
            .map(|state| state.app.id())
            .position(|id| id == app_id)?;
        Some(self.urls.get(place)?.to_string())
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the first app: its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        // Never empty: the builder adds an app if it has none.
        &self.shared.apps[0].app
    }

    /// Expects an event with this name on this channel in the server's first app.
    ///
    /// Awaiting the returned [`Expectation`] waits for the next such event. Each event is returned
    /// only once.
    ///
    /// [`app`](Expectation::app) expects the event in another app, and
    /// [`within`](Expectation::within) sets how long to wait.
    ///
    /// # Errors
    ///
    /// [`ExpectationError`] if none arrives within [`DevTimes::expectation`], 5 seconds by default.
    /// Its message shows the events that did arrive.
    pub fn expect_event(&self, channel: &str, name: &str) -> Expectation<'_> {
        let wanted = Wanted {
            app_id: self.app().id().to_owned(),
            channel: channel.to_owned(),
            name: name.to_owned(),
        };
        let names_app = self.urls.len() > 1;
        Expectation::new(&self.shared.records, wanted, self.expectation, names_app)
    }

    /// Returns the events accepted so far, in all apps, in order.
    ///
    /// Each event is listed once for each of its channels. The server keeps the newest
    /// [`max_records`](DevServerBuilder::max_records) events.
    #[must_use]
    pub fn events(&self) -> Vec<RecordedEvent> {
        self.shared.records.events().0
    }

    /// Returns the calls of the HTTP API so far, to all apps, in order.
    ///
    /// Rejected calls are included. The server keeps the newest
    /// [`max_records`](DevServerBuilder::max_records) calls.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.shared.records.calls()
    }

    /// Returns the attempts to post a webhook that have ended so far, of all apps, in order.
    ///
    /// Each has its result. The server keeps the newest
    /// [`max_records`](DevServerBuilder::max_records) attempts.
    #[must_use]
    pub fn webhooks(&self) -> Vec<RecordedWebhook> {
        self.shared.records.webhooks()
    }

    /// Plays a fault on the next call of the HTTP API, to any app.
    ///
    /// Several faults are played one after another.
    #[allow(clippy::must_use_candidate)] // The fault is already planned: `times` is optional.
    pub fn fail_next(&self, fault: Fault) -> PlannedFault<'_> {
        self.shared.faults.plan(fault)
    }

    /// Closes all WebSocket connections with code 4200, so that clients reconnect at once.
    pub fn disconnect_all(&self) {
        for app in &self.shared.apps {
            app.hub().close_all(RECONNECT);
        }
    }

    /// Ends the server, and returns when its port is free and all its tasks have ended.
    ///
    /// Dropping the server also ends it, but does not wait. After `stop`, another server can start
    /// on the same [`address`](Self::address).
    ///
    /// Calls in progress are aborted. Webhooks that have not been accepted yet are not sent again.
    /// WebSocket connections receive the messages that were accepted for them, and are closed with
    /// code 1001. If a client does not read, the server waits for it up to
    /// [`close_timeout`](DevTimes::close_timeout), and another three seconds for its response to
    /// the close.
    ///
    /// ```
    /// use pusher_dev_server::DevServer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pusher_dev_server::ConfigError> {
    /// let server = DevServer::start().await?;
    /// let address = server.address();
    /// server.stop().await;
    /// let restarted = DevServer::builder().address(address).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop(mut self) {
        self.shut();
        self.tasks.shutdown().await;
        self.ended.recv().await;
    }

    /// Ends all connections and calls.
    ///
    /// Connections run in their own tasks, which do not end with the listener.
    fn shut(&self) {
        for app in &self.shared.apps {
            app.hub().shut(GOING_AWAY);
        }
        self.life.send_replace(());
    }
}

const RECONNECT: Close = Close {
    code: 4200,
    reason: "Please reconnect immediately",
};

/// Closes the connections of a server that ends.
///
/// There is no server to reconnect to at once: with this code, pusher-js waits a second first.
const GOING_AWAY: Close = Close {
    code: 1001,
    reason: "The server is stopped",
};

impl Drop for DevServer {
    fn drop(&mut self) {
        self.shut();
    }
}

impl std::fmt::Debug for DevServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
