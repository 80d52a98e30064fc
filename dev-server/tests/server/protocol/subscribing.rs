//! Subscribing and unsubscribing: responses and limits, on every type of channel.

use pusher_dev_server::{DevLimits, DevServer};
use serde_json::json;

use crate::client::Clients as _;
use crate::socket::Socket;

const KINDS: [&str; 8] = [
    "room",
    "private-room",
    "private-encrypted-room",
    "presence-room",
    "cache-room",
    "private-cache-room",
    "private-encrypted-cache-room",
    "presence-cache-room",
];

#[tokio::test]
async fn subscribes_to_every_channel_type_with_auth() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for channel in KINDS {
        let asked = socket.subscription(channel);
        socket.ask_for(asked).await;
        let success = socket.next().await;
        assert_eq!(success["event"], "pusher_internal:subscription_succeeded");
        assert_eq!(success["channel"], channel);
        let is_presence = channel.starts_with("presence-");
        assert_eq!(success["data"] == "{}", !is_presence, "{success}");
        if channel.contains("cache-") {
            let miss = socket.next().await;
            // A cache miss has no `data` field.
            let expected = json!({"event": "pusher:cache_miss", "channel": channel});
            assert_eq!(miss, expected);
        }
        socket.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn rejects_duplicate_subscription_and_keeps_the_first() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for channel in ["room", "private-room", "presence-room"] {
        socket.subscribe(channel).await;
        let asked = socket.subscription(channel);
        socket.ask_for(asked).await;
        let message = socket.error(None).await;
        assert_eq!(
            message,
            format!("Existing subscription to channel {channel}")
        );
        server.pusher().trigger(channel, "e", 1).await.unwrap();
        assert_eq!(socket.expect("e").await, json!(1));
        // The event arrives once, although the client subscribed twice.
        socket.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn unsubscribes_and_can_subscribe_again() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    let mut socket = Socket::connect(&server).await;
    socket.unsubscribe("room").await;
    socket.subscribe("room").await;
    socket.unsubscribe("room").await;
    socket.assert_nothing_received().await;
    assert!(!pusher.channel("room").await.unwrap().occupied);
    pusher.trigger("room", "unheard", 1).await.unwrap();
    socket.assert_nothing_received().await;

    socket.subscribe("room").await;
    assert!(pusher.channel("room").await.unwrap().occupied);
    pusher.trigger("room", "heard", 1).await.unwrap();
    socket.expect("heard").await;
}

#[tokio::test]
async fn rejects_more_than_100_channels_per_connection() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for room in 0..100 {
        socket.subscribe(&format!("room-{room}")).await;
    }
    socket.ask_for(json!({"channel": "room-100"})).await;
    let message = socket.error(None).await;
    assert_eq!(message, "Over the limit of 100 channels of one connection");
    assert_eq!(server.pusher().channels().await.unwrap().len(), 100);

    socket.unsubscribe("room-0").await;
    socket.subscribe("room-100").await;
}

#[tokio::test]
async fn applies_custom_channel_limit() {
    let limits = DevLimits {
        channels_per_connection: 1,
        ..DevLimits::default()
    };
    let server = DevServer::builder().limits(limits).start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("room").await;
    socket.ask_for(json!({"channel": "hall"})).await;
    let message = socket.error(None).await;
    assert_eq!(message, "Over the limit of 1 channels of one connection");
}

#[tokio::test]
async fn rejects_malformed_channel_name() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let long = "a".repeat(165);
    let names = ["", "a b", "é", "#", "#private-room", "a:b", &long];
    for channel in names {
        socket.ask_for(json!({"channel": channel})).await;
        let message = socket.error(None).await;
        assert!(message.starts_with("Invalid channel name: "), "{message}");
    }
    // A valid signature makes no difference.
    let asked = socket.signed_as("presence-a:b", r#"{"user_id":"1"}"#);
    socket.ask_for(asked).await;
    let message = socket.error(None).await;
    assert!(message.starts_with("Invalid channel name: "), "{message}");
    socket.subscribe(&"a".repeat(164)).await;
}
