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
//! [`expect_event`](DevServer::expect_event) waits for a signal and not for a time; when nothing
//! comes, its error lists what did, and the calls that were refused.
//! [`calls`](DevServer::calls) has every call of the HTTP API, also those that were refused, with
//! the reason, and [`webhooks`](DevServer::webhooks) every attempt to post one. The newest 10,000
//! of each are remembered: [`max_records`](DevServerBuilder::max_records).
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
//! [`stop`](DevServer::stop) ends the server and frees its port, for a test of what happens when
//! the service goes away and comes back.
//!
//! # Several apps
//!
//! Each app has its own keys, channels, connections and webhooks, and what the hosted service's
//! dashboard switches on and off: [`DevApp`]. [`DevServer`] by itself speaks of the first.
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
//! pusher-js, Laravel Echo and every other client connect to [`DevServer::address`] with the key
//! of [`DevServer::app`]. The example
//! `quickstart` of pusher-http shows one in a browser; the program `pusher-dev-server` runs the server
//! alone.
//!
//! A request may name the server by an IP address, by `localhost`, or by an
//! [`allowed_host`](DevServerBuilder::allowed_host), such as the name of a docker-compose service.
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

/// A Pusher Channels server on 127.0.0.1, which ends when it is dropped.
pub struct DevServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// The URL of each app, with its key and secret.
    urls: Vec<Url>,
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
    apps: Vec<Arc<AppState>>,
    allowed_hosts: AllowedHosts,
    path_prefix: String,
    faults: Faults,
    records: Arc<Records>,
    /// Changes when the server ends.
    gone: watch::Receiver<()>,
}

impl DevServer {
    /// Starts a server on a free port of 127.0.0.1, with one app of its own and the hosted
    /// service's limits.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if no port can be listened on, or the operating system gives no random bytes.
    pub async fn start() -> Result<Self, ConfigError> {
        Self::builder().start().await
    }

    /// Starts the settings of a server.
    #[must_use]
    pub fn builder() -> DevServerBuilder {
        DevServerBuilder::new()
    }

    /// The URL of the server's first app, as `Pusher::from_url` and the variable `PUSHER_URL` take it:
    /// `http://KEY:SECRET@127.0.0.1:PORT/apps/ID`.
    #[must_use]
    pub fn url(&self) -> String {
        self.urls[0].to_string()
    }

    /// The URL of the app with this id, if the server has it; see [`url`](Self::url).
    #[must_use]
    pub fn url_of(&self, app_id: &str) -> Option<String> {
        let apps = self.shared.apps.iter();
        let place = apps
            .map(|state| state.app.id())
            .position(|id| id == app_id)?;
        Some(self.urls.get(place)?.to_string())
    }

    /// The address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The first app: its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        // Never empty: the builder adds an app if it has none.
        &self.shared.apps[0].app
    }

    /// The next event of this name on this channel in the server's first app, waited for when this
    /// is awaited; each event is given once.
    ///
    /// [`app`](Expectation::app) expects it in another app, and [`within`](Expectation::within)
    /// says for how long.
    ///
    /// # Errors
    ///
    /// [`ExpectationError`] when none arrives within [`DevTimes::expectation`], 5 seconds by
    /// default: its message shows what did.
    pub fn expect_event(&self, channel: &str, name: &str) -> Expectation<'_> {
        let wanted = Wanted {
            app_id: self.app().id().to_owned(),
            channel: channel.to_owned(),
            name: name.to_owned(),
        };
        let names_app = self.urls.len() > 1;
        Expectation::new(&self.shared.records, wanted, self.expectation, names_app)
    }

    /// The events that were accepted so far, of all apps, in order, once for each of their
    /// channels: the newest [`max_records`](DevServerBuilder::max_records) of them.
    #[must_use]
    pub fn events(&self) -> Vec<RecordedEvent> {
        self.shared.records.events().0
    }

    /// The calls of the HTTP API so far, of all apps, in order, the refused ones among them: the
    /// newest [`max_records`](DevServerBuilder::max_records) of them.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.shared.records.calls()
    }

    /// The attempts to post a webhook that have ended so far, of all apps, in order, with what came
    /// of each: the newest [`max_records`](DevServerBuilder::max_records) of them.
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
    /// [`close_timeout`](DevTimes::close_timeout), and three seconds for its answer.
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

    /// Connections live in tasks of their own, which the listener's end does not touch.
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

/// Nobody is there to reconnect to at once: pusher-js waits a second before it tries.
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
