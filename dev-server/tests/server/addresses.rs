//! The address that a server listens on, and how its client reaches it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use pusher_dev_server::DevServer;
use serde_json::json;

use crate::client::Clients as _;
use crate::client::client_with;
use crate::socket::Socket;

async fn on(address: impl Into<SocketAddr>) -> DevServer {
    let builder = DevServer::builder().address(address.into());
    builder.start().await.unwrap()
}

/// Asserts that the server's client and a page can both reach it.
async fn assert_reachable(server: &DevServer) {
    let mut socket = Socket::connect(server).await;
    socket.subscribe("private-room").await;
    let pusher = server.pusher();
    pusher.trigger("private-room", "e", 1).await.unwrap();
    assert_eq!(socket.expect("e").await, json!(1));
}

#[tokio::test]
async fn puts_ipv6_address_in_url() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        println!("skipped: this machine has no IPv6 loopback");
        return;
    }
    let server = on((Ipv6Addr::LOCALHOST, 0)).await;
    let url = server.pusher().app().base_url().to_string();
    assert_eq!(url, format!("http://[::1]:{}/", server.address().port()));
    assert_reachable(&server).await;
}

/// A server can listen on the unspecified address, but a client cannot connect to it.
#[tokio::test]
async fn unspecified_address_is_reached_on_loopback() {
    let server = on((Ipv4Addr::UNSPECIFIED, 0)).await;
    assert!(server.address().ip().is_unspecified());
    let url = server.pusher().app().base_url().to_string();
    assert_eq!(
        url,
        format!("http://127.0.0.1:{}/", server.address().port())
    );
    assert_reachable(&server).await;
}

#[tokio::test]
async fn path_prefix_applies_to_all_paths_and_is_not_signed() {
    for prefix in ["/realtime", "/a/b/"] {
        let builder = DevServer::builder().path_prefix(prefix);
        let server = builder.start().await.unwrap();
        let pusher = server.pusher();
        let mut socket = Socket::connect(&server).await;
        socket.subscribe("room").await;
        pusher.trigger("room", "e", 1).await.unwrap();
        socket.expect("e").await;
        assert_eq!(server.calls()[0].path, "/apps/local-app/events");
        assert_eq!(
            pusher.app().base_url().path().trim_end_matches('/'),
            prefix.trim_end_matches('/')
        );

        let without = client_with(&server, "local-secret").build().unwrap();
        let error = without.channels().await.unwrap_err();
        assert_eq!(error.status(), Some(404));
    }
}

#[tokio::test]
async fn client_is_configured_for_its_server() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    let url = format!("http://{}/", server.address());
    assert_eq!(pusher.app().base_url().as_str(), url);
    assert_eq!(pusher.app().id(), "local-app");
    assert_eq!(pusher.app().credentials().key(), "local-key");
    assert!(server.address().ip().is_loopback());
    pusher.trigger("private-encrypted-a", "e", 1).await.unwrap();
}
