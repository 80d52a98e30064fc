//! Signatures of webhooks, which cover the raw body.

use std::time::Duration;

use pusher_dev_server::{DevApp, DevServer};
use pusher_http::{App, Credentials, PresenceMember};

use super::receiver::{Receiver, server_with_webhooks};
use crate::client::Clients as _;
use crate::socket::Socket;

#[tokio::test]
async fn signs_raw_body() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, Duration::ZERO).await;
    let mut socket = Socket::connect(&server).await;
    let member = PresenceMember::new("é \"quoted\"").unwrap();
    socket.join("presence-room", member).await;
    let post = receiver.post().await;
    assert_eq!(post.headers["x-pusher-key"], "key");
    assert_eq!(post.headers["content-type"], "application/json");
    let signature = Credentials::new("key", "secret")
        .unwrap()
        .sign(&[&post.body]);
    assert_eq!(post.headers["x-pusher-signature"], signature.as_str());
    let webhook = server.pusher().webhook(&post.headers, &post.body);
    assert_eq!(webhook.unwrap().events.len(), 2);

    let stranger = App::builder("app", "key", "another secret").build_app();
    assert!(
        stranger
            .unwrap()
            .webhook(&post.headers, &post.body)
            .is_err()
    );
}

#[tokio::test]
async fn signs_with_oldest_credentials() {
    let mut receiver = Receiver::start().await;
    let app = DevApp::new("app", "newest", "secret 3")
        .older_credentials("older", "secret 2")
        .older_credentials("oldest", "secret 1");
    let server = DevServer::builder()
        .app(app.webhook(&receiver.url))
        .start()
        .await
        .unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("room").await;
    let post = receiver.post().await;
    assert_eq!(post.headers["x-pusher-key"], "oldest");
    let oldest = Credentials::new("oldest", "secret 1").unwrap();
    let signature = oldest.sign(&[&post.body]);
    assert_eq!(post.headers["x-pusher-signature"], signature.as_str());
    server.pusher().webhook(&post.headers, &post.body).unwrap();
}
