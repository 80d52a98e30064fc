//! Features that the hosted service's dashboard switches on and off for an app.

use std::time::Duration;

use pusher_dev_server::{DevApp, DevServer, DevTimes};
use pusher_http::Info;
use serde_json::{Value, json};

use crate::client::Clients as _;
use crate::socket::Socket;
use crate::webhooks::Receiver;

const COUNT: &str = "pusher_internal:subscription_count";

async fn with(app: DevApp) -> DevServer {
    DevServer::builder().app(app).start().await.unwrap()
}

fn counted() -> DevApp {
    DevApp::default().subscription_count_events(true)
}

#[tokio::test]
async fn sends_subscription_counts_if_enabled() {
    let server = with(counted()).await;
    let mut stays = Socket::connect(&server).await;
    let mut leaves = Socket::connect(&server).await;
    for channel in ["room", "private-room", "private-encrypted-room"] {
        stays.subscribe(channel).await;
        let told = stays.next().await;
        let expected = json!({
            "event": COUNT, "channel": channel, "data": "{\"subscription_count\":1}",
        });
        assert_eq!(told, expected);
        leaves.subscribe(channel).await;
        for socket in [&mut stays, &mut leaves] {
            assert_eq!(socket.expect(COUNT).await, json!({"subscription_count": 2}));
        }
        leaves.unsubscribe(channel).await;
        assert_eq!(stays.expect(COUNT).await, json!({"subscription_count": 1}));
        leaves.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn sends_count_after_cache_miss_and_broken_connection() {
    let server = with(counted()).await;
    let mut stays = Socket::connect(&server).await;
    let mut breaks = Socket::connect(&server).await;
    for socket in [&mut stays, &mut breaks] {
        socket.subscribe("cache-room").await;
        socket.expect_frame("pusher:cache_miss").await;
        socket.expect(COUNT).await;
    }
    assert_eq!(stays.expect(COUNT).await, json!({"subscription_count": 2}));
    drop(breaks);
    assert_eq!(stays.expect(COUNT).await, json!({"subscription_count": 1}));
}

#[tokio::test]
async fn presence_channels_send_member_events_instead_of_counts() {
    let server = with(counted()).await;
    let mut stays = Socket::connect(&server).await;
    let mut leaves = Socket::connect(&server).await;
    for channel in ["presence-room", "#server-to-user-1"] {
        if channel.starts_with('#') {
            stays
                .sign_in(pusher_http::UserData::new("1").unwrap())
                .await;
            leaves
                .sign_in(pusher_http::UserData::new("1").unwrap())
                .await;
        }
        stays.subscribe(channel).await;
        leaves.subscribe(channel).await;
        leaves.unsubscribe(channel).await;
        leaves.assert_nothing_received().await;
        stays.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn sends_no_counts_by_default_except_in_query_responses() {
    let mut receiver = Receiver::start().await;
    let times = DevTimes {
        webhook_grace: Duration::ZERO,
        ..DevTimes::default()
    };
    let server = DevServer::builder()
        .app(DevApp::default().webhook(&receiver.url))
        .times(times)
        .start()
        .await
        .unwrap();
    let mut first = Socket::connect(&server).await;
    let mut second = Socket::connect(&server).await;
    first.subscribe("room").await;
    second.subscribe("room").await;
    first.unsubscribe("room").await;
    first.assert_nothing_received().await;
    second.assert_nothing_received().await;
    let room = server
        .pusher()
        .channel("room")
        .info(Info::SUBSCRIPTION_COUNT);
    assert_eq!(room.await.unwrap().subscription_count, Some(1));
    second.unsubscribe("room").await;
    let webhook_event = |name: &str| -> Value { json!({"name": name, "channel": "room"}) };
    receiver
        .expect([
            webhook_event("channel_occupied"),
            webhook_event("channel_vacated"),
        ])
        .await;
}

#[tokio::test]
async fn rejects_disabled_client_events_with_message_of_service() {
    let server = with(DevApp::default().client_events(false)).await;
    let mut sender = Socket::connect(&server).await;
    let mut other = Socket::connect(&server).await;
    for channel in ["private-room", "presence-room"] {
        sender.subscribe(channel).await;
        other.subscribe(channel).await;
        sender.client_event(channel, "client-e", json!(1)).await;
        let message = sender.error(None).await;
        assert_eq!(
            message,
            "To send client events, you must enable this feature in the Settings page of your \
             dashboard."
        );
        other.assert_nothing_received().await;
    }
}
