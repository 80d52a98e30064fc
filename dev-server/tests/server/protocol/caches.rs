//! Cache channels: a new subscriber receives the last event that the server triggered.

use std::time::Duration;

use pusher_dev_server::{DevServer, DevTimes};
use serde_json::{Value, json};

use crate::client::Clients as _;
use crate::socket::Socket;

const KINDS: [&str; 3] = ["cache-room", "private-cache-room", "presence-cache-room"];

#[tokio::test]
async fn replays_last_event_only_to_new_subscriber() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    for channel in KINDS {
        let mut early = Socket::connect(&server).await;
        early.subscribe(channel).await;
        early.expect_frame("pusher:cache_miss").await;
        pusher.trigger(channel, "first", 1).await.unwrap();
        pusher
            .trigger(channel, "last", json!({"a": 2}))
            .await
            .unwrap();
        early.expect("first").await;
        early.expect("last").await;

        let mut late = Socket::connect(&server).await;
        // The event is cached even if no subscriber is there when it is requested.
        late.subscribe(channel).await;
        let replayed = late.expect_frame("last").await;
        let expected = json!({"event": "last", "channel": channel, "data": "{\"a\":2}"});
        assert_eq!(replayed, expected);
        late.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn keeps_event_without_subscribers() {
    let server = DevServer::start().await.unwrap();
    server.pusher().trigger("cache-room", "e", 1).await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for _ in 0..2 {
        socket.subscribe("cache-room").await;
        socket.expect("e").await;
        socket.unsubscribe("cache-room").await;
    }
}

#[tokio::test]
async fn replays_encrypted_event_without_decrypting() {
    let server = DevServer::start().await.unwrap();
    let channel = "private-encrypted-cache-room";
    server
        .pusher()
        .trigger(channel, "e", "secret")
        .await
        .unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe(channel).await;
    let sealed = socket.expect("e").await;
    assert!(sealed["nonce"].is_string() && sealed["ciphertext"].is_string());
    let recorded = server.expect_event(channel, "e").await.unwrap();
    assert_eq!(recorded.json::<Value>().unwrap(), "secret");
}

#[tokio::test]
async fn expired_event_is_a_cache_miss() {
    let times = DevTimes {
        cache: Duration::ZERO,
        ..DevTimes::default()
    };
    let server = DevServer::builder().times(times).start().await.unwrap();
    let pusher = server.pusher();
    pusher.trigger("cache-room", "e", 1).await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("cache-room").await;
    socket.expect_frame("pusher:cache_miss").await;
    socket.assert_nothing_received().await;
    let info = pusher_http::Info::CACHE;
    let state = pusher.channel("cache-room").info(info).await.unwrap();
    assert_eq!(state.cache, None);
}

#[tokio::test]
async fn does_not_cache_client_events() {
    let server = DevServer::start().await.unwrap();
    let channel = "private-cache-room";
    let mut sender = Socket::connect(&server).await;
    sender.subscribe(channel).await;
    sender.expect_frame("pusher:cache_miss").await;
    sender.client_event(channel, "client-e", json!(1)).await;
    sender.assert_nothing_received().await;
    let mut late = Socket::connect(&server).await;
    late.subscribe(channel).await;
    late.expect_frame("pusher:cache_miss").await;
    late.assert_nothing_received().await;
}

#[tokio::test]
async fn does_not_cache_on_other_channel_types() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for channel in ["room", "cached", "presence-room", "private-room-cache-"] {
        server.pusher().trigger(channel, "e", 1).await.unwrap();
        socket.subscribe(channel).await;
        socket.assert_nothing_received().await;
    }
}
