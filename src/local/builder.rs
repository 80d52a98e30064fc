//! Setting up a local server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::abort::{Abort, AbortableListener};
use super::allowed_hosts::AllowedHosts;
use super::app_state::LocalAppState;
use super::fault::Faults;
use super::local_app::LocalApp;
use super::record::Records;
use super::settings::{LocalLimits, LocalTimes, Settings};
use super::webhooks::Webhooks;
use super::{LocalServer, Shared, http};
use crate::app::AppBuilder;
use crate::client::{Pusher, PusherBuilder};
use crate::error::Error;

/// The settings of a [`LocalServer`].
pub struct LocalServerBuilder {
    address: SocketAddr,
    allowed_hosts: Vec<String>,
    path_prefix: String,
    apps: Vec<LocalApp>,
    limits: LocalLimits,
    times: LocalTimes,
    max_records: usize,
}

impl LocalServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            allowed_hosts: Vec::new(),
            path_prefix: String::new(),
            apps: Vec::new(),
            limits: LocalLimits::default(),
            times: LocalTimes::default(),
            max_records: 10_000,
        }
    }

    /// Listens on this address. Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Also serves requests whose `Host` header has this name, at any port: the name of a container,
    /// of a docker-compose service, of a tunnel. May be called several times. Default: none.
    ///
    /// IP addresses and `localhost` are always served. Any other host is rejected by 421, and a
    /// request without exactly one `Host` header by 400; see [`AllowedHosts`].
    ///
    /// ```
    /// use pusher_http::local::LocalServer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pusher_http::Error> {
    /// let builder = LocalServer::builder().address(([0, 0, 0, 0], 0).into());
    /// let server = builder.allowed_host("channels").start().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn allowed_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Serves everything below this path, such as `/realtime`.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = prefix.into();
        self
    }

    /// Adds an app: a [`LocalApp`], or an [`AppBuilder`] where nothing of it is to be set. May be
    /// called several times. Default: one app, [`LocalApp::default`].
    #[must_use]
    pub fn app(mut self, app: impl Into<LocalApp>) -> Self {
        self.apps.push(app.into());
        self
    }

    /// The limits that are kept. Default: [`LocalLimits::default`], the hosted service's.
    #[must_use]
    pub fn limits(mut self, limits: LocalLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The times that are kept. Default: [`LocalTimes::default`], the hosted service's.
    #[must_use]
    pub fn times(mut self, times: LocalTimes) -> Self {
        self.times = times;
        self
    }

    /// How many of the newest calls, of the newest events, and of the newest webhooks the server
    /// remembers; the oldest are forgotten first. Default: 10,000.
    ///
    /// An expectation that is waiting gets its event in any case. One that is made only when its
    /// event has been forgotten fails, and its error tells how many were. A server whose records
    /// nobody reads needs none: 0.
    #[must_use]
    pub fn max_records(mut self, max_records: usize) -> Self {
        self.max_records = max_records;
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when the address can't be listened on, an allowed host is not a name only, an
    /// app is malformed, two apps have the same id or key, or a webhook's URL is none of `http` or, with
    /// the crate's feature `rustls` or `native-tls`, `https`; [`Error::Random`] when the operating
    /// system gives no random bytes.
    pub async fn start(mut self) -> Result<LocalServer, Error> {
        let allowed_hosts = AllowedHosts::new(self.allowed_hosts)?;
        let refused = |error: std::io::Error| Error::config("address", error.to_string());
        let listener = TcpListener::bind(self.address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        if self.apps.is_empty() {
            self.apps.push(LocalApp::default());
        }

        let urls = self.apps.iter().flat_map(|app| &app.webhook_urls);
        let webhooks = Webhooks::new(urls)?;
        let records = Arc::new(Records::new(self.max_records));
        let mut tasks = JoinSet::new();
        let mut pushers: Vec<Pusher> = Vec::new();
        let mut apps = Vec::new();
        for local in self.apps {
            let app = local
                .app
                .host(host_of(address.ip()))
                .port(address.port())
                .tls(false)
                .path_prefix(self.path_prefix.as_str())
                .limits(self.limits.api);
            let pusher = client_of(app, &pushers)?;
            let settings = Settings {
                limits: self.limits,
                times: self.times,
                switches: local.switches,
            };
            let run = getrandom::u32().map_err(|error| Error::Random {
                source: error.into(),
            })?;
            let state = LocalAppState::new(pusher.app().clone(), settings, records.clone(), run);
            let state = Arc::new(state);
            webhooks.start(&mut tasks, &state, local.webhook_urls);
            apps.push(state);
            pushers.push(pusher);
        }
        let path_prefix = match pushers.first() {
            Some(first) => first.app().base_url().path().trim_end_matches('/'),
            None => return Err(Error::config("apps", "are none")),
        };
        let (life, gone) = watch::channel(());
        let (alive, ended) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            path_prefix: path_prefix.to_owned(),
            apps,
            allowed_hosts,
            faults: Faults::default(),
            records,
            gone: gone.clone(),
        });
        let router = Router::new()
            .fallback(http::serve)
            .with_state(shared.clone())
            .into_make_service_with_connect_info::<Abort>();
        let listener = AbortableListener {
            listener,
            gone,
            alive,
        };
        tasks.spawn(async move {
            // It ends with the task: axum itself serves for ever.
            let _ = axum::serve(listener, router).await;
        });
        Ok(LocalServer {
            address,
            shared,
            pushers,
            expectation: self.times.expectation,
            life,
            tasks,
            ended,
        })
    }
}

/// Where whoever is on this machine connects to a server that listens here.
fn host_of(ip: IpAddr) -> String {
    let ip = match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    ip.to_string()
}

/// The client of one more app, which the others have to leave to be told apart.
fn client_of(app: AppBuilder, others: &[Pusher]) -> Result<Pusher, Error> {
    let pusher = PusherBuilder::from(app).no_proxy().build()?;
    let app = pusher.app();
    for other in others.iter().map(Pusher::app) {
        if other.id() == app.id() {
            let reason = format!("two have the id {:?}", app.id());
            return Err(Error::config("apps", reason));
        }
        for token in app.tokens() {
            if other
                .tokens()
                .iter()
                .any(|others| others.key() == token.key())
            {
                let reason = format!("two have the key {:?}", token.key());
                return Err(Error::config("apps", reason));
            }
        }
    }
    Ok(pusher)
}

impl fmt::Debug for LocalServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServerBuilder")
            .field("address", &self.address)
            .field("allowed_hosts", &self.allowed_hosts)
            .field("path_prefix", &self.path_prefix)
            .field("apps", &self.apps)
            .field("limits", &self.limits)
            .field("times", &self.times)
            .field("max_records", &self.max_records)
            .finish_non_exhaustive()
    }
}
