//! Names looked up as a test says: a port can be given that nobody listens on, and attempts to
//! connect are counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use pusher_http::{Builder, Pusher, RetryPolicy};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpSocket;

use crate::common::{KEY, SECRET};
use crate::peer::{TOO_LONG, quick};
use crate::under::Under;

/// What looking up a name gives, by the number of the look-up, from 0; `None` is that there is no
/// such name.
type Look = dyn Fn(usize) -> Option<SocketAddr> + Send + Sync;

#[derive(Clone)]
pub struct Resolver {
    begun: Arc<AtomicUsize>,
    look: Arc<Look>,
}

impl Resolver {
    pub fn new(look: impl Fn(usize) -> Option<SocketAddr> + Send + Sync + 'static) -> Self {
        Self {
            begun: Arc::default(),
            look: Arc::new(look),
        }
    }

    pub fn to(address: SocketAddr) -> Self {
        Self::new(move |_| Some(address))
    }

    /// A client that finds its service so, and tries again almost at once. The client on hyper
    /// takes no resolver, and finds all that the first name gives.
    pub fn builder(&self, under: Under) -> Builder {
        let builder = Pusher::builder("3", KEY, SECRET)
            .tls(false)
            .no_proxy()
            .timeout(TOO_LONG)
            .retry(quick(RetryPolicy::default()));
        match under {
            Under::Reqwest => {
                let resolver = self.clone();
                let resolving = move || reqwest::Client::builder().dns_resolver(resolver.clone());
                builder.host("peer.test").reqwest_client_builder(resolving)
            }
            #[cfg(feature = "hyper")]
            Under::Hyper => {
                let address = (self.look)(0).expect("an address");
                builder
                    .host(address.ip().to_string())
                    .port(address.port())
                    .http_client(crate::under::Counted {
                        client: pusher_http::client::HyperClient::new().unwrap(),
                        count: self.begun.clone(),
                    })
            }
        }
    }

    /// How many connections were begun, each with a name that is looked up; under hyper, how many
    /// requests.
    pub fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, _: Name) -> Resolving {
        let found = (self.look)(self.begun.fetch_add(1, SeqCst));
        Box::pin(async move {
            let address = found.ok_or("no such name")?;
            Ok(Box::new(std::iter::once(address)) as Addrs)
        })
    }
}

/// A port that refuses connections, and that nobody else is given.
pub struct ClosedPort(TcpSocket);

impl ClosedPort {
    pub fn reserve() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        // Bound and never listened on.
        Self(socket)
    }

    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}
