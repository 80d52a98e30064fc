//! Setting up a client, one setting at a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::http::TransportBuilder;
use super::{Pusher, RetryPolicy, Shared};
use crate::app::{AppBuilder, VARIABLES};
use crate::error::Error;
use crate::limits::Limits;

/// The settings of a [`Pusher`]; nothing is checked before [`build`](PusherBuilder::build).
///
/// ```
/// use std::time::Duration;
/// use pusher_http::Pusher;
///
/// let pusher = Pusher::builder("app-id", "key", "secret")
///     .host("127.0.0.1")
///     .port(6001)
///     .tls(false)
///     .timeout(Duration::from_secs(3))
///     .build()?;
/// # Ok::<(), pusher_http::Error>(())
/// ```
pub struct PusherBuilder {
    app: AppBuilder,
    pub(super) transport: TransportBuilder,
    deadline: Option<Duration>,
    retry: RetryPolicy,
    webhook_window: Option<Duration>,
}

/// The settings of an app, with the client's own at their defaults.
impl From<AppBuilder> for PusherBuilder {
    fn from(app: AppBuilder) -> Self {
        Self {
            app,
            transport: TransportBuilder::default(),
            deadline: None,
            retry: RetryPolicy::default(),
            webhook_window: None,
        }
    }
}

impl PusherBuilder {
    /// The settings that the process's environment has; see [`AppBuilder::from_vars`].
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use pusher_http::PusherBuilder;
    ///
    /// let pusher = PusherBuilder::from_env()?.timeout(Duration::from_secs(3)).build()?;
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the variable that is missing or malformed, never its value.
    pub fn from_env() -> Result<Self, Error> {
        let is_malformed =
            |name: &&str| std::env::var_os(name).is_some_and(|value| value.to_str().is_none());
        if let Some(name) = VARIABLES.iter().find(|name| is_malformed(name)) {
            return Err(Error::config(*name, "is not Unicode"));
        }
        Ok(AppBuilder::from_vars(|name| std::env::var(name).ok())?.into())
    }

    /// The settings that a URL has; see [`AppBuilder::from_url`].
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the part that is missing or malformed, never its value.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Ok(AppBuilder::from_url(url)?.into())
    }

    /// As [`AppBuilder::cluster`].
    #[must_use]
    pub fn cluster(self, cluster: impl Into<String>) -> Self {
        self.map_app(|app| app.cluster(cluster))
    }

    /// As [`AppBuilder::host`].
    #[must_use]
    pub fn host(self, host: impl Into<String>) -> Self {
        self.map_app(|app| app.host(host))
    }

    /// As [`AppBuilder::port`].
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        self.map_app(|app| app.port(port))
    }

    /// As [`AppBuilder::tls`].
    #[must_use]
    pub fn tls(self, tls: bool) -> Self {
        self.map_app(|app| app.tls(tls))
    }

    /// As [`AppBuilder::path_prefix`].
    #[must_use]
    pub fn path_prefix(self, prefix: impl Into<String>) -> Self {
        self.map_app(|app| app.path_prefix(prefix))
    }

    /// As [`AppBuilder::limits`].
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        self.map_app(|app| app.limits(limits))
    }

    /// As [`AppBuilder::older_token`].
    #[must_use]
    pub fn older_token(self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.map_app(|app| app.older_token(key, secret))
    }

    /// As [`AppBuilder::encryption_master_key_base64`].
    #[must_use]
    pub fn encryption_master_key_base64(self, key: impl Into<String>) -> Self {
        self.map_app(|app| app.encryption_master_key_base64(key))
    }

    /// As [`AppBuilder::older_encryption_master_key_base64`].
    #[must_use]
    pub fn older_encryption_master_key_base64(self, key: impl Into<String>) -> Self {
        self.map_app(|app| app.older_encryption_master_key_base64(key))
    }

    /// How long to wait for a connection, TLS included. Default: 5 seconds; at most nine tenths of
    /// the [`timeout`](Self::timeout), so that a connection that can't be made is reported as
    /// that, and so as certainly not sent. The IPv4 addresses of a host are tried in turn, each
    /// for an equal share of it, and so are its IPv6 addresses. Nothing on
    /// `wasm32-unknown-unknown`, where the JavaScript host makes the connections.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.transport.bounds.connect_timeout = timeout;
        self
    }

    /// How long one attempt of a request may take, from the connection to the end of the answer.
    /// Default: 10 seconds, and never longer than what is left before the
    /// [`deadline`](Self::deadline).
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.transport.bounds.timeout = timeout;
        self
    }

    /// How long a whole call may take: all its requests, all their attempts, and the waits between
    /// them. Default: 30 seconds for each request, however many a call takes. A call can have a
    /// deadline of its own, such as
    /// [`TriggerCall::deadline`](crate::client::TriggerCall::deadline).
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// When a request that failed is sent again. Default: what surely was not sent, and any `GET`,
    /// in 3 attempts; see [`RetryPolicy`].
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The longest answer that is read, in bytes. Default: 8,388,608 (8 MiB), far above what the
    /// API answers. A longer one is [`Error::Answer`].
    #[must_use]
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.transport.bounds.response_bytes = bytes;
        self
    }

    /// An HTTP proxy for all requests, such as `http://user:password@proxy:3128`. Default: what
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say, and no proxy for a server on a
    /// loopback address or `localhost`; see also [`no_proxy`](Self::no_proxy).
    ///
    /// It needs the client on reqwest. The one on hyper knows no proxies, and on
    /// `wasm32-unknown-unknown` the host makes the connections: where one of these is the default
    /// client, [`build`](Self::build) refuses a proxy, and the environment's are not read.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.transport.proxy = Some(url.into().into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.transport.no_proxy = true;
        self
    }

    /// Refuses webhooks whose time is further than this from now, before or after. Default: no
    /// check. See [`Webhook::check_age`](crate::Webhook::check_age).
    #[must_use]
    pub fn webhook_window(mut self, window: Duration) -> Self {
        self.webhook_window = Some(window);
        self
    }

    /// Checks all settings and makes the client. No connection is made before the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the setting that is missing or malformed, never a secret's value.
    pub fn build(self) -> Result<Pusher, Error> {
        let app = self.app.build()?;
        let transport = self.transport.build(&app)?;
        Ok(Pusher {
            shared: Arc::new(Shared {
                app,
                transport,
                deadline: self.deadline,
                retry: self.retry,
                webhook_window: self.webhook_window,
            }),
        })
    }

    fn map_app(mut self, change: impl FnOnce(AppBuilder) -> AppBuilder) -> Self {
        self.app = change(self.app);
        self
    }
}

impl fmt::Debug for PusherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PusherBuilder")
            .field("app", &self.app)
            .field("connect_timeout", &self.transport.bounds.connect_timeout)
            .field("timeout", &self.transport.bounds.timeout)
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
            .field("webhook_window", &self.webhook_window)
            .finish_non_exhaustive()
    }
}
