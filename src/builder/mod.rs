//! Setting up an app or a client, one setting at a time.

mod base_url;
mod from_url;
mod from_vars;

pub(crate) use base_url::is_dots;

use std::sync::Arc;
#[cfg(feature = "client")]
use std::time::Duration;

use zeroize::Zeroizing;

use self::base_url::BaseUrl;
use crate::api::Address;
use crate::app::App;
#[cfg(all(
    feature = "reqwest",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
use crate::client::http::reqwest as reqwest_client;
#[cfg(feature = "client")]
use crate::client::{Bounded, ClientSettings, HttpClient, Pusher, RetryPolicy};
use crate::credentials::Credentials;
use crate::encryption::MasterKey;
use crate::error::Error;
use crate::limits::Limits;

/// The settings of an [`App`], and with the feature `client` of a `Pusher`. Nothing is checked before
/// `build` or [`build_app`](Self::build_app).
///
/// Without any setting the address is `https://api-mt1.pusher.com`.
///
/// ```
/// use pusher_http::App;
///
/// let app = App::builder("app-id", "key", "secret")
///     .host("127.0.0.1")
///     .port(6001)
///     .tls(false)
///     .build_app()?;
/// assert_eq!(app.base_url().as_str(), "http://127.0.0.1:6001/");
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Builder {
    id: String,
    key: String,
    secret: Zeroizing<String>,
    older_credentials: Vec<(String, Zeroizing<String>)>,
    base_url: BaseUrl,
    limits: Limits,
    master_key: Option<Zeroizing<String>>,
    older_master_keys: Vec<Zeroizing<String>>,
    #[cfg(feature = "client")]
    client: ClientSettings,
}

/// The settings of an app.
impl Builder {
    pub(crate) fn new(id: String, key: String, secret: String) -> Self {
        Self {
            id,
            key,
            secret: Zeroizing::new(secret),
            older_credentials: Vec::new(),
            base_url: BaseUrl::default(),
            limits: Limits::default(),
            master_key: None,
            older_master_keys: Vec::new(),
            #[cfg(feature = "client")]
            client: ClientSettings::default(),
        }
    }

    /// The hosted service's cluster, such as `eu`: the host is `api-{cluster}.pusher.com`.
    /// A [`host`](Self::host) takes precedence. Default: `mt1`.
    pub fn cluster(mut self, cluster: impl Into<String>) -> Self {
        self.base_url.cluster = cluster.into();
        self
    }

    /// The server's host name or IP address, without scheme and port.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.base_url.host = Some(host.into());
        self
    }

    /// The server's port. Default: 443 with TLS, 80 without.
    pub fn port(mut self, port: u16) -> Self {
        self.base_url.port = Some(port);
        self
    }

    /// Whether to use HTTPS. Default: yes.
    pub fn tls(mut self, tls: bool) -> Self {
        self.base_url.tls = tls;
        self
    }

    /// A path before `/apps/..`, such as `/realtime`, for a server behind a reverse proxy that
    /// strips it. It is part of the URL and not of what is signed.
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.base_url.path_prefix = prefix.into();
        self
    }

    /// The limits that are checked before the network. Default: the hosted service's.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// One more key and secret that webhooks may be signed with. The service signs with an app's oldest
    /// active ones, so add these while they are rotated. May be called several times.
    pub fn older_credentials(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.older_credentials
            .push((key.into(), Zeroizing::new(secret.into())));
        self
    }

    /// The master key of end-to-end encrypted channels: 32 bytes as standard base64.
    pub fn encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.master_key = Some(Zeroizing::new(key.into()));
        self
    }

    /// One more master key that encrypted data is opened with, from before a rotation: 32 bytes as
    /// standard base64. May be called several times.
    pub fn older_encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.older_master_keys.push(Zeroizing::new(key.into()));
        self
    }

    /// Checks the settings of an app and makes it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the setting that is missing or malformed, never a secret's value.
    pub fn build_app(self) -> Result<App, Error> {
        self.app()
    }

    fn app(&self) -> Result<App, Error> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if self.id.is_empty() || !self.id.bytes().all(is_plain) || is_dots(&self.id) {
            return Err(Error::config(
                "app id",
                "must be of A-Z a-z 0-9 - _ . and not empty",
            ));
        }
        let address = Arc::new(Address::new(self.base_url.checked()?)?);
        let mut credentials = vec![Credentials::new(&*self.key, self.secret.as_str())?];
        for (key, secret) in &self.older_credentials {
            credentials.push(Credentials::new(&**key, secret.as_str())?);
        }
        if self.limits.channels_per_trigger == 0 || self.limits.events_per_batch == 0 {
            return Err(Error::config(
                "limits",
                "of channels per trigger and events per batch must be at least 1",
            ));
        }
        let master_key = |key: &Zeroizing<String>| MasterKey::from_base64(key);
        let older_master_keys = self.older_master_keys.iter().map(master_key);
        Ok(App {
            id: self.id.clone(),
            credentials,
            address,
            limits: self.limits,
            master_key: self.master_key.as_ref().map(master_key).transpose()?,
            older_master_keys: older_master_keys.collect::<Result<_, _>>()?,
        })
    }
}

/// The settings of a client.
#[cfg(feature = "client")]
impl Builder {
    /// The settings that the process's environment has; see [`from_vars`](Self::from_vars).
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use pusher_http::Builder;
    ///
    /// let pusher = Builder::from_env()?.timeout(Duration::from_secs(3)).build()?;
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the variable that is missing or malformed, never its value.
    pub fn from_env() -> Result<Self, Error> {
        let is_malformed =
            |name: &&str| std::env::var_os(name).is_some_and(|value| value.to_str().is_none());
        if let Some(name) = from_vars::VARIABLES.iter().find(|name| is_malformed(name)) {
            return Err(Error::config(*name, "is not Unicode"));
        }
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// How long to wait for a connection, TLS included. Default: 5 seconds; at most nine tenths of
    /// the [`timeout`](Self::timeout), so that a connection that can't be made is reported as
    /// that, and so as certainly not sent. The IPv4 addresses of a host are tried in turn, each
    /// for an equal share of it, and so are its IPv6 addresses. Nothing on
    /// `wasm32-unknown-unknown`, where the JavaScript host makes the connections.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.client.connect_timeout = timeout;
        self
    }

    /// How long one attempt of a request may take, from the connection to the end of the answer.
    /// Default: 10 seconds, and never longer than what is left before the
    /// [`deadline`](Self::deadline).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.client.limits.timeout = timeout;
        self
    }

    /// How long a whole call may take: all its requests, all their attempts, and the waits between
    /// them. Default: 30 seconds for each request, however many a call takes. A call can have a
    /// deadline of its own, such as
    /// [`TriggerCall::deadline`](crate::client::TriggerCall::deadline).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.client.deadline = Some(deadline);
        self
    }

    /// When a request that failed is sent again. Default: what surely was not sent, and any `GET`,
    /// in 3 attempts; see [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.client.retry = policy;
        self
    }

    /// The longest answer that is read, in bytes. Default: 8,388,608 (8 MiB), far above what the
    /// API answers. A longer one is [`Error::Answer`].
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.client.limits.response_bytes = bytes;
        self
    }

    /// An HTTP proxy for all requests, such as `http://user:password@proxy:3128`. Default: what
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say, and no proxy for a server on a
    /// loopback address or `localhost`; see also [`no_proxy`](Self::no_proxy).
    ///
    /// It needs the client on reqwest. The one on hyper knows no proxies, and on
    /// `wasm32-unknown-unknown` the host makes the connections: where one of these is the default
    /// client, [`build`](Self::build) refuses a proxy, and the environment's are not read.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.client.proxy = Some(url.into().into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.client.no_proxy = true;
        self
    }

    /// Refuses webhooks whose time is further than this from now, before or after. Default: no
    /// check. See [`Webhook::check_age`](crate::Webhook::check_age).
    pub fn webhook_window(mut self, window: Duration) -> Self {
        self.client.webhook_window = Some(window);
        self
    }

    /// Sends through an HTTP client of your own, or through a function in a test; see
    /// [`HttpClient`]. Settings of proxies and of the time to connect are then that client's.
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.client.http_client = Some(Arc::new(Bounded(client)));
        self
    }

    /// Sends through clients that this function's builders make, for TLS roots, DNS or sockets of your
    /// own. It is called once for each tokio runtime that calls are awaited in, since connections can't
    /// be shared between runtimes. Timeouts, proxy and redirect policy are then set as here, and only
    /// HTTP/1.1 is spoken. A TLS configuration of your own (`tls_backend_preconfigured`) is left as it is:
    /// it must not offer `h2` by ALPN.
    ///
    /// ```
    /// use pusher_http::{Pusher, reqwest};
    ///
    /// let pusher = Pusher::builder("app-id", "key", "secret")
    ///     .reqwest_client_builder(|| reqwest::Client::builder().tcp_nodelay(true))
    ///     .build()?;
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    pub fn reqwest_client_builder(
        mut self,
        builder: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.client.reqwest_builder = Some(Arc::new(builder));
        self
    }

    /// Sends through this very reqwest client, to share its connections; its own connect timeout,
    /// proxy, redirect policy and HTTP version hold. All runtimes share it: its connections break when
    /// the runtime that made them ends.
    ///
    /// **Its redirect policy has to be none, and its retry policy never**: a client that sends again
    /// by itself can double an event, and one that follows redirects passes the signed URL on, and can
    /// take the answer of another address for the service's. Since that can't be seen from here, a
    /// connection that fails is reported as [`Error::Transport`], and not as certainly unsent. Prefer
    /// [`reqwest_client_builder`](Self::reqwest_client_builder), which sees to both.
    ///
    /// **Build it with `http1_only`**, or with a keep-alive of HTTP/2: reqwest's feature `http2`, one of
    /// its default features, makes it take HTTP/2 if the service offers it. All calls then share one
    /// connection, and if that goes silent, they time out until the system closes it. That can take
    /// many minutes.
    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.client.http_client = Some(reqwest_client::shared(client));
        self
    }

    /// Checks all settings and makes a client. No connection is made before the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the setting that is missing or malformed, never a secret's value.
    pub fn build(self) -> Result<Pusher, Error> {
        let app = self.app()?;
        Pusher::new(app, self.client)
    }
}

/// Without secrets.
impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Builder");
        debug
            .field("id", &self.id)
            .field("key", &self.key)
            .field("base_url", &self.base_url)
            .field("limits", &self.limits);
        #[cfg(feature = "client")]
        debug.field("client", &self.client);
        debug.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> Builder {
        App::builder("3", "key", "marker-secret")
    }

    #[test]
    fn what_is_malformed_is_named() {
        for (broken, name) in [
            (App::builder("", "key", "secret"), "app id"),
            (App::builder("a/b", "key", "secret"), "app id"),
            (App::builder("..", "key", "secret"), "app id"),
            (App::builder("3", "", "secret"), "key"),
            (App::builder("3", "key", ""), "secret"),
            (builder().older_credentials("key2", ""), "secret"),
            (builder().cluster("eu.evil.example/"), "cluster"),
            (builder().cluster(""), "cluster"),
            (builder().host(""), "host"),
            (builder().host("https://example.com"), "host"),
            (builder().host("example.com:80"), "host"),
            (builder().host("user@example.com"), "host"),
            (builder().host("exa mple.com"), "host"),
            (builder().host("example.com:443"), "host"),
            (builder().host("example.com:"), "host"),
            (builder().host("[::1]:443"), "host"),
            (builder().host("ex\tample.com"), "host"),
            (builder().host("%65xample.com"), "host"),
            (builder().path_prefix("/a/../b"), "path prefix"),
            (builder().path_prefix("/a/%2E%2e/b"), "path prefix"),
            (builder().path_prefix("/a?b"), "path prefix"),
            (
                builder().limits(Limits {
                    events_per_batch: 0,
                    ..Limits::default()
                }),
                "limits",
            ),
        ] {
            let debug = format!("{broken:?}");
            assert!(!debug.contains("marker-secret"), "{debug}");
            let error = broken.build_app().unwrap_err();
            assert!(
                matches!(&error, Error::Config { name: named, .. } if named == name),
                "{error} should name {name}"
            );
        }
    }

    #[test]
    fn secrets_are_wiped_on_drop() {
        fn assert_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}

        let builder = builder().older_credentials("key2", "secret");
        assert_wiped(&builder.secret);
        assert_wiped(&builder.older_credentials[0].1);
        {
            let builder = builder
                .encryption_master_key_base64("")
                .older_encryption_master_key_base64("");
            assert_wiped(builder.master_key.as_ref().unwrap());
            assert_wiped(&builder.older_master_keys[0]);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let app = builder()
            .older_credentials("key2", "marker-secret")
            .build_app();
        assert!(!format!("{:?}", app.unwrap()).contains("marker-secret"));
    }
}
