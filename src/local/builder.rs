//! Setting up a local server.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::abort::{Abort, AbortableListener};
use super::app::{LocalAppState, Settings};
use super::fault::Faults;
use super::record::Records;
use super::settings::{LocalLimits, LocalTimes};
use super::{LocalServer, Shared, http, webhooks};
use crate::app::{App, AppBuilder};
use crate::client::PusherBuilder;
use crate::error::Error;

/// The settings of a [`LocalServer`].
pub struct LocalServerBuilder {
    address: SocketAddr,
    path_prefix: String,
    /// Each app with the addresses of its webhooks.
    apps: Vec<(AppBuilder, Vec<String>)>,
    settings: Settings,
}

impl LocalServerBuilder {
    pub(super) fn new() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            path_prefix: String::new(),
            apps: Vec::new(),
            settings: Settings::default(),
        }
    }

    /// Listens on this address. Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Serves everything below this path, such as `/realtime`.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = prefix.into();
        self
    }

    /// Adds an app; its host, port and TLS settings are the server's own. Default: one app
    /// with the id `local-app`, the key `local-key`, the secret `local-secret`, and a master
    /// key for encrypted channels.
    #[must_use]
    pub fn app(self, app: AppBuilder) -> Self {
        self.app_with_webhooks(app, Vec::<String>::new())
    }

    /// Adds an app whose webhooks, of all types, are posted to these URLs.
    #[must_use]
    pub fn app_with_webhooks<U: Into<String>>(
        mut self,
        app: AppBuilder,
        urls: impl IntoIterator<Item = U>,
    ) -> Self {
        let urls = urls.into_iter().map(Into::into).collect();
        self.apps.push((app, urls));
        self
    }

    /// The limits that are kept. Default: the hosted service's.
    #[must_use]
    pub fn limits(mut self, limits: LocalLimits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// The times that are kept. Default: the hosted service's.
    #[must_use]
    pub fn times(mut self, times: LocalTimes) -> Self {
        self.settings.times = times;
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when the address can't be listened on, or an app is malformed;
    /// [`Error::Random`] when the operating system gives no random bytes.
    pub async fn start(mut self) -> Result<LocalServer, Error> {
        let refused = |error: std::io::Error| Error::config("address", error.to_string());
        let listener = TcpListener::bind(self.address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        if self.apps.is_empty() {
            self = self.app(default_app());
        }

        let client = webhooks::client()?;
        let records = Arc::new(Records::default());
        let mut tasks = JoinSet::new();
        let mut apps = Vec::new();
        let mut first = None;
        for (app, urls) in self.apps {
            let app = app
                .host(address.ip().to_string())
                .port(address.port())
                .tls(false)
                .path_prefix(self.path_prefix.as_str())
                .limits(self.settings.limits.api);
            let built = app.clone().build()?;
            first.get_or_insert(app);
            let run = getrandom::u32().map_err(|error| Error::Random {
                source: error.into(),
            })?;
            let state = LocalAppState::new(built, self.settings, records.clone(), run);
            let state = Arc::new(state);
            tasks.spawn(webhooks::post_all(state.clone(), client.clone(), urls));
            apps.push(state);
        }
        let pusher = match first {
            Some(app) => PusherBuilder::from(app).no_proxy().build()?,
            None => return Err(Error::config("apps", "are none")),
        };
        let (life, gone) = watch::channel(());
        let shared = Arc::new(Shared {
            path_prefix: pusher
                .app()
                .base_url()
                .path()
                .trim_end_matches('/')
                .to_owned(),
            apps,
            faults: Faults::default(),
            records,
            gone,
        });
        let router = Router::new()
            .fallback(http::serve)
            .with_state(shared.clone())
            .into_make_service_with_connect_info::<Abort>();
        tasks.spawn(async move {
            // It ends with the task: axum itself serves for ever.
            let _ = axum::serve(AbortableListener(listener), router).await;
        });
        Ok(LocalServer {
            address,
            shared,
            pusher,
            _life: life,
            _tasks: tasks,
        })
    }
}

fn default_app() -> AppBuilder {
    let app = App::builder("local-app", "local-key", "local-secret");
    #[cfg(feature = "encryption")]
    let app = app.encryption_master_key_base64("bG9jYWwtbWFzdGVyLWtleS1vZi0zMi1ieXRlcy4uLi4=");
    app
}

impl fmt::Debug for LocalServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalServerBuilder")
            .field("address", &self.address)
            .field("path_prefix", &self.path_prefix)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
