//! The grace period: a departure is not reported if the member returns within it.

use std::time::Duration;

use pusher_http::PresenceMember;
use serde_json::{Value, json};

use super::receiver::{Receiver, server_with_webhooks};
use crate::socket::Socket;

const NEVER: Duration = Duration::from_secs(3_600);

/// Returns the names of all events before the `channel_occupied` event of this channel.
async fn events_before(receiver: &mut Receiver, channel: &str) -> Vec<String> {
    let mut events = Vec::new();
    let last = json!({"name": "channel_occupied", "channel": channel});
    loop {
        let event: Value = receiver.event().await;
        if event == last {
            return events;
        }
        events.push(event["name"].as_str().unwrap().to_owned());
    }
}

#[tokio::test]
async fn reports_no_departure_if_member_returns_in_time() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, NEVER).await;
    let mut socket = Socket::connect(&server).await;
    for _ in 0..3 {
        socket
            .join("presence-room", PresenceMember::new("1").unwrap())
            .await;
        socket.unsubscribe("presence-room").await;
    }
    socket.subscribe("last").await;
    let events = events_before(&mut receiver, "last").await;
    assert_eq!(events, ["channel_occupied", "member_added"]);
}

#[tokio::test]
async fn returning_on_another_connection_counts() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, NEVER).await;
    let mut first = Socket::connect(&server).await;
    first
        .join("presence-room", PresenceMember::new("1").unwrap())
        .await;
    server.disconnect_all();
    first.close_code().await;
    let mut second = Socket::connect(&server).await;
    second
        .join("presence-room", PresenceMember::new("1").unwrap())
        .await;
    second.subscribe("last").await;
    let events = events_before(&mut receiver, "last").await;
    assert_eq!(events, ["channel_occupied", "member_added"]);
}

#[tokio::test]
async fn reports_departure_after_grace_period() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, Duration::from_millis(30)).await;
    let mut socket = Socket::connect(&server).await;
    socket
        .join("presence-room", PresenceMember::new("1").unwrap())
        .await;
    socket.unsubscribe("presence-room").await;
    let room = "presence-room";
    receiver
        .expect([
            json!({"name": "channel_occupied", "channel": room}),
            json!({"name": "member_added", "channel": room, "user_id": "1"}),
            json!({"name": "member_removed", "channel": room, "user_id": "1"}),
            json!({"name": "channel_vacated", "channel": room}),
        ])
        .await;
}

#[tokio::test]
async fn reports_every_departure_without_grace_period() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, Duration::ZERO).await;
    let mut socket = Socket::connect(&server).await;
    // All messages arrive before the server reads them, so that nothing happens in between.
    for _ in 0..3 {
        let asked = socket.subscription("presence-room");
        socket
            .feed(json!({"event": "pusher:subscribe", "data": asked}))
            .await;
        let data = json!({"channel": "presence-room"});
        socket
            .feed(json!({"event": "pusher:unsubscribe", "data": data}))
            .await;
    }
    socket.ask_for(json!({"channel": "last"})).await;
    let events = events_before(&mut receiver, "last").await;
    let once = [
        "channel_occupied",
        "member_added",
        "member_removed",
        "channel_vacated",
    ];
    assert_eq!(events, [once, once, once].concat());
}

#[tokio::test]
async fn returning_member_does_not_hide_departure_of_another() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, Duration::from_millis(30)).await;
    let mut ada = Socket::connect(&server).await;
    let mut bob = Socket::connect(&server).await;
    ada.join("presence-room", PresenceMember::new("ada").unwrap())
        .await;
    bob.join("presence-room", PresenceMember::new("bob").unwrap())
        .await;
    bob.unsubscribe("presence-room").await;
    let room = "presence-room";
    let member = |name, id| json!({"name": name, "channel": room, "user_id": id});
    receiver
        .expect([
            json!({"name": "channel_occupied", "channel": room}),
            member("member_added", "ada"),
            member("member_added", "bob"),
            member("member_removed", "bob"),
        ])
        .await;
    bob.join("presence-room", PresenceMember::new("bob").unwrap())
        .await;
    receiver.expect([member("member_added", "bob")]).await;
}
