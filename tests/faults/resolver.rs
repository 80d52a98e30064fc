//! Names looked up as a test says: a port can be given that nobody listens on, and attempts to
//! connect are counted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use pusher_http::{Pusher, PusherBuilder, RetryPolicy};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::TcpSocket;

use crate::common::{KEY, SECRET};
use crate::peer::{TOO_LONG, quick};

/// What looking up a name gives, by the number of the look-up, from 0; `None` is that there is no
/// such name.
type Look = dyn Fn(usize) -> Option<SocketAddr> + Send + Sync;

#[derive(Clone)]
pub struct Resolver {
    lookups: Arc<AtomicUsize>,
    look: Arc<Look>,
}

impl Resolver {
    pub fn new(look: impl Fn(usize) -> Option<SocketAddr> + Send + Sync + 'static) -> Self {
        Self {
            lookups: Arc::default(),
            look: Arc::new(look),
        }
    }

    pub fn to(address: SocketAddr) -> Self {
        Self::new(move |_| Some(address))
    }

    /// A client that finds its service so, and tries again almost at once.
    pub fn builder(&self) -> PusherBuilder {
        Pusher::builder("3", KEY, SECRET)
            .host("peer.test")
            .tls(false)
            .no_proxy()
            .timeout(TOO_LONG)
            .retry(quick(RetryPolicy::default()))
            .reqwest_client_builder(reqwest::Client::builder().dns_resolver(self.clone()))
    }

    /// How many names were looked up: once for every connection that is begun.
    pub fn lookups(&self) -> usize {
        self.lookups.load(SeqCst)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, _: Name) -> Resolving {
        let found = (self.look)(self.lookups.fetch_add(1, SeqCst));
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
