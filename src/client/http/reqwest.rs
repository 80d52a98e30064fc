//! The client on reqwest, which is the default.

use std::pin::pin;
use std::sync::Arc;

use ::reqwest::{self, redirect};
use http::Response;
use tokio::time::sleep;

use super::per_runtime::PerRuntime;
use super::{Body, HttpClient, ResponseFuture, SendLimits, TransportBuilder, before};
use crate::api::SignedRequest;
use crate::app::App;
use crate::client::PusherBuilder;
use crate::error::Error;

/// Makes a builder of the user's own, one for each client.
pub(super) type MakeBuilder = Box<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>;

enum ReqwestClient {
    /// Clients of this crate's own.
    Own(PerRuntime<reqwest::Client>),
    /// A client of the user's. It may follow redirects: then a connection that fails may be the second
    /// one.
    Shared(reqwest::Client),
}

impl PusherBuilder {
    /// Sends through clients that this function's builders make, for TLS roots, DNS or sockets of your
    /// own. It is called once for each tokio runtime that calls are awaited in, since connections can't
    /// be shared between runtimes. Timeouts, proxy and redirect policy are then set as here, and only
    /// HTTP/1.1 is spoken. A TLS configuration of your own (`tls_backend_preconfigured`) is left as it is: it must
    /// not offer `h2` by ALPN.
    ///
    /// ```
    /// use pusher_http::{Pusher, reqwest};
    ///
    /// let pusher = Pusher::builder("app-id", "key", "secret")
    ///     .reqwest_client_builder(|| reqwest::Client::builder().tcp_nodelay(true))
    ///     .build()?;
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    #[must_use]
    pub fn reqwest_client_builder(
        mut self,
        builder: impl Fn() -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.transport.reqwest = Some(Box::new(builder));
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
    #[must_use]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.transport.client = Some(Arc::new(ReqwestClient::Shared(client)));
        self
    }
}

impl TransportBuilder {
    pub(super) fn default_client(mut self, app: &App) -> Result<Arc<dyn HttpClient>, Error> {
        let url = app.base_url();
        let is_https = url.scheme() == "https";
        if is_https && !cfg!(any(feature = "rustls", feature = "native-tls")) {
            let reason = "needs the crate's feature `rustls` or `native-tls`";
            return Err(Error::config("tls", reason));
        }
        self.no_proxy |= is_loopback(url);
        let clients = PerRuntime::new(move || self.reqwest_client(is_https))?;
        Ok(Arc::new(ReqwestClient::Own(clients)))
    }

    fn reqwest_client(&self, is_https: bool) -> Result<reqwest::Client, Error> {
        let client = match &self.reqwest {
            Some(builder) => self.configured(builder())?.build(),
            None if is_https => self.configured(reqwest::Client::builder())?.build(),
            None if self.no_proxy => self.configured(without_tls_roots())?.build(),
            // There may be a proxy that is spoken to by TLS.
            None => match self.configured(reqwest::Client::builder())?.build() {
                Ok(client) => Ok(client),
                Err(_) => self.configured(without_tls_roots())?.build(),
            },
        };
        client.map_err(|error| Error::config("HTTP client", whole_message(&error)))
    }

    fn configured(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        let builder = builder
            .connect_timeout(self.bounds.connect_timeout)
            .redirect(redirect::Policy::none())
            // Whether to send again is decided, and signed afresh, by the caller. Of what can't be
            // sent again no copy is kept.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            // Some other crate may turn on `http2`. All calls would then share one connection, and if
            // that goes silent, would time out on it for minutes.
            .http1_only()
            // Features that some other crate turns on would unpack what a hostile peer packed.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate();
        match &self.proxy {
            Some(url) => reqwest::Proxy::all(url.as_str())
                .map(|proxy| builder.proxy(proxy))
                .map_err(|_| Error::config("proxy", "is not a proxy's URL")),
            None if self.no_proxy => Ok(builder.no_proxy()),
            None => Ok(builder),
        }
    }
}

impl HttpClient for ReqwestClient {
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_> {
        Box::pin(async move {
            let (client, is_shared) = match self {
                Self::Own(clients) => (clients.current()?, false),
                Self::Shared(client) => (client.clone(), true),
            };
            let failed = |error| error_of(error, is_shared, limits);
            let request = reqwest::Request::try_from(request.into_http()).map_err(failed)?;
            let sent_to = is_shared.then(|| request.url().clone());
            let mut end = pin!(sleep(limits.timeout));
            let response = before(end.as_mut(), limits, pin!(client.execute(request))).await?;
            let mut response = response.map_err(failed)?;
            if sent_to.is_some_and(|url| url != *response.url()) {
                return Err(redirected());
            }
            let mut body = Body::new(response.status(), limits);
            while response.content_length() != Some(0) {
                let next = before(end.as_mut(), limits, pin!(response.chunk())).await;
                if !body.take(next.and_then(|next| next.map_err(failed)))? {
                    break;
                }
            }
            let mut whole = Response::new(body.into_bytes());
            *whole.status_mut() = response.status();
            std::mem::swap(whole.headers_mut(), response.headers_mut());
            Ok(whole)
        })
    }
}

/// Sorts what went wrong by whether the service may have acted.
#[cold]
fn error_of(error: reqwest::Error, is_shared: bool, limits: SendLimits) -> Error {
    // The URL holds the signature.
    let error = error.without_url();
    if error.is_redirect() {
        redirected()
    } else if error.is_builder() && !is_shared {
        Error::invalid(
            "request",
            "",
            format!("the HTTP client can't build it: {error}"),
        )
    } else if error.is_connect() && !is_shared {
        Error::connect(error)
    } else if error.is_timeout() {
        Error::timeout(limits.timeout)
    } else {
        Error::transport(error)
    }
}

/// Whether the server is on this machine. As in most HTTP clients, the environment's proxies are not
/// for it.
fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// For plain HTTP: some machines have no certificates, and to load them takes time.
pub(crate) fn without_tls_roots() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder();
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder.tls_certs_only([]);
    builder
}

/// An error's message and those of its sources, of which this is the last that is seen.
pub(crate) fn whole_message(error: &dyn std::error::Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    let messages: Vec<_> = errors.map(ToString::to_string).collect();
    messages.join(": ")
}

#[cold]
fn redirected() -> Error {
    Error::Answer {
        reason: "a redirect was followed: set the redirect policy of the reqwest client to none"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_proxies_are_not_for_this_machine() {
        for (url, expected) in [
            ("http://localhost:6001", true),
            ("http://127.0.0.1", true),
            ("https://127.8.9.1", true),
            ("http://[::1]:6001", true),
            ("http://localhost.example", false),
            ("http://128.0.0.1", false),
            ("http://[::2]", false),
            ("https://api-mt1.pusher.com", false),
        ] {
            assert_eq!(is_loopback(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
