//! A resolver controlled by the test: it can return a closed port, and it counts attempts to
//! connect.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use pusher_http::{Builder, Pusher, RetryPolicy};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpSocket;

use crate::common::{KEY, SECRET};
use crate::http_clients::ClientKind;
use crate::peer::{TOO_LONG, quick};

/// Maps the number of a lookup, starting at 0, to its result. `None` means that the name does not
/// exist.
type Lookup = dyn Fn(usize) -> Option<SocketAddr> + Send + Sync;

#[derive(Clone)]
pub struct Resolver {
    begun: Arc<AtomicUsize>,
    lookup: Arc<Lookup>,
}

impl Resolver {
    pub fn new(lookup: impl Fn(usize) -> Option<SocketAddr> + Send + Sync + 'static) -> Self {
        Self {
            begun: Arc::default(),
            lookup: Arc::new(lookup),
        }
    }

    pub fn to(address: SocketAddr) -> Self {
        Self::new(move |_| Some(address))
    }

    /// Returns a builder for a client that uses this resolver and retries almost immediately.
    /// `HyperClient` does not accept a resolver, and always uses the result of the first lookup.
    pub fn builder(&self, under: ClientKind) -> Builder {
        let builder = Pusher::builder("3", KEY, SECRET)
            .tls(false)
            .no_proxy()
            .timeout(TOO_LONG)
            .retry(quick(RetryPolicy::default()));
        match under {
            ClientKind::Reqwest => {
                let resolver = self.clone();
                let resolving = move || reqwest::Client::builder().dns_resolver(resolver.clone());
                builder.host("peer.test").reqwest_client_builder(resolving)
            }
            #[cfg(feature = "hyper")]
            ClientKind::Hyper => {
                let address = (self.lookup)(0).expect("an address");
                builder
                    .host(address.ip().to_string())
                    .port(address.port())
                    .http_client(crate::http_clients::Counted {
                        client: pusher_http::client::HyperClient::new().unwrap(),
                        count: self.begun.clone(),
                    })
            }
        }
    }

    /// Returns how many connections were begun, each with one lookup. With hyper, returns how many
    /// requests were sent.
    pub fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, _: Name) -> Resolving {
        let found = (self.lookup)(self.begun.fetch_add(1, SeqCst));
        Box::pin(async move {
            let address = found.ok_or("no such name")?;
            Ok(Box::new(std::iter::once(address)) as Addrs)
        })
    }
}

/// A port that refuses connections, and that no other process can get.
pub struct ClosedPort(TcpSocket);

impl ClosedPort {
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        // Bound, but never listening.
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}
