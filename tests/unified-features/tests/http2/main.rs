//! With reqwest's feature `http2`, one of its default features, our clients use only HTTP/1.1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
#![allow(unreachable_pub)] // Modules of one test crate.

mod peer;

use std::future::IntoFuture as _;

use peer::Peer;
use pusher_http::client::HyperClient;
use pusher_http::{Builder, Error, Pusher};

/// The first bytes of a trigger in HTTP/1.1.
const REQUEST: &[u8] = b"POST /apps/3/events?auth_key=key&";

/// The first bytes of a client in HTTP/2.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn builder(peer: &Peer) -> Builder {
    Pusher::builder("3", "key", "secret")
        .host("127.0.0.1")
        .port(peer.address.port())
        .no_proxy()
}

fn trusting(peer: &Peer) -> impl Fn() -> reqwest::ClientBuilder + Send + Sync + use<> {
    let root = reqwest::Certificate::from_der(&peer.certificate).unwrap();
    move || {
        reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([root.clone()])
    }
}

#[tokio::test]
async fn default_client_offers_http1_only() {
    let peer = Peer::start().await;
    let client = builder(&peer).build().unwrap();
    let error = client.trigger("a", "e", 1).await.unwrap_err();
    // It does not trust the peer, and so sends no request.
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(peer.connections()[0].offered, ["http/1.1"]);
}

/// A client that negotiates no protocol uses HTTP/1.1.
#[tokio::test]
async fn hyper_client_offers_no_protocol() {
    let peer = Peer::start().await;
    let client = HyperClient::new().unwrap();
    let client = builder(&peer).http_client(client).build().unwrap();
    let error = client.trigger("a", "e", 1).await.unwrap_err();
    // It does not trust the peer, and so sends no request.
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(peer.connections()[0].offered, [""; 0]);
}

#[tokio::test]
async fn own_reqwest_builder_uses_http1_even_if_set_to_http2() {
    for sets_http2 in [false, true] {
        let peer = Peer::start().await;
        let trusting = trusting(&peer);
        let own = move || {
            if sets_http2 {
                trusting().http2_prior_knowledge()
            } else {
                trusting()
            }
        };
        let client = builder(&peer).reqwest_client_builder(own).build().unwrap();
        let result = client.trigger("a", "e", 1).await;
        let connections = peer.connections();
        assert_eq!(connections[0].offered, ["http/1.1"]);
        assert_eq!(connections[0].negotiated.as_deref(), Some("http/1.1"));
        assert!(connections[0].received.starts_with(REQUEST));
        result.unwrap();
    }
}

/// In HTTP/2 all calls would share the connection, and none of them would close it.
#[tokio::test]
async fn opens_new_connection_after_silent_one() {
    let peer = Peer::start().await;
    let client = builder(&peer).reqwest_client_builder(trusting(&peer));
    let client = client.build().unwrap();
    client.trigger("a", "first", 1).await.unwrap();
    let body = br#"{"name":"second","channels":["a"],"data":"1"}"#;
    tokio::select! {
        result = client.trigger("a", "second", 1).into_future() => panic!("{result:?}"),
        // The call is dropped, as if its time were up.
        () = peer.until(|connections| connections[0].received.ends_with(body)) => {}
    }
    client.trigger("a", "third", 1).await.unwrap();
    assert_eq!(peer.connections().len(), 2);
}

/// This also shows that the peer accepts HTTP/2, and that the feature is on.
#[tokio::test]
async fn own_reqwest_client_is_not_limited_to_http1() {
    let peer = Peer::start().await;
    let own = trusting(&peer)().build().unwrap();
    let client = builder(&peer).reqwest_client(own).build().unwrap();
    // Only the first bytes matter: the peer does not know how to respond in HTTP/2.
    let call = tokio::spawn(client.trigger("a", "e", 1).into_future());
    peer.until(|connections| {
        let first = connections.first();
        first.is_some_and(|first| first.received.len() >= PREFACE.len())
    })
    .await;
    call.abort();
    let connections = peer.connections();
    assert_eq!(connections[0].offered, ["h2", "http/1.1"]);
    assert_eq!(connections[0].negotiated.as_deref(), Some("h2"));
    assert!(connections[0].received.starts_with(PREFACE));
}
