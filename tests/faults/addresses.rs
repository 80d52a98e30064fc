//! A name with two addresses, the first of which never responds.

use std::net::SocketAddr;
use std::time::Duration;

use pusher_http::{Pusher, RetryPolicy};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::common::{KEY, SECRET};
use crate::peer::Peer;
use crate::table::responds;

/// `HyperClient` does not accept a resolver: its connector has this test in `src`.
#[tokio::test]
async fn default_client_connects_to_second_address_if_first_drops_packets() {
    let full = FullPort::start().await;
    let peer = Peer::playing(responds("200 OK", "{}"));
    let addresses = [full.address(), peer.address()];
    let resolving = move || reqwest::Client::builder().resolve_to_addrs("peer.test", &addresses);
    let client = Pusher::builder("3", KEY, SECRET)
        .host("peer.test")
        .tls(false)
        .no_proxy()
        .connect_timeout(Duration::from_secs(2))
        .retry(RetryPolicy::never())
        .reqwest_client_builder(resolving)
        .build()
        .unwrap();
    client.trigger("a", "e", 1).await.unwrap();
    assert_eq!(peer.finish(client).await.len(), 1);
}

/// A port with a full connection queue: the kernel drops further connection attempts.
struct FullPort {
    listener: TcpListener,
    _queue: Vec<TcpStream>,
}

impl FullPort {
    async fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        // The only sign of a dropped packet is that no response arrives.
        let limit = Duration::from_millis(500);
        while let Ok(queued) = tokio::time::timeout(limit, TcpStream::connect(address)).await {
            queue.push(queued.unwrap());
        }
        Self {
            listener,
            _queue: queue,
        }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }
}
