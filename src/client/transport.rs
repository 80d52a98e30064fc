//! Sending one signed request: the only file that names reqwest.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::redirect;
use zeroize::Zeroizing;

use super::PusherBuilder;
use crate::api::SignedRequest;
use crate::app::App;
use crate::error::Error;

pub(super) struct Transport {
    client: reqwest::Client,
    /// Whether it may follow redirects: then a connection that fails may be the second one.
    is_foreign: bool,
    timeout: Duration,
    max_response_bytes: usize,
}

pub(super) struct TransportBuilder {
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_response_bytes: usize,
    pub(super) proxy: Option<Zeroizing<String>>,
    pub(super) no_proxy: bool,
    client: Option<reqwest::Client>,
    client_builder: Option<reqwest::ClientBuilder>,
}

impl Default for TransportBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            // No answer of the API comes near it; what does is no answer of the API.
            max_response_bytes: 8 * 1024 * 1024,
            proxy: None,
            no_proxy: false,
            client: None,
            client_builder: None,
        }
    }
}

impl PusherBuilder {
    /// Sends through a client that this builder makes, for TLS roots, DNS or sockets of your own.
    /// Timeouts, proxy and redirect policy are then set as here.
    #[must_use]
    pub fn reqwest_client_builder(mut self, builder: reqwest::ClientBuilder) -> Self {
        self.transport.client_builder = Some(builder);
        self
    }

    /// Sends through this very reqwest client, to share its connections; its own connect timeout,
    /// proxy and redirect policy hold.
    ///
    /// **Its redirect policy has to be none**: a client that follows redirects passes the signed
    /// URL on, and can take the answer of another address for the service's. Since that can't be
    /// seen from here, a connection that fails is reported as [`Error::Transport`], and not as
    /// certainly unsent. Prefer [`reqwest_client_builder`](Self::reqwest_client_builder), which
    /// sees to both.
    #[must_use]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.transport.client = Some(client);
        self
    }
}

impl TransportBuilder {
    pub(super) fn build(mut self, app: &App) -> Result<Transport, Error> {
        let (client, is_foreign) = match self.client.take() {
            Some(client) => (client, true),
            None => (self.new_client(app)?, false),
        };
        Ok(Transport {
            client,
            is_foreign,
            timeout: self.timeout,
            max_response_bytes: self.max_response_bytes,
        })
    }

    fn new_client(&mut self, app: &App) -> Result<reqwest::Client, Error> {
        let can_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        if app.base_url().scheme() == "https" && !can_tls {
            let reason = "needs the crate's feature `rustls` or `native-tls`";
            return Err(Error::config("tls", reason));
        }
        let client = match self.client_builder.take() {
            Some(builder) => self.configured(builder)?.build(),
            None if app.base_url().scheme() == "https" => {
                self.configured(reqwest::Client::builder())?.build()
            }
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
            .connect_timeout(self.connect_timeout.min(self.timeout / 10 * 9))
            .redirect(redirect::Policy::none())
            // Whether to send again is decided, and signed afresh, by the caller.
            .retry(reqwest::retry::never())
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

impl Transport {
    /// Sends a request, in at most the time that `remaining` leaves.
    pub(super) async fn send(
        &self,
        request: SignedRequest,
        remaining: Duration,
    ) -> Result<http::Response<Bytes>, Error> {
        let timeout = self.timeout.min(remaining);
        let url = request.url();
        let sent_to = self.is_foreign.then(|| url.clone());
        let mut unsent = reqwest::Request::new(request.method().clone(), url);
        *unsent.headers_mut() = request.headers();
        *unsent.body_mut() = Some(request.body().clone().into());
        *unsent.timeout_mut() = Some(timeout);
        let mut response = self
            .client
            .execute(unsent)
            .await
            .map_err(|error| self.error(error, timeout))?;
        if sent_to.is_some_and(|url| url != *response.url()) {
            return Err(redirected());
        }
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        // A refusal is clear by its status, whatever becomes of its words.
        let is_refusal = !answer.status().is_success();
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= self.max_response_bytes => {
                    body.extend_from_slice(&chunk);
                }
                Ok(None) => break,
                Ok(Some(_)) | Err(_) if is_refusal => break,
                Ok(Some(_)) => {
                    let reason = format!("the answer is over {} bytes", self.max_response_bytes);
                    return Err(Error::Answer { reason });
                }
                Err(error) => return Err(self.error(error, timeout)),
            }
        }
        *answer.body_mut() = body.freeze();
        Ok(answer)
    }

    /// Sorts what went wrong by whether the service may have acted.
    fn error(&self, error: reqwest::Error, timeout: Duration) -> Error {
        // The URL holds the signature.
        let error = error.without_url();
        if error.is_redirect() {
            redirected()
        } else if error.is_builder() {
            Error::invalid(
                "request",
                "",
                format!("the HTTP client can't build it: {error}"),
            )
        } else if error.is_connect() && !self.is_foreign {
            Error::Connect {
                source: error.into(),
            }
        } else if error.is_timeout() {
            Error::Timeout { timeout }
        } else {
            Error::Transport {
                source: error.into(),
            }
        }
    }
}

/// For plain HTTP: some machines have no certificates, and to load them takes time.
fn without_tls_roots() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder();
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder.tls_certs_only([]);
    builder
}

/// An error's message and those of its sources, of which this is the last that is seen.
fn whole_message(error: &dyn std::error::Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    let messages: Vec<_> = errors.map(ToString::to_string).collect();
    messages.join(": ")
}

fn redirected() -> Error {
    Error::Answer {
        reason: "a redirect was followed: set the redirect policy of the reqwest client to none"
            .to_owned(),
    }
}
