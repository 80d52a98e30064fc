//! Where a server listens, and that its client finds it there.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use pusher_http::local::LocalServer;
use serde_json::json;

use crate::socket::Socket;

async fn on(address: impl Into<SocketAddr>) -> LocalServer {
    let builder = LocalServer::builder().address(address.into());
    builder.start().await.unwrap()
}

/// The server's client and a page both reach it.
async fn is_reached(server: &LocalServer) {
    let mut socket = Socket::connect(server).await;
    socket.subscribe("private-room").await;
    let pusher = server.pusher();
    pusher.trigger("private-room", "e", 1).await.unwrap();
    assert_eq!(socket.expect("e").await, json!(1));
}

#[tokio::test]
async fn an_ipv6_address_stands_in_the_url() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        println!("skipped: this machine has no IPv6 loopback");
        return;
    }
    let server = on((Ipv6Addr::LOCALHOST, 0)).await;
    let url = server.pusher().app().base_url().to_string();
    assert_eq!(url, format!("http://[::1]:{}/", server.address().port()));
    is_reached(&server).await;
}

/// It is where one listens, and nowhere to connect to.
#[tokio::test]
async fn a_server_on_all_addresses_is_reached_on_the_loopback() {
    let server = on((Ipv4Addr::UNSPECIFIED, 0)).await;
    assert!(server.address().ip().is_unspecified());
    let url = server.pusher().app().base_url().to_string();
    assert_eq!(
        url,
        format!("http://127.0.0.1:{}/", server.address().port())
    );
    is_reached(&server).await;
}
