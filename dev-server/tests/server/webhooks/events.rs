//! Each type of webhook event with its exact fields, in the order of occurrence.

use std::time::Duration;

use pusher_dev_server::DevServer;
use pusher_http::{PresenceMember, UserData};
use serde_json::{Value, json};

use super::receiver::{Receiver, server_with_webhooks};
use crate::client::Clients as _;
use crate::socket::Socket;

async fn without_grace(receiver: &Receiver) -> DevServer {
    server_with_webhooks(receiver, Duration::ZERO).await
}

fn webhook_event(name: &str, channel: &str) -> Value {
    json!({"name": name, "channel": channel})
}

fn count(channel: &str, count: usize) -> Value {
    json!({"name": "subscription_count", "channel": channel, "subscription_count": count})
}

fn member(name: &str, channel: &str, user_id: &str) -> Value {
    json!({"name": name, "channel": channel, "user_id": user_id})
}

#[tokio::test]
async fn sends_occupied_count_and_vacated_events() {
    let mut receiver = Receiver::start().await;
    let server = without_grace(&receiver).await;
    let mut first = Socket::connect(&server).await;
    let mut second = Socket::connect(&server).await;
    let told = "pusher_internal:subscription_count";
    first.subscribe("room").await;
    first.expect(told).await;
    second.subscribe("room").await;
    second.expect(told).await;
    first.unsubscribe("room").await;
    second.expect(told).await;
    second.unsubscribe("room").await;
    receiver
        .expect([
            webhook_event("channel_occupied", "room"),
            count("room", 1),
            count("room", 2),
            count("room", 1),
            webhook_event("channel_vacated", "room"),
        ])
        .await;
}

#[tokio::test]
async fn sends_member_events_for_first_and_last_connection() {
    let mut receiver = Receiver::start().await;
    let server = without_grace(&receiver).await;
    let mut sockets = Vec::new();
    for id in ["a/b é", "bob", "bob"] {
        let mut socket = Socket::connect(&server).await;
        socket
            .join("presence-room", PresenceMember::new(id).unwrap())
            .await;
        sockets.push(socket);
    }
    let removed = "pusher_internal:member_removed";
    let [mut ada, mut bob, mut also_bob] = sockets.try_into().ok().unwrap();
    also_bob.unsubscribe("presence-room").await;
    also_bob.assert_nothing_received().await;
    bob.unsubscribe("presence-room").await;
    ada.expect("pusher_internal:member_added").await;
    ada.expect(removed).await;
    ada.unsubscribe("presence-room").await;
    receiver
        .expect([
            webhook_event("channel_occupied", "presence-room"),
            member("member_added", "presence-room", "a/b é"),
            member("member_added", "presence-room", "bob"),
            member("member_removed", "presence-room", "bob"),
            // A vacated channel has no members.
            member("member_removed", "presence-room", "a/b é"),
            webhook_event("channel_vacated", "presence-room"),
        ])
        .await;
}

#[tokio::test]
async fn sends_cache_miss() {
    let mut receiver = Receiver::start().await;
    let server = without_grace(&receiver).await;
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("cache-room").await;
    server.pusher().trigger("cache-room", "e", 1).await.unwrap();
    let mut hit = Socket::connect(&server).await;
    hit.subscribe("cache-room").await;
    receiver
        .expect([
            webhook_event("channel_occupied", "cache-room"),
            webhook_event("cache_miss", "cache-room"),
            count("cache-room", 1),
            count("cache-room", 2),
        ])
        .await;
}

#[tokio::test]
async fn sends_client_event_with_socket_id() {
    let mut receiver = Receiver::start().await;
    let server = without_grace(&receiver).await;
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("private-room").await;
    receiver
        .expect([
            webhook_event("channel_occupied", "private-room"),
            count("private-room", 1),
        ])
        .await;
    // Data of any JSON type is sent as a string.
    for (data, text) in [
        (json!({"x": [1]}), r#"{"x":[1]}"#),
        (json!("text"), "text"),
        (json!(1), "1"),
    ] {
        socket.client_event("private-room", "client-e", data).await;
        let expected = json!({
            "name": "client_event", "channel": "private-room", "event": "client-e",
            "data": text, "socket_id": socket.id,
        });
        receiver.expect([expected]).await;
    }
    let bare = json!({"event": "client-e", "channel": "private-room"});
    socket.send(bare).await;
    let expected = json!({
        "name": "client_event", "channel": "private-room", "event": "client-e",
        "socket_id": socket.id,
    });
    receiver.expect([expected]).await;
}

#[tokio::test]
async fn client_event_on_presence_channel_has_user_id() {
    let mut receiver = Receiver::start().await;
    let server = without_grace(&receiver).await;
    let mut socket = Socket::connect(&server).await;
    let ada = PresenceMember::new("ada").unwrap();
    socket.join("presence-room", ada).await;
    socket
        .client_event("presence-room", "client-e", json!(1))
        .await;
    let client_event = json!({
        "name": "client_event", "channel": "presence-room", "event": "client-e", "data": "1",
        "socket_id": socket.id, "user_id": "ada",
    });
    receiver
        .expect([
            webhook_event("channel_occupied", "presence-room"),
            member("member_added", "presence-room", "ada"),
            client_event,
        ])
        .await;
}

#[tokio::test]
async fn sends_nothing_for_rejected_requests_and_user_channels() {
    let mut receiver = Receiver::start().await;
    let server = without_grace(&receiver).await;
    let mut socket = Socket::connect(&server).await;
    socket.sign_in(UserData::new("1").unwrap()).await;
    socket.subscribe("#server-to-user-1").await;
    socket.client_event("room", "client-e", json!(1)).await;
    socket.error(None).await;
    let asked = json!({"channel": "private-room", "auth": "local-key:0"});
    socket.ask_for(asked).await;
    socket.error(None).await;
    socket.unsubscribe("#server-to-user-1").await;
    server.pusher().trigger("room", "e", 1).await.unwrap();
    socket.subscribe("last").await;
    receiver
        .expect([webhook_event("channel_occupied", "last")])
        .await;
}

#[tokio::test]
async fn sends_events_for_broken_connection() {
    let mut receiver = Receiver::start().await;
    let server = without_grace(&receiver).await;
    let mut socket = Socket::connect(&server).await;
    socket
        .join("presence-room", PresenceMember::new("1").unwrap())
        .await;
    drop(socket);
    receiver
        .expect([
            webhook_event("channel_occupied", "presence-room"),
            member("member_added", "presence-room", "1"),
            member("member_removed", "presence-room", "1"),
            webhook_event("channel_vacated", "presence-room"),
        ])
        .await;
}
