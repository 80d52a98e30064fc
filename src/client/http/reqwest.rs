//! The default HTTP client, based on reqwest.

use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;

use ::reqwest::{self, redirect};
use http::Response;
use tokio::time::sleep;

use super::per_runtime::PerRuntime;
use super::{Body, HttpClient, ResponseFuture, SendLimits, before};
use crate::api::SignedRequest;
use crate::app::App;
use crate::client::ClientSettings;
use crate::error::Error;

/// The user's function that creates a builder for each client.
pub(crate) type MakeBuilder = Arc<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>;

enum ReqwestClient {
    /// Clients created by this crate.
    Own(PerRuntime<reqwest::Client>),
    /// The user's client. It may follow redirects, so a failed connection may be the second one.
    Shared(reqwest::Client),
}

/// Returns an HTTP client that sends through the user's own client.
pub(crate) fn shared(client: reqwest::Client) -> Arc<dyn HttpClient> {
    Arc::new(ReqwestClient::Shared(client))
}

impl ClientSettings {
    pub(in crate::client) fn default_http_client(
        mut self,
        app: &App,
    ) -> Result<Arc<dyn HttpClient>, Error> {
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
        let client = match &self.reqwest_builder {
            Some(builder) => self.configured(builder())?.build(),
            None if is_https => self.configured(reqwest::Client::builder())?.build(),
            None if self.no_proxy => self.configured(without_tls_roots())?.build(),
            // The connection to a proxy may use TLS.
            None => match self.configured(reqwest::Client::builder())?.build() {
                Ok(client) => Ok(client),
                Err(_) => self.configured(without_tls_roots())?.build(),
            },
        };
        client.map_err(|error| Error::config("HTTP client", whole_message(&error)))
    }

    fn configured(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        let builder = builder
            .connect_timeout(self.connect_timeout)
            .redirect(redirect::Policy::none())
            // The caller decides whether to retry, and signs each attempt anew. reqwest then keeps
            // no copy of the request.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            // Another crate may enable `http2`. All calls would then share one connection. If it
            // stopped responding, they would time out for minutes.
            .http1_only()
            // Another crate may enable these features. A hostile server could then send a
            // decompression bomb.
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
            let request = to_reqwest(request)?;
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

/// Converts a request for reqwest. Its own conversion takes three more allocations.
fn to_reqwest(request: SignedRequest) -> Result<reqwest::Request, Error> {
    let (parts, body) = request.into_http().into_parts();
    let mut url = String::with_capacity(512);
    // Writing to a `String` never fails.
    let _ = write!(url, "{}", parts.uri);
    let url = url.parse().map_err(|_| {
        // The parser's message could contain part of the URL, and so part of the signature.
        Error::invalid("URL", "", "the HTTP client can't parse it")
    })?;
    let mut request = reqwest::Request::new(parts.method, url);
    *request.headers_mut() = parts.headers;
    *request.body_mut() = Some(body.into());
    Ok(request)
}

/// Classifies an error by whether the service may have acted.
#[cold]
fn error_of(error: reqwest::Error, is_shared: bool, limits: SendLimits) -> Error {
    // The URL contains the signature.
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

/// Whether the server is on this machine.
///
/// Like most HTTP clients, the crate does not use the environment's proxies for it.
fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A builder for plain HTTP, without TLS root certificates.
///
/// Some machines have no certificates, and loading them takes time.
pub(crate) fn without_tls_roots() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder();
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder.tls_certs_only([]);
    builder
}

/// Joins the messages of an error and all its sources.
///
/// The sources are dropped afterwards, so their messages must be kept here.
pub(crate) fn whole_message(error: &dyn std::error::Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    let messages: Vec<_> = errors.map(ToString::to_string).collect();
    messages.join(": ")
}

#[cold]
fn redirected() -> Error {
    Error::UnusableResponse {
        reason: "a redirect was followed: set the redirect policy of the reqwest client to none"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_loopback_urls() {
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
