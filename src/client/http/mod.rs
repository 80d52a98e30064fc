//! The plug for HTTP clients: what sends one signed request and gives back what came.

#[cfg(any(feature = "reqwest", feature = "hyper"))]
mod exchange;
#[cfg(all(feature = "reqwest", target_family = "wasm", target_os = "unknown"))]
mod fetch;
#[cfg(feature = "hyper")]
mod hyper;
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
use std::sync::Arc;
#[cfg(feature = "blocking")]
use std::sync::LazyLock;
use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;
use zeroize::Zeroizing;

use super::{PusherBuilder, host};
use crate::api::SignedRequest;
use crate::app::App;
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
///   [`SendLimits::response_bytes`]; a client that does not is stopped, and its answer refused, but what it
///   has begun or read by then is its own;
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

    /// Whether it is known to keep the limits, so that nobody has to stand over it.
    #[doc(hidden)]
    fn keeps_limits(&self) -> bool {
        false
    }
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
        Box::pin(async move { self(request.into_http()?).await })
    }
}

/// A client of the user's own: whatever it does, a call ends in its time, and no answer over the
/// bound is used.
struct Bounded<C>(C);

impl<C: HttpClient> HttpClient for Bounded<C> {
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_> {
        Box::pin(async move {
            let answer = host::timeout(limits.timeout, self.0.send(request, limits));
            let answer = answer
                .await
                .unwrap_or_else(|_| Err(Error::timeout(limits.timeout)))?;
            if answer.status().is_success() && answer.body().len() > limits.response_bytes {
                return Err(over(limits.response_bytes));
            }
            Ok(answer)
        })
    }
}

impl HttpClient for Arc<dyn HttpClient> {
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_> {
        (**self).send(request, limits)
    }

    fn keeps_limits(&self) -> bool {
        (**self).keeps_limits()
    }
}

/// The HTTP client of a [`Pusher`](crate::Pusher), and the limits of each request.
pub(super) struct Transport {
    client: Arc<dyn HttpClient>,
    #[cfg(feature = "blocking")]
    for_threads: ForThreads,
    limits: SendLimits,
}

/// The client of calls that a thread waits for, made by the first of them. A connection is driven by
/// the runtime in which it was made: one of a runtime that stands still while its thread waits would
/// never answer.
#[cfg(feature = "blocking")]
type ForThreads = LazyLock<Arc<dyn HttpClient>, Box<dyn FnOnce() -> Arc<dyn HttpClient> + Send>>;

impl Transport {
    /// Sends a request, in at most the time that `remaining` leaves.
    pub(super) fn send(
        &self,
        request: SignedRequest,
        remaining: Duration,
        caller: Caller,
    ) -> ResponseFuture<'_> {
        let limits = SendLimits {
            timeout: self.limits.timeout.min(remaining),
            ..self.limits
        };
        let client = match caller {
            Caller::Task => &self.client,
            #[cfg(feature = "blocking")]
            Caller::Thread => &*self.for_threads,
        };
        client.send(request, limits)
    }
}

/// What goes on when a call has ended.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Caller {
    #[default]
    Task,
    #[cfg(feature = "blocking")]
    Thread,
}

/// The settings of a transport.
#[cfg_attr(feature = "blocking", derive(Clone))]
pub(super) struct TransportBuilder {
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) max_response_bytes: usize,
    pub(super) proxy: Option<Zeroizing<String>>,
    pub(super) no_proxy: bool,
    client: Option<Arc<dyn HttpClient>>,
    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    reqwest: reqwest::Settings,
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
            #[cfg(all(
                feature = "reqwest",
                not(all(target_family = "wasm", target_os = "unknown"))
            ))]
            reqwest: reqwest::Settings::default(),
        }
    }
}

impl PusherBuilder {
    /// Sends through an HTTP client of your own, or through a function in a test; see
    /// [`HttpClient`]. Settings of proxies and of the time to connect are then that client's.
    #[must_use]
    pub fn http_client(mut self, client: impl HttpClient) -> Self {
        self.transport.client = Some(if client.keeps_limits() {
            Arc::new(client)
        } else {
            Arc::new(Bounded(client))
        });
        self
    }
}

impl TransportBuilder {
    pub(super) fn build(mut self, app: &App) -> Result<Transport, Error> {
        let limits = SendLimits {
            timeout: self.timeout,
            response_bytes: self.max_response_bytes,
        };
        let given = self.client.take();
        #[cfg(feature = "blocking")]
        let again = (given.is_none() && !self.is_given_a_builder()).then(|| self.clone());
        let client = match given {
            Some(client) => client,
            None => self.default_client(app)?,
        };
        #[cfg(feature = "blocking")]
        let for_threads = {
            let (client, app) = (client.clone(), app.clone());
            let own = move || again.and_then(|settings| settings.default_client(&app).ok());
            ForThreads::new(Box::new(move || own().unwrap_or(client)))
        };
        Ok(Transport {
            client,
            #[cfg(feature = "blocking")]
            for_threads,
            limits,
        })
    }

    /// Of one builder comes one client.
    #[cfg(feature = "blocking")]
    #[allow(clippy::unused_self)] // Without reqwest there is none.
    fn is_given_a_builder(&self) -> bool {
        #[cfg(feature = "reqwest")]
        return self.reqwest.is_given();
        #[cfg(not(feature = "reqwest"))]
        false
    }

    #[cfg(all(feature = "reqwest", target_family = "wasm", target_os = "unknown"))]
    fn default_client(self, _: &App) -> Result<Arc<dyn HttpClient>, Error> {
        if self.proxy.is_some() {
            let reason = "can't be set on wasm: the host's fetch makes the connections";
            return Err(Error::config("proxy", reason));
        }
        Ok(Arc::new(fetch::FetchClient))
    }

    #[cfg(all(
        feature = "reqwest",
        not(all(target_family = "wasm", target_os = "unknown"))
    ))]
    fn default_client(self, app: &App) -> Result<Arc<dyn HttpClient>, Error> {
        Ok(Arc::new(self.reqwest_client(app)?))
    }

    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    fn default_client(self, _: &App) -> Result<Arc<dyn HttpClient>, Error> {
        if self.proxy.is_some() {
            return Err(Error::config(
                "proxy",
                "needs the crate's feature `reqwest`",
            ));
        }
        Ok(Arc::new(HyperClient::with_connect_timeout(
            self.connect_timeout(),
        )?))
    }

    #[cfg(not(any(feature = "reqwest", feature = "hyper")))]
    #[allow(clippy::unused_self)] // The same call as with a client.
    fn default_client(self, _: &App) -> Result<Arc<dyn HttpClient>, Error> {
        Err(Error::config(
            "HTTP client",
            "is not there: set one, or use the crate's feature `reqwest` or `hyper`",
        ))
    }

    /// Shorter than the whole, so that a connection that can't be made is reported as that.
    #[cfg(any(
        feature = "hyper",
        all(
            feature = "reqwest",
            not(all(target_family = "wasm", target_os = "unknown"))
        )
    ))]
    fn connect_timeout(&self) -> Duration {
        self.connect_timeout.min(self.timeout / 10 * 9)
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
