//! The builder for apps and clients.

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

/// A builder for an [`App`] or, with the feature `client`, for a `Pusher`.
///
/// The settings are checked only by `build` and [`build_app`](Self::build_app).
///
/// The default address is `https://api-mt1.pusher.com`.
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

    /// Sets the cluster of the hosted service, such as `eu`. Default: `mt1`.
    ///
    /// The host is then `api-{cluster}.pusher.com`. A [`host`](Self::host) takes precedence.
    pub fn cluster(mut self, cluster: impl Into<String>) -> Self {
        self.base_url.cluster = cluster.into();
        self
    }

    /// Sets the server's host name or IP address, without scheme and port.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.base_url.host = Some(host.into());
        self
    }

    /// Sets the server's port. Default: 443 with TLS, 80 without.
    pub fn port(mut self, port: u16) -> Self {
        self.base_url.port = Some(port);
        self
    }

    /// Sets whether to use HTTPS. Default: `true`.
    pub fn tls(mut self, tls: bool) -> Self {
        self.base_url.tls = tls;
        self
    }

    /// Sets a path prefix before `/apps/..`, such as `/realtime`.
    ///
    /// Use it for a server behind a reverse proxy that strips the prefix. The prefix is part of the
    /// URL, but it is not signed.
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.base_url.path_prefix = prefix.into();
        self
    }

    /// Sets the limits that are checked before a request is sent.
    ///
    /// Default: the limits of the hosted service.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds older credentials with which webhooks may be signed.
    ///
    /// The service signs webhooks with the app's oldest active credentials, so add these during a
    /// rotation. This method can be called several times.
    pub fn older_credentials(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.older_credentials
            .push((key.into(), Zeroizing::new(secret.into())));
        self
    }

    /// Sets the master key for end-to-end encrypted channels: 32 bytes as standard base64.
    pub fn encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.master_key = Some(Zeroizing::new(key.into()));
        self
    }

    /// Adds an older master key for decryption, from before a rotation.
    ///
    /// It is 32 bytes as standard base64. This method can be called several times.
    pub fn older_encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.older_master_keys.push(Zeroizing::new(key.into()));
        self
    }

    /// Checks the settings and creates the app.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a setting is missing or malformed. It names the setting, never the
    /// value of a secret.
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
    /// Reads the settings from environment variables; see [`from_vars`](Self::from_vars).
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
    /// [`Error::Config`] if a variable is missing or malformed. It names the variable, never its
    /// value.
    pub fn from_env() -> Result<Self, Error> {
        let is_malformed =
            |name: &&str| std::env::var_os(name).is_some_and(|value| value.to_str().is_none());
        if let Some(name) = from_vars::VARIABLES.iter().find(|name| is_malformed(name)) {
            return Err(Error::config(*name, "is not Unicode"));
        }
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// Sets how long to wait for a connection, including TLS. Default: 5 seconds.
    ///
    /// It is at most nine tenths of the [`timeout`](Self::timeout). So a connection that can't be
    /// made is reported as such, and the request as certainly not sent.
    ///
    /// The IPv4 addresses of a host are tried in turn, each for an equal share of this time. The
    /// same applies to its IPv6 addresses.
    ///
    /// This setting has no effect on `wasm32-unknown-unknown`, where the JavaScript host makes the
    /// connections.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.client.connect_timeout = timeout;
        self
    }

    /// Sets the time limit for one attempt of a request. Default: 10 seconds.
    ///
    /// It covers the time from connecting to the end of the response. An attempt never takes longer
    /// than the time left before the [`deadline`](Self::deadline).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.client.limits.timeout = timeout;
        self
    }

    /// Sets the time limit for a whole call. Default: 30 seconds for each of its requests.
    ///
    /// It covers all requests of the call, all their attempts, and the delays between them. The
    /// default applies to each request separately, so a call with several requests may take longer.
    ///
    /// A call can have its own deadline; see for example
    /// [`TriggerCall::deadline`](crate::client::TriggerCall::deadline).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.client.deadline = Some(deadline);
        self
    }

    /// Sets when a failed request is sent again.
    ///
    /// Default: up to 3 attempts for any `GET` and for requests that were certainly not sent. See
    /// [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.client.retry = policy;
        self
    }

    /// Sets the maximum size of a response, in bytes. Default: 8,388,608 (8 MiB).
    ///
    /// The default is far above the size of the API's responses. A larger response fails with
    /// [`Error::UnusableResponse`]; of one that reports an error, only the start is read.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.client.limits.response_bytes = bytes;
        self
    }

    /// Sets an HTTP proxy for all requests, such as `http://user:password@proxy:3128`.
    ///
    /// Default: the proxy from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, but none
    /// for a server on a loopback address or `localhost`. See also [`no_proxy`](Self::no_proxy).
    ///
    /// A proxy requires the reqwest client. The hyper client does not support proxies, and on
    /// `wasm32-unknown-unknown` the host makes the connections. If one of these is the default
    /// client, [`build`](Self::build) rejects a proxy, and the environment's proxies are not read.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.client.proxy = Some(url.into().into());
        self
    }

    /// Uses no proxy and ignores the environment's proxies.
    pub fn no_proxy(mut self) -> Self {
        self.client.no_proxy = true;
        self
    }

    /// Rejects webhooks whose time differs from now by more than this. Default: no check.
    ///
    /// It applies to the past and to the future. See
    /// [`Webhook::check_age`](crate::Webhook::check_age).
    pub fn webhook_window(mut self, window: Duration) -> Self {
        self.client.webhook_window = Some(window);
        self
    }

    /// Uses your own HTTP client, or a function in a test; see [`HttpClient`].
    ///
    /// The proxy settings and the connect timeout are then those of that client.
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.client.http_client = Some(Arc::new(Bounded(client)));
        self
    }

    /// Uses reqwest clients from your own builders, for custom TLS roots, DNS or sockets.
    ///
    /// The function is called once for each tokio runtime in which calls are awaited, since
    /// connections can't be shared between runtimes.
    ///
    /// The timeouts, the proxy and the redirect policy are those of this builder, and only HTTP/1.1
    /// is used. Your own TLS configuration (`tls_backend_preconfigured`) is not changed. It must
    /// not offer `h2` in ALPN.
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

    /// Uses an existing reqwest client, to share its connections.
    ///
    /// The client keeps its own connect timeout, proxy, redirect policy and HTTP version. All
    /// runtimes share it. Its connections break when the runtime that made them ends.
    ///
    /// **Its redirect policy must be none and its retry policy never.** A client that retries can
    /// deliver an event twice. A client that follows redirects passes on the signed URL, and may
    /// take the response of another address for that of the service. The crate can't check these
    /// policies, so it reports a failed connection as [`Error::Transport`], and not as certainly
    /// not sent. Prefer [`reqwest_client_builder`](Self::reqwest_client_builder), which sets both.
    ///
    /// **Build it with `http1_only`** or with an HTTP/2 keep-alive. reqwest's default feature
    /// `http2` makes it use HTTP/2 if the service offers it. All calls then share one connection.
    /// If that connection stops responding, the calls time out until the system closes it, which
    /// can take many minutes.
    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.client.http_client = Some(reqwest_client::shared(client));
        self
    }

    /// Checks all settings and creates the client.
    ///
    /// No connection is made before the first call.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a setting is missing or malformed. It names the setting, never the
    /// value of a secret.
    pub fn build(self) -> Result<Pusher, Error> {
        let app = self.app()?;
        Pusher::new(app, self.client)
    }
}

/// Leaves out the secrets.
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
    fn error_names_malformed_setting() {
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
