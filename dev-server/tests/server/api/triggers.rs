//! Responses to triggers and batches, and delivery to subscribers.

use pusher_dev_server::DevServer;
use pusher_http::{Event, Info, PresenceMember};
use serde_json::json;

use super::{json, post};
use crate::client::Clients as _;
use crate::socket::Socket;

#[tokio::test]
async fn delivers_to_all_subscribers_except_excluded_socket() {
    let server = DevServer::start().await.unwrap();
    let mut sender = Socket::connect(&server).await;
    let mut other = Socket::connect(&server).await;
    for channel in ["room-1", "private-room-2"] {
        sender.subscribe(channel).await;
        other.subscribe(channel).await;
    }
    let body = json!({
        "name": "greeting", "channels": ["room-1", "private-room-2", "room-3"],
        "data": "{\"hello\":\"wörld\"}", "socket_id": sender.id,
    });
    let response = post(&server, "/events", body.to_string()).await;
    assert_eq!(response, (200, "{}".to_owned()));
    for channel in ["room-1", "private-room-2"] {
        let frame = other.expect_frame("greeting").await;
        let expected = json!({
            "event": "greeting", "channel": channel, "data": "{\"hello\":\"wörld\"}",
        });
        assert_eq!(frame, expected);
    }
    other.assert_nothing_received().await;
    sender.assert_nothing_received().await;
}

#[tokio::test]
async fn accepts_single_channel_field() {
    let server = DevServer::start().await.unwrap();
    let body = r#"{"name":"e","channel":"room","data":"not JSON"}"#;
    assert_eq!(post(&server, "/events", body).await, (200, "{}".to_owned()));
    let event = server.expect_event("room", "e").await.unwrap();
    assert_eq!(event.data, "not JSON");
}

#[tokio::test]
async fn returns_info_counts_for_each_channel() {
    let server = DevServer::start().await.unwrap();
    let mut sockets = Vec::new();
    for _ in 0..3 {
        let mut socket = Socket::connect(&server).await;
        socket.subscribe("room").await;
        socket
            .join("presence-room", PresenceMember::new("one user").unwrap())
            .await;
        sockets.push(socket);
    }
    let body = json!({
        "name": "e", "channels": ["room", "presence-room", "empty"], "data": "1",
        "info": "user_count,subscription_count",
    });
    let (status, response) = post(&server, "/events", body.to_string()).await;
    assert_eq!(status, 200);
    let expected = json!({"channels": {
        "room": {"subscription_count": 3},
        "presence-room": {"user_count": 1},
        "empty": {"subscription_count": 0},
    }});
    assert_eq!(json(&response), expected);
    let recorded = server.events()[0].info.clone();
    assert_eq!(recorded.as_deref(), Some("user_count,subscription_count"));
}

#[tokio::test]
async fn returns_batch_info_at_index_of_event() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("presence-room").await;
    let event = |channel| json!({"channel": channel, "name": "e", "data": "1"});
    let mut counted = event("presence-room");
    counted["info"] = json!("user_count");
    let body = json!({"batch": [event("room"), counted, event("room")]});
    let (status, response) = post(&server, "/batch_events", body.to_string()).await;
    assert_eq!(status, 200);
    let expected = json!({"batch": [{}, {"user_count": 1}, {}]});
    assert_eq!(json(&response), expected);

    let body = json!({"batch": [event("room")]}).to_string();
    let response = post(&server, "/batch_events", body).await;
    assert_eq!(response, (200, "{}".to_owned()));
}

#[tokio::test]
async fn delivers_batch_in_order_and_excludes_per_event() {
    let server = DevServer::start().await.unwrap();
    let mut a = Socket::connect(&server).await;
    let mut b = Socket::connect(&server).await;
    a.subscribe("room").await;
    b.subscribe("room").await;
    let event = |name: &str| Event::new("room", name, 1).unwrap();
    let events = [
        event("first").exclude(a.id.clone()),
        event("second").exclude(b.id.clone()),
        event("third"),
    ];
    server.pusher().trigger_batch(events).await.unwrap();
    a.expect("second").await;
    a.expect("third").await;
    b.expect("first").await;
    b.expect("third").await;
    a.assert_nothing_received().await;
    b.assert_nothing_received().await;
}

#[tokio::test]
async fn client_reads_info_counts() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("room").await;
    let pusher = server.pusher();
    let response = pusher
        .trigger("room", "e", 1)
        .info(Info::SUBSCRIPTION_COUNT)
        .await
        .unwrap();
    assert_eq!(response.channels["room"].subscription_count, Some(1));
}

#[tokio::test]
async fn delivers_once_to_duplicate_channel() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("room").await;
    let body = json!({
        "name": "e", "channels": ["room", "hall", "room", "room"], "data": "1",
        "info": "subscription_count",
    });
    let (status, response) = post(&server, "/events", body.to_string()).await;
    assert_eq!(status, 200);
    let expected = json!({"channels": {
        "room": {"subscription_count": 1},
        "hall": {"subscription_count": 0},
    }});
    assert_eq!(json(&response), expected);
    socket.expect("e").await;
    socket.assert_nothing_received().await;
    let channels: Vec<_> = server.events().into_iter().map(|e| e.channel).collect();
    assert_eq!(channels, ["room", "hall"]);
}
