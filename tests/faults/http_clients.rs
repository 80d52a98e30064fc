//! The HTTP clients that a `Pusher` can use.

#[cfg(feature = "hyper")]
use std::sync::Arc;
#[cfg(feature = "hyper")]
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[cfg(feature = "hyper")]
use pusher_http::api::SignedRequest;
#[cfg(feature = "hyper")]
use pusher_http::client::{HttpClient, HyperClient, ResponseFuture, SendLimits};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    Reqwest,
    #[cfg(feature = "hyper")]
    Hyper,
}

/// All HTTP clients that this build has.
pub const EACH: &[ClientKind] = &[
    ClientKind::Reqwest,
    #[cfg(feature = "hyper")]
    ClientKind::Hyper,
];

/// An HTTP client that counts the requests sent through it.
#[cfg(feature = "hyper")]
pub struct Counted {
    pub client: HyperClient,
    pub count: Arc<AtomicUsize>,
}

#[cfg(feature = "hyper")]
impl HttpClient for Counted {
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_> {
        self.count.fetch_add(1, SeqCst);
        self.client.send(request, limits)
    }
}
