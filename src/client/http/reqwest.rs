//! The client on reqwest, which is the default.

use std::pin::pin;
use std::sync::Arc;

use ::reqwest::{self, redirect};
use http::Response;
use tokio::time::sleep;

use super::{Body, HttpClient, ResponseFuture, SendLimits, TransportBuilder, before};
use crate::api::SignedRequest;
use crate::app::App;
use crate::client::PusherBuilder;
use crate::error::Error;

/// What a client on reqwest can be made of.
#[derive(Default)]
pub(super) struct Settings {
    builder: Option<reqwest::ClientBuilder>,
}

#[cfg(feature = "blocking")]
impl Settings {
    pub(super) fn is_given(&self) -> bool {
        self.builder.is_some()
    }
}

/// Without the builder, of which there is but one.
#[cfg(feature = "blocking")]
impl Clone for Settings {
    fn clone(&self) -> Self {
        Self::default()
    }
}

struct ReqwestClient {
    client: reqwest::Client,
    /// Whether it may follow redirects: then a connection that fails may be the second one.
    is_foreign: bool,
}

impl PusherBuilder {
    /// Sends through a client that this builder makes, for TLS roots, DNS or sockets of your own.
    /// Timeouts, proxy and redirect policy are then set as here, and only HTTP/1.1 is
    /// spoken. A TLS configuration of your own (`tls_backend_preconfigured`) is left as it is: it must
    /// not offer `h2` by ALPN.
    #[must_use]
    pub fn reqwest_client_builder(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.transport.reqwest.builder = Some(builder);
        self
    }

    /// Sends through this very reqwest client, to share its connections; its own connect timeout,
    /// proxy, redirect policy and HTTP version hold.
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
        self.transport.client = Some(Arc::new(ReqwestClient {
            client,
            is_foreign: true,
        }));
        self
    }
}

impl TransportBuilder {
    pub(super) fn default_client(self, app: &App) -> Result<Arc<dyn HttpClient>, Error> {
        Ok(Arc::new(self.reqwest_client(app)?))
    }

    fn reqwest_client(mut self, app: &App) -> Result<ReqwestClient, Error> {
        let is_https = app.base_url().scheme() == "https";
        if is_https && !cfg!(any(feature = "rustls", feature = "native-tls")) {
            let reason = "needs the crate's feature `rustls` or `native-tls`";
            return Err(Error::config("tls", reason));
        }
        let client = match self.reqwest.builder.take() {
            Some(builder) => self.configured(builder)?.build(),
            None if is_https => self.configured(reqwest::Client::builder())?.build(),
            None if self.no_proxy => self.configured(without_tls_roots())?.build(),
            // There may be a proxy that is spoken to by TLS.
            None => match self.configured(reqwest::Client::builder())?.build() {
                Ok(client) => Ok(client),
                Err(_) => self.configured(without_tls_roots())?.build(),
            },
        };
        Ok(ReqwestClient {
            client: client.map_err(|error| Error::config("HTTP client", whole_message(&error)))?,
            is_foreign: false,
        })
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
        let url = request.url();
        let sent_to = self.is_foreign.then(|| url.clone());
        let mut unsent = reqwest::Request::new(request.method().clone(), url);
        *unsent.headers_mut() = request.headers();
        *unsent.body_mut() = Some(request.into_body().into());
        let response = self.client.execute(unsent);
        Box::pin(async move {
            let mut end = pin!(sleep(limits.timeout));
            let mut response = match before(end.as_mut(), limits, pin!(response)).await {
                Ok(Ok(response)) => response,
                Ok(Err(error)) => return Err(self.error(error, limits)),
                Err(timeout) => return Err(timeout),
            };
            if sent_to.is_some_and(|url| url != *response.url()) {
                return Err(redirected());
            }
            let mut body = Body::new(response.status(), limits);
            while response.content_length() != Some(0) {
                let next = before(end.as_mut(), limits, pin!(response.chunk())).await;
                let next = next.and_then(|next| next.map_err(|error| self.error(error, limits)));
                if !body.take(next)? {
                    break;
                }
            }
            let mut answer = Response::new(body.into_bytes());
            *answer.status_mut() = response.status();
            std::mem::swap(answer.headers_mut(), response.headers_mut());
            Ok(answer)
        })
    }
}

impl ReqwestClient {
    /// Sorts what went wrong by whether the service may have acted.
    #[cold]
    fn error(&self, error: reqwest::Error, limits: SendLimits) -> Error {
        // The URL holds the signature.
        let error = error.without_url();
        if error.is_redirect() {
            redirected()
        } else if error.is_builder() && !self.is_foreign {
            Error::invalid(
                "request",
                "",
                format!("the HTTP client can't build it: {error}"),
            )
        } else if error.is_connect() && !self.is_foreign {
            Error::connect(error)
        } else if error.is_timeout() {
            Error::timeout(limits.timeout)
        } else {
            Error::transport(error)
        }
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
