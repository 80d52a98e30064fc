//! Sending one signed request: the only file that names reqwest.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::redirect;
use zeroize::Zeroizing;

use super::PusherBuilder;
use crate::api::SignedRequest;
use crate::app::App;
use crate::error::Error;

/// No answer of the API comes near it; what does is no answer of the API.
const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

pub(super) struct Transport {
    client: reqwest::Client,
    timeout: Duration,
}

pub(super) struct TransportBuilder {
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) proxy: Option<Zeroizing<String>>,
    client: Option<reqwest::Client>,
}

impl Default for TransportBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
            proxy: None,
            client: None,
        }
    }
}

impl PusherBuilder {
    /// Sends through this reqwest client, whose own connect timeout, proxy and TLS settings then
    /// hold. Set its redirect policy to none: a signed URL is for one address only.
    #[must_use]
    pub fn reqwest_client(mut self, client: reqwest::Client) -> Self {
        self.transport.client = Some(client);
        self
    }
}

impl TransportBuilder {
    pub(super) fn build(mut self, app: &App) -> Result<Transport, Error> {
        let client = match self.client.take() {
            Some(client) => client,
            None => self.reqwest_client(app)?,
        };
        Ok(Transport {
            client,
            timeout: self.timeout,
        })
    }

    fn reqwest_client(&self, app: &App) -> Result<reqwest::Client, Error> {
        let can_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
        if app.base_url().scheme() == "https" && !can_tls {
            let reason = "needs the crate's feature `rustls` or `native-tls`";
            return Err(Error::config("tls", reason));
        }
        let mut builder = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout.min(self.timeout / 10 * 9))
            .redirect(redirect::Policy::none());
        if let Some(url) = &self.proxy {
            let proxy = reqwest::Proxy::all(url.as_str())
                .map_err(|_| Error::config("proxy", "is not a proxy's URL"))?;
            builder = builder.proxy(proxy);
        }
        builder
            .build()
            .map_err(|error| Error::config("HTTP client", error.to_string()))
    }
}

impl Transport {
    pub(super) async fn send(
        &self,
        request: SignedRequest,
    ) -> Result<http::Response<Bytes>, Error> {
        let mut response = self
            .client
            .request(request.method().clone(), request.url().clone())
            .headers(request.headers())
            .body(request.body().clone())
            .timeout(self.timeout)
            .send()
            .await
            .map_err(|error| self.error("the request failed", error))?;
        if response.url() != request.url() {
            return Err(transport_error("a redirect was followed", Redirected));
        }
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.error("the answer broke off", error))?
        {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(transport_error("the answer is too large", TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        *answer.body_mut() = body.freeze();
        Ok(answer)
    }

    /// Sorts what went wrong by whether the service may have acted.
    fn error(&self, what: &'static str, error: reqwest::Error) -> Error {
        // The URL holds the signature.
        let error = error.without_url();
        if error.is_connect() {
            Error::Connect {
                source: error.into(),
            }
        } else if error.is_timeout() {
            Error::Timeout {
                timeout: self.timeout,
            }
        } else {
            transport_error(what, error)
        }
    }
}

fn transport_error(
    what: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::Transport {
        what,
        source: Box::new(source),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("set the redirect policy of the reqwest client to none")]
struct Redirected;

#[derive(Debug, thiserror::Error)]
#[error("it is over {MAX_RESPONSE_BYTES} bytes")]
struct TooLarge;
