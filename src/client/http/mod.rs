//! HTTP clients, which send one signed request and return the response.

#[cfg(feature = "hyper")]
mod connector;
#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod exchange;
#[cfg(all(feature = "reqwest", target_family = "wasm", target_os = "unknown"))]
mod fetch;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(all(
    any(feature = "reqwest", feature = "hyper"),
    not(all(target_family = "wasm", target_os = "unknown"))
))]
mod per_runtime;
#[cfg(all(
    feature = "reqwest",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
pub(crate) mod reqwest;

#[cfg(feature = "hyper")]
pub use hyper::HyperClient;

#[cfg(any(feature = "reqwest", feature = "hyper"))]
use exchange::{Body, before};

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;

use super::platform;
use crate::api::SignedRequest;
use crate::error::Error;

/// The future that [`HttpClient::send`] returns.
///
/// Its output is the whole response with any status, or an error if there is no whole response.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Bytes>, Error>> + Send + 'a>>;

/// An HTTP client that [`Pusher`](crate::Pusher) uses to send one signed request once.
///
/// `Pusher` itself handles batching, retries, deadlines and the outcomes of requests.
///
/// The crate has two HTTP clients. The default is based on reqwest. The other is `HyperClient`,
/// with the feature `hyper`. On `wasm32-unknown-unknown` the default uses the host's `fetch`.
///
/// A function that takes a request and returns a future of a response is also an HTTP client. It is
/// cancelled at its timeout:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pusher_http::Error> {
/// use pusher_http::{Pusher, bytes::Bytes, http};
///
/// let stub = |request: http::Request<Bytes>| async move {
///     assert_eq!(request.uri().path(), "/apps/app-id/events");
///     Ok(http::Response::new(Bytes::from_static(b"{}")))
/// };
/// let pusher = Pusher::builder("app-id", "key", "secret").http_client(stub).build()?;
/// pusher.trigger("room-1", "message", "hello").await?;
/// # Ok(())
/// # }
/// ```
///
/// An implementation must
///
/// - never follow a redirect, since the URL is signed for one address;
/// - never retry a request, unless no byte of the first attempt was taken;
/// - give up after [`SendLimits::timeout`] with [`Error::timeout`], and read no more than
///   [`SendLimits::response_bytes`];
/// - return [`Error::connect`] only if the request was certainly not sent, since a `POST` is sent
///   again after it;
/// - return [`Error::transport`] for every other failure;
/// - keep the URL out of its messages, since it contains the signature.
///
/// If a client exceeds the limits, it is cancelled or its response is rejected. The crate can't
/// undo the work that the client has started or the bytes that it has read by then.
pub trait HttpClient: Send + Sync + 'static {
    /// Sends the request and reads the response.
    ///
    /// # Errors
    ///
    /// Fails only if there is no whole response. A response with any status is not an error here.
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_>;
}

/// The time and size limits for sending one request.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SendLimits {
    /// The time from connecting to the end of the response.
    pub timeout: Duration,
    /// The maximum size of a response body, in bytes.
    pub response_bytes: usize,
}

impl<F, Answer> HttpClient for F
where
    F: Fn(Request<Bytes>) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<Response<Bytes>, Error>> + Send,
{
    fn send(&self, request: SignedRequest, _: SendLimits) -> ResponseFuture<'_> {
        Box::pin(async move { self(request.into_http()).await })
    }
}

/// Enforces the limits on a user's own client.
///
/// A request ends at its timeout, and no response over the size limit is used.
pub(crate) struct Bounded<C>(pub(crate) C);

impl<C: HttpClient> HttpClient for Bounded<C> {
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_> {
        Box::pin(async move {
            let response = platform::timeout(limits.timeout, self.0.send(request, limits));
            let response = response
                .await
                .unwrap_or_else(|_| Err(Error::timeout(limits.timeout)))?;
            if response.status().is_success() && response.body().len() > limits.response_bytes {
                return Err(over(limits.response_bytes));
            }
            Ok(response)
        })
    }
}

#[cold]
fn over(max_bytes: usize) -> Error {
    Error::UnusableResponse {
        reason: format!("the response is over {max_bytes} bytes"),
    }
}

impl fmt::Debug for dyn HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
