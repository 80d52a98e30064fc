//! A lean HTTP client based on hyper and rustls.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ::hyper::body::{Body as _, Incoming};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::dns::GaiResolver;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::sleep;

use super::connector::Connector;
use super::per_runtime::PerRuntime;
use super::{Body, HttpClient, ResponseFuture, SendLimits, before};
use crate::api::SignedRequest;
#[cfg(not(feature = "reqwest"))]
use crate::app::App;
use crate::error::Error;

type Pool = Client<Connector<GaiResolver>, Full<Bytes>>;

/// An HTTP client based on hyper and rustls, with Mozilla's root certificates.
///
/// It has fewer dependencies than reqwest and does less work for each request. It does not support
/// proxies.
///
/// It is the default client if the feature `hyper` is enabled and `reqwest` is not. If both are
/// enabled, set it:
///
/// ```
/// use pusher_http::Pusher;
/// use pusher_http::client::HyperClient;
///
/// let pusher = Pusher::builder("app-id", "key", "secret")
///     .http_client(HyperClient::new()?)
///     .build()?;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
pub struct HyperClient {
    pools: Arc<PerRuntime<Pool>>,
}

impl HyperClient {
    /// Creates a client that waits up to 5 seconds for a connection.
    ///
    /// It has a separate connection pool for each tokio runtime. No connection is made before the
    /// first request.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the TLS library can't be set up.
    pub fn new() -> Result<Self, Error> {
        Self::with_connect_timeout(Duration::from_secs(5))
    }

    /// Creates a client that waits up to `timeout` for a connection, including TLS.
    ///
    /// The IPv4 addresses of a host are tried in turn, each for an equal share of the timeout. The
    /// same applies to its IPv6 addresses. Otherwise this is the same as [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    pub fn with_connect_timeout(timeout: Duration) -> Result<Self, Error> {
        let pools = PerRuntime::new(move || {
            let connector = Connector::new(GaiResolver::new(), timeout)?;
            Ok(Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .build(connector))
        })?;
        Ok(Self {
            pools: Arc::new(pools),
        })
    }
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HyperClient")
    }
}

#[cfg(not(feature = "reqwest"))]
impl crate::client::ClientSettings {
    pub(in crate::client) fn default_http_client(
        self,
        _: &App,
    ) -> Result<Arc<dyn HttpClient>, Error> {
        if self.proxy.is_some() {
            return Err(Error::config(
                "proxy",
                "needs the crate's feature `reqwest`",
            ));
        }
        let client = HyperClient::with_connect_timeout(self.connect_timeout)?;
        Ok(Arc::new(client))
    }
}

impl HttpClient for HyperClient {
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_> {
        Box::pin(async move {
            let pool = self.pools.current()?;
            let mut end = pin!(sleep(limits.timeout));
            let response = pin!(pool.request(request.into_http().map(Full::new)));
            let mut response = match before(end.as_mut(), limits, response).await? {
                Ok(response) => response,
                Err(error) if error.is_connect() => return Err(Error::connect(error)),
                Err(error) => return Err(Error::transport(error)),
            };
            let mut body = Body::new(response.status(), limits);
            while !response.body().is_end_stream() {
                let next = pin!(next_piece(response.body_mut()));
                let next = before(end.as_mut(), limits, next).await;
                if !body.take(next.and_then(|next| next.map_err(Error::transport)))? {
                    break;
                }
            }
            Ok(response.map(|_| body.into_bytes()))
        })
    }
}

async fn next_piece(body: &mut Incoming) -> Result<Option<Bytes>, hyper::Error> {
    while let Some(frame) = body.frame().await {
        // Trailers carry no information here.
        if let Ok(piece) = frame?.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}
