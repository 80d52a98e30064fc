//! Limits of the HTTP API: the hosted service's, to the last byte, and custom ones.

use pusher_dev_server::{DevLimits, DevServer};
use pusher_http::Limits;
use serde_json::{Value, json};

use super::post;
use crate::client::Clients as _;
use crate::socket::Socket;

fn event(channel: &str, name: &str, data: &str) -> Value {
    json!({"channel": channel, "name": name, "data": data})
}

async fn trigger(server: &DevServer, channels: &[String], name: &str, data: &str) -> (u16, String) {
    let body = json!({"name": name, "channels": channels, "data": data});
    post(server, "/events", body.to_string()).await
}

fn rooms(count: usize) -> Vec<String> {
    (0..count).map(|room| format!("room-{room}")).collect()
}

fn accepted() -> (u16, String) {
    (200, "{}".to_owned())
}

#[tokio::test]
async fn rejects_data_over_10_240_bytes() {
    let server = DevServer::start().await.unwrap();
    // Bytes are counted, not characters.
    for full in ["x".repeat(10_240), "é".repeat(5_120)] {
        assert_eq!(trigger(&server, &rooms(1), "e", &full).await, accepted());
        assert_eq!(server.events().pop().unwrap().data, full);

        let over = format!("{full}x");
        let message = "The data content of this event exceeds the allowed maximum (10240 bytes)";
        let rejected = (413, message.to_owned());
        assert_eq!(trigger(&server, &rooms(1), "e", &over).await, rejected);
        let batch = json!({"batch": [event("a", "e", "1"), event("b", "e", &over)]});
        assert_eq!(
            post(&server, "/batch_events", batch.to_string()).await,
            rejected
        );
    }
    assert_eq!(server.events().len(), 2);
}

#[tokio::test]
async fn rejects_trigger_on_more_than_100_channels() {
    let server = DevServer::start().await.unwrap();
    assert_eq!(trigger(&server, &rooms(100), "e", "1").await, accepted());
    let rejected = trigger(&server, &rooms(101), "e", "1").await;
    let message = "Cannot trigger to more than 100 channels";
    assert_eq!(rejected, (400, message.to_owned()));
    assert_eq!(server.events().len(), 100);
}

#[tokio::test]
async fn rejects_batch_of_more_than_10_events() {
    let server = DevServer::start().await.unwrap();
    let batch = |count| json!({"batch": vec![event("a", "e", "1"); count]}).to_string();
    assert_eq!(post(&server, "/batch_events", batch(10)).await, accepted());
    let rejected = post(&server, "/batch_events", batch(11)).await;
    assert_eq!(rejected, (400, "Batch too large (11 > 10)".to_owned()));
    assert_eq!(server.events().len(), 10);
}

#[tokio::test]
async fn limits_name_lengths_in_characters() {
    let server = DevServer::start().await.unwrap();
    let one = |name: String| vec![name];
    let channel = "c".repeat(164);
    let name = "é".repeat(200);
    assert_eq!(
        trigger(&server, &one(channel), &name, "1").await,
        accepted()
    );

    let channel = "c".repeat(165);
    let rejected = trigger(&server, &one(channel.clone()), "e", "1").await;
    assert_eq!(rejected, (400, format!("Invalid channel name: {channel}")));
    let rejected = trigger(&server, &rooms(1), &"é".repeat(201), "1").await;
    let message = "The event's name has 201 characters";
    assert_eq!(rejected, (400, message.to_owned()));
    let rejected = trigger(&server, &rooms(1), "", "1").await;
    assert_eq!(
        rejected,
        (400, "The event's name has 0 characters".to_owned())
    );
    assert_eq!(server.events().len(), 1);
}

#[tokio::test]
async fn accepts_channel_names_within_raised_limits() {
    let api = Limits::default()
        .channel_name_chars(200)
        .channel_name_colons(true);
    let limits = DevLimits {
        api,
        ..DevLimits::default()
    };
    let server = DevServer::builder().limits(limits).start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for channel in ["c".repeat(200), "private-a:b".to_owned()] {
        socket.subscribe(&channel).await;
        let triggered = trigger(&server, &[channel], "e", "1").await;
        assert_eq!(triggered, accepted());
        assert_eq!(socket.expect("e").await, json!(1));
    }
    let channel = "c".repeat(201);
    let rejected = trigger(&server, std::slice::from_ref(&channel), "e", "1").await;
    assert_eq!(rejected, (400, format!("Invalid channel name: {channel}")));
}

#[tokio::test]
async fn rejects_reserved_event_names_and_invalid_channels() {
    let server = DevServer::start().await.unwrap();
    for name in ["pusher:ping", "pusher_internal:member_added"] {
        let rejected = trigger(&server, &rooms(1), name, "1").await;
        assert_eq!(rejected, (400, format!("Reserved event name: {name}")));
    }
    for channel in [
        "",
        "a b",
        "é",
        "#",
        "#server-to-user-",
        "#private",
        "a/b",
        "a#",
        "a:b",
        "presence-a:b",
    ] {
        let rejected = trigger(&server, &[channel.to_owned()], "e", "1").await;
        assert_eq!(rejected, (400, format!("Invalid channel name: {channel}")));
    }
    assert!(server.events().is_empty());
    assert_eq!(trigger(&server, &rooms(1), "pusher", "1").await, accepted());
}

#[tokio::test]
async fn applies_custom_limits() {
    let api = Limits::default()
        .event_data_bytes(3)
        .channels_per_trigger(2)
        .events_per_batch(1);
    let limits = DevLimits {
        api,
        ..DevLimits::default()
    };
    let server = DevServer::builder().limits(limits).start().await.unwrap();
    assert_eq!(trigger(&server, &rooms(2), "e", "123").await, accepted());
    assert_eq!(trigger(&server, &rooms(1), "e", "1234").await.0, 413);
    assert_eq!(trigger(&server, &rooms(3), "e", "123").await.0, 400);
    let batch = json!({"batch": [event("a", "e", "1"), event("a", "e", "1")]});
    let rejected = post(&server, "/batch_events", batch.to_string()).await;
    assert_eq!(rejected, (400, "Batch too large (2 > 1)".to_owned()));

    // The server's own client splits by the server's limits.
    assert_eq!(server.app().limits(), &api);
    server
        .pusher()
        .trigger(rooms(5).as_slice(), "e", 1)
        .await
        .unwrap();
    assert_eq!(server.events().len(), 2 + 5);
}

#[tokio::test]
async fn rejects_batch_event_with_several_channels() {
    let server = DevServer::start().await.unwrap();
    for event in [
        json!({"channels": rooms(5_000), "name": "e", "data": "1"}),
        json!({"channels": rooms(1), "name": "e", "data": "1"}),
    ] {
        let batch = json!({"batch": [{"channel": "a", "name": "e", "data": "1"}, event]});
        let rejected = post(&server, "/batch_events", batch.to_string()).await;
        let message = "An event of a batch has a channel, and no channels";
        assert_eq!(rejected, (400, message.to_owned()));
    }
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn truncates_long_names_in_error_messages() {
    let server = DevServer::start().await.unwrap();
    let channel = "é".repeat(500_000);
    let (status, message) = trigger(&server, &[channel], "e", "1").await;
    assert_eq!(status, 400);
    let quoted = message.strip_prefix("Invalid channel name: ").unwrap();
    let quoted = quoted.strip_suffix("... (1000022 bytes)").unwrap();
    assert_eq!(quoted, "é".repeat(2_037));
    assert_eq!(server.calls()[0].refusal.as_deref(), Some(message.as_str()));
}
