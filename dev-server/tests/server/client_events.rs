//! Client events: allowed channels, recipients, size limits and rate limits.

use pusher_dev_server::{DevLimits, DevServer};
use pusher_http::PresenceMember;
use serde_json::json;

use crate::socket::Socket;

const ROOM: &str = "private-room";

async fn two_in(server: &DevServer, channel: &str) -> [Socket; 2] {
    let mut sender = Socket::connect(server).await;
    let mut other = Socket::connect(server).await;
    sender.subscribe(channel).await;
    other.subscribe(channel).await;
    if channel.contains("cache-") {
        sender.expect_frame("pusher:cache_miss").await;
        other.expect_frame("pusher:cache_miss").await;
    }
    [sender, other]
}

#[tokio::test]
async fn delivers_verbatim_to_all_but_the_sender() {
    let server = DevServer::start().await.unwrap();
    for channel in [ROOM, "private-cache-room"] {
        let [mut sender, mut other] = two_in(&server, channel).await;
        for data in [
            json!({"x": 1, "y": [null]}),
            json!("text"),
            json!("{\"x\":1}"),
            json!(1),
        ] {
            sender
                .client_event(channel, "client-move", data.clone())
                .await;
            let frame = other.expect_frame("client-move").await;
            let expected = json!({"event": "client-move", "channel": channel, "data": data});
            assert_eq!(frame, expected);
        }
        let bare = json!({"event": "client-bare", "channel": channel});
        sender.send(bare.clone()).await;
        assert_eq!(other.expect_frame("client-bare").await, bare);
        sender.assert_nothing_received().await;
    }
    // Client events are not recorded as events of the API.
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn includes_user_id_on_presence_channel() {
    let server = DevServer::start().await.unwrap();
    for channel in ["presence-room", "presence-cache-room"] {
        let mut sender = Socket::connect(&server).await;
        let mut other = Socket::connect(&server).await;
        other
            .join(channel, PresenceMember::new("bob").unwrap())
            .await;
        if channel == "presence-cache-room" {
            other.expect_frame("pusher:cache_miss").await;
        }
        sender
            .join(channel, PresenceMember::new("ada").unwrap())
            .await;
        other.expect("pusher_internal:member_added").await;
        // The server sets the sender; the client cannot.
        let forged = json!({
            "event": "client-move", "channel": channel, "data": {"x": 1}, "user_id": "eve",
        });
        sender.send(forged).await;
        let frame = other.next().await;
        let expected = json!({
            "event": "client-move", "channel": channel, "data": {"x": 1}, "user_id": "ada",
        });
        assert_eq!(frame, expected);
    }
}

#[tokio::test]
async fn allowed_only_on_private_and_presence_channels() {
    let server = DevServer::start().await.unwrap();
    for channel in [
        "room",
        "cache-room",
        "private-encrypted-room",
        "private-encrypted-cache-room",
    ] {
        let [mut sender, mut other] = two_in(&server, channel).await;
        sender.client_event(channel, "client-move", json!(1)).await;
        let message = sender.error(None).await;
        let expected = "Client events are for private and presence channels only";
        assert_eq!(message, expected, "{channel}");
        other.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn rejects_sender_that_is_not_subscribed() {
    let server = DevServer::start().await.unwrap();
    let [mut left, mut other] = two_in(&server, ROOM).await;
    let mut stranger = Socket::connect(&server).await;
    left.unsubscribe(ROOM).await;
    for socket in [&mut left, &mut stranger] {
        socket.client_event(ROOM, "client-move", json!(1)).await;
        let message = socket.error(None).await;
        let expected = "Client event rejected - not subscribed to private-room";
        assert_eq!(message, expected);
    }
    other.assert_nothing_received().await;
}

#[tokio::test]
async fn rejects_event_without_channel() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket
        .send(json!({"event": "client-move", "data": 1}))
        .await;
    let message = socket.error(None).await;
    assert_eq!(message, "A client event needs a channel");
}

#[tokio::test]
async fn rejects_data_over_10_240_bytes() {
    let server = DevServer::start().await.unwrap();
    let [mut sender, mut other] = two_in(&server, ROOM).await;
    // The limit applies to the JSON, so the quotes count.
    let full = "x".repeat(10_238);
    let over = format!("{full}x");
    sender.client_event(ROOM, "client-over", json!(over)).await;
    let message = sender.error(None).await;
    assert_eq!(message, "Client event rejected - data over the limit");
    sender.client_event(ROOM, "client-full", json!(full)).await;
    let frame = other.expect_frame("client-full").await;
    assert_eq!(frame["data"], full);
}

/// Sends `count` events at once; returns how many exceeded the rate limit.
async fn burst(sender: &mut Socket, count: usize) -> usize {
    for number in 0..count {
        let event = json!({"event": "client-e", "channel": ROOM, "data": number});
        sender.feed(event).await;
    }
    sender.send(json!({"event": "pusher:ping"})).await;
    let mut rejected = 0;
    loop {
        let frame = sender.next().await;
        match frame["event"].as_str().unwrap() {
            "pusher:pong" => return rejected,
            "pusher:error" => {
                let expected = json!({
                    "code": 4301, "message": "Client event rejected - rate limit exceeded",
                });
                assert_eq!(frame["data"], expected);
                rejected += 1;
            }
            event => panic!("{event}"),
        }
    }
}

#[tokio::test]
async fn rejects_more_than_10_per_second_and_stays_connected() {
    let server = DevServer::start().await.unwrap();
    let [mut sender, mut other] = two_in(&server, ROOM).await;
    // Far more than 10 in far less than a second, even on a slow machine.
    let rejected = burst(&mut sender, 200).await;
    assert!((1..=190).contains(&rejected), "{rejected}");
    for _ in rejected..200 {
        other.expect_frame("client-e").await;
    }
    other.assert_nothing_received().await;
    // Each connection has its own rate limit.
    other.client_event(ROOM, "client-other", json!(1)).await;
    sender.expect_frame("client-other").await;
}

#[tokio::test]
async fn applies_custom_rate_limit() {
    let limits = DevLimits {
        client_events_per_second: 0,
        client_event_bytes: 3,
        ..DevLimits::default()
    };
    let server = DevServer::builder().limits(limits).start().await.unwrap();
    let [mut sender, mut other] = two_in(&server, ROOM).await;
    sender.client_event(ROOM, "client-e", json!(1234)).await;
    let message = sender.error(None).await;
    assert_eq!(message, "Client event rejected - data over the limit");
    assert_eq!(burst(&mut sender, 3).await, 3);
    other.assert_nothing_received().await;
}

#[tokio::test]
async fn rejects_event_name_over_200_characters() {
    let server = DevServer::start().await.unwrap();
    let [mut sender, mut other] = two_in(&server, ROOM).await;
    let full = format!("client-{}", "é".repeat(193));
    let over = format!("{full}x");
    sender.client_event(ROOM, &over, json!(1)).await;
    let message = sender.error(None).await;
    let expected = "Client event rejected - the event's name has 201 characters";
    assert_eq!(message, expected);
    sender.client_event(ROOM, &full, json!(1)).await;
    assert_eq!(other.expect_frame(&full).await["data"], 1);
}
