//! HTTP clients: each sends one signed request and gives back the response.

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

/// What [`HttpClient::send`] gives: the whole answer, whatever its status, or why there is none.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Bytes>, Error>> + Send + 'a>>;

/// An HTTP client under [`Pusher`](crate::Pusher): it sends one signed request once. Batching,
/// retries, deadlines and the account of what was sent stay above it.
///
/// The crate has two: one on reqwest, which is the default, and `HyperClient` with the feature
/// `hyper`; on `wasm32-unknown-unknown` the default is one on the host's `fetch`. Any function from a
/// request to the future of a response is one, too, and is stopped when its time is up:
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
/// An implementation
///
/// - never follows a redirect: the URL is signed for one address;
/// - never sends a request a second time by itself, unless no byte of the first was taken;
/// - gives up after [`SendLimits::timeout`], by [`Error::timeout`], and reads no more than
///   [`SendLimits::response_bytes`]; a client that does not is stopped, and its answer refused, but
///   what it has begun or read by then is its own;
/// - gives [`Error::connect`] only when the request was certainly not sent, since a `POST` is sent
///   again after it, and [`Error::transport`] for everything else that goes wrong;
/// - keeps the URL, which has the signature, out of its messages.
pub trait HttpClient: Send + Sync + 'static {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// Only where there is no whole answer: an answer of any status is no error here.
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_>;
}

/// What one request may take.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SendLimits {
    /// From the connection to the end of the answer.
    pub timeout: Duration,
    /// The longest body of an answer, in bytes.
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

/// A client of the user's own, with the limits enforced from outside: a call ends in its time, and no
/// response over the bound is used.
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
    Error::Answer {
        reason: format!("the answer is over {max_bytes} bytes"),
    }
}

impl fmt::Debug for dyn HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}
