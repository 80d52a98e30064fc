//! The builder of a server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use pusher_http::App;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use url::Url;

use super::abort::{Abort, AbortableListener};
use super::allowed_hosts::AllowedHosts;
use super::app::DevApp;
use super::app_state::AppState;
use super::error::ConfigError;
use super::fault::Faults;
use super::record::Records;
use super::settings::{DevLimits, DevTimes, Settings};
use super::webhooks::Webhooks;
use super::{DevServer, Shared, http};

/// A builder for a [`DevServer`].
pub struct DevServerBuilder {
    address: SocketAddr,
    allowed_hosts: Vec<String>,
    path_prefix: String,
    apps: Vec<DevApp>,
    limits: DevLimits,
    times: DevTimes,
    max_records: usize,
}

impl DevServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            allowed_hosts: Vec::new(),
            path_prefix: String::new(),
            apps: Vec::new(),
            limits: DevLimits::default(),
            times: DevTimes::default(),
            max_records: 10_000,
        }
    }

    /// Listens on this address. Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Also serves requests whose `Host` header has this name, with any port.
    ///
    /// It may be the name of a container, a docker-compose service or a tunnel. May be called
    /// several times. Default: none.
    ///
    /// IP addresses and `localhost` are always served. Any other host is rejected with 421, and a
    /// request without exactly one `Host` header with 400; see [`AllowedHosts`].
    ///
    /// ```
    /// use pusher_dev_server::DevServer;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pusher_dev_server::ConfigError> {
    /// let builder = DevServer::builder().address(([0, 0, 0, 0], 0).into());
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

    /// Adds an app. May be called several times. Default: one app, [`DevApp::default`].
    #[must_use]
    pub fn app(mut self, app: DevApp) -> Self {
        self.apps.push(app);
        self
    }

    /// Sets the limits. Default: [`DevLimits::default`], the hosted service's.
    #[must_use]
    pub fn limits(mut self, limits: DevLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the timeouts and delays. Default: [`DevTimes::default`], the hosted service's.
    #[must_use]
    pub fn times(mut self, times: DevTimes) -> Self {
        self.times = times;
        self
    }

    /// Sets how many calls, events and webhooks the server keeps of each. Default: 10,000.
    ///
    /// It keeps the newest ones; the oldest are forgotten first.
    ///
    /// An expectation that is already waiting always gets its event. If an expectation starts after
    /// its event has been forgotten, it fails, and its error says how many events were forgotten.
    /// If nothing reads the records of a server, 0 is enough.
    #[must_use]
    pub fn max_records(mut self, max_records: usize) -> Self {
        self.max_records = max_records;
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the server can't listen on the address, an allowed host is not only a
    /// name, an app is malformed, two apps have the same id or key, the scheme of a webhook's URL
    /// is not `http` or, with the feature `rustls`, `https`, or the operating system provides no
    /// random bytes.
    pub async fn start(mut self) -> Result<DevServer, ConfigError> {
        let allowed_hosts = AllowedHosts::new(self.allowed_hosts)?;
        let refused = |error: std::io::Error| ConfigError::new("address", error.to_string());
        let listener = TcpListener::bind(self.address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        if self.apps.is_empty() {
            self.apps.push(DevApp::default());
        }

        let urls = self.apps.iter().flat_map(|app| &app.webhook_urls);
        let webhooks = Webhooks::new(urls)?;
        let records = Arc::new(Records::new(self.max_records));
        let mut tasks = JoinSet::new();
        let mut apps: Vec<Arc<AppState>> = Vec::new();
        let mut urls = Vec::new();
        for dev_app in self.apps {
            let app = dev_app
                .settings()
                .host(host_of(address.ip()))
                .port(address.port())
                .tls(false)
                .path_prefix(self.path_prefix.as_str())
                .limits(self.limits.api)
                .build_app()?;
            check_distinct(&app, &apps)?;
            urls.push(url_of(&app, &dev_app));
            let settings = Settings {
                limits: self.limits,
                times: self.times,
                switches: dev_app.switches,
            };
            let run = getrandom::u32()
                .map_err(|error| ConfigError::new("random bytes", error.to_string()))?;
            let state = Arc::new(AppState::new(app, settings, records.clone(), run));
            webhooks.start(&mut tasks, &state, dev_app.webhook_urls);
            apps.push(state);
        }
        let path_prefix = match apps.first() {
            Some(first) => first.app.base_url().path().trim_end_matches('/').to_owned(),
            None => String::new(),
        };
        let (life, gone) = watch::channel(());
        let (alive, ended) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            path_prefix,
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
            // The server ends with this task: axum itself serves forever.
            let _ = axum::serve(listener, router).await;
        });
        Ok(DevServer {
            address,
            shared,
            urls,
            expectation: self.times.expectation,
            life,
            tasks,
            ended,
        })
    }
}

/// Returns the host that clients on this machine use for a server that listens on `ip`.
fn host_of(ip: IpAddr) -> String {
    let ip = match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    ip.to_string()
}

/// Rejects an app whose id or key is the same as another app's.
fn check_distinct(app: &App, others: &[Arc<AppState>]) -> Result<(), ConfigError> {
    for other in others.iter().map(|other| &other.app) {
        if other.id() == app.id() {
            let reason = format!("two have the id {:?}", app.id());
            return Err(ConfigError::new("apps", reason));
        }
        for credentials in app.all_credentials() {
            let mut others = other.all_credentials().iter();
            if others.any(|other| other.key() == credentials.key()) {
                let reason = format!("two have the key {:?}", credentials.key());
                return Err(ConfigError::new("apps", reason));
            }
        }
    }
    Ok(())
}

/// Returns the app's URL, with its key and secret.
fn url_of(app: &App, dev_app: &DevApp) -> Url {
    let mut url = app.base_url().clone();
    // A URL with a host accepts both, and percent-encodes them.
    let _ = url.set_username(&dev_app.key);
    let _ = url.set_password(Some(&dev_app.secret));
    let prefix = url.path().trim_end_matches('/');
    url.set_path(&format!("{prefix}/apps/{}", app.id()));
    url
}

impl fmt::Debug for DevServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevServerBuilder")
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
