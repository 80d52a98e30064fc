//! The handshake, reasons to reject a connection, and the pings that keep it open.

use std::time::Duration;

use pusher_dev_server::{DevLimits, DevServer, DevTimes};
use pusher_http::PresenceMember;
use serde_json::{Value, json};

use crate::socket::Socket;

const KEY: &str = "local-key";

#[tokio::test]
async fn server_sends_first_message() {
    let server = DevServer::start().await.unwrap();
    let mut ids = Vec::new();
    for protocol in [5, 6, 7] {
        let path = format!("/app/{KEY}?client=js&version=8.4.0&protocol={protocol}&flash=false");
        let mut socket = Socket::open(server.app(), &path).await;
        let frame = socket.next().await;
        assert_eq!(frame["event"], "pusher:connection_established");
        let data: Value = serde_json::from_str(frame["data"].as_str().unwrap()).unwrap();
        assert_eq!(data["activity_timeout"], 120);
        assert_eq!(data.as_object().unwrap().len(), 2);
        let id = data["socket_id"].as_str().unwrap().to_owned();
        assert!(pusher_http::SocketId::new(id.as_str()).is_ok(), "{id}");
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn rejected_connection_gets_error_message_and_close_code() {
    let server = DevServer::start().await.unwrap();
    for (path, code, message) in [
        (
            "/app/another-key?protocol=7",
            4001,
            "Application does not exist",
        ),
        ("/app/?protocol=7", 4001, "Application does not exist"),
        (
            "/app/local-key/x?protocol=7",
            4001,
            "Application does not exist",
        ),
        (
            "/app/local-key?protocol=8",
            4007,
            "Unsupported protocol version",
        ),
        (
            "/app/local-key?protocol=4",
            4007,
            "Unsupported protocol version",
        ),
        (
            "/app/local-key?client=js",
            4008,
            "No protocol version supplied",
        ),
        ("/app/local-key", 4008, "No protocol version supplied"),
        (
            "/app/local-key?protocol=seven",
            4006,
            "Invalid version string format",
        ),
    ] {
        let mut socket = Socket::open(server.app(), path).await;
        let frame = socket.next().await;
        let expected = json!({
            "event": "pusher:error", "data": {"code": code, "message": message},
        });
        assert_eq!(frame, expected, "{path}");
        assert_eq!(socket.close_code().await, code, "{path}");
    }
}

#[tokio::test]
async fn rejects_connection_over_quota_until_another_ends() {
    let limits = DevLimits {
        connections: 2,
        ..DevLimits::default()
    };
    let server = DevServer::builder().limits(limits).start().await.unwrap();
    let mut first = Socket::connect(&server).await;
    let mut second = Socket::connect(&server).await;
    let room = "presence-room";
    first
        .join(room, PresenceMember::new("first").unwrap())
        .await;
    second
        .join(room, PresenceMember::new("second").unwrap())
        .await;

    let path = "/app/local-key?protocol=7";
    let mut third = Socket::open(server.app(), path).await;
    let message = third.error(Some(4004)).await;
    assert_eq!(message, "Application is over its connection quota");
    assert_eq!(third.close_code().await, 4004);

    drop(first);
    // The others are notified as soon as the server notices.
    second.expect("pusher_internal:member_removed").await;
    Socket::connect(&server).await;
}

#[tokio::test]
async fn rejects_request_without_websocket_upgrade() {
    let server = DevServer::start().await.unwrap();
    let url = format!("http://{}/app/local-key?protocol=7", server.address());
    let client = pusher_http::reqwest::Client::builder().no_proxy().build();
    let response = client.unwrap().get(url).send().await.unwrap();
    assert!(response.status().is_client_error(), "{}", response.status());
    // It is not recorded as a call of the HTTP API.
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn responds_to_ping_with_pong() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for ping in [
        json!({"event": "pusher:ping", "data": {}}),
        json!({"event": "pusher:ping", "data": "{}"}),
        json!({"event": "pusher:ping"}),
    ] {
        socket.send(ping).await;
        let pong = socket.next().await;
        assert_eq!(pong, json!({"event": "pusher:pong", "data": "{}"}));
    }
}

fn impatient(activity_timeout: Duration, pong_timeout: Duration) -> DevTimes {
    DevTimes {
        activity_timeout,
        pong_timeout,
        ..DevTimes::default()
    }
}

#[tokio::test]
async fn keeps_client_that_responds_to_pings() {
    let times = impatient(Duration::from_millis(5), Duration::from_secs(60));
    let server = DevServer::builder().times(times).start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for _ in 0..5 {
        let ping = socket.next().await;
        assert_eq!(ping, json!({"event": "pusher:ping", "data": "{}"}));
        socket
            .send(json!({"event": "pusher:pong", "data": {}}))
            .await;
    }
}

#[tokio::test]
async fn closes_client_without_pong_with_4201() {
    let times = impatient(Duration::from_millis(5), Duration::from_millis(5));
    let server = DevServer::builder().times(times).start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.expect("pusher:ping").await;
    assert_eq!(socket.error(Some(4201)).await, "Pong reply not received");
    assert_eq!(socket.close_code().await, 4201);
}

#[tokio::test]
async fn announces_activity_timeout_in_seconds() {
    let times = impatient(Duration::from_secs(30), Duration::from_secs(30));
    let server = DevServer::builder().times(times).start().await.unwrap();
    let mut socket = Socket::open(server.app(), "/app/local-key?protocol=7").await;
    let established = socket.expect("pusher:connection_established").await;
    assert_eq!(established["activity_timeout"], 30);
}

/// After a restart, a stale ID must not match another connection.
///
/// Otherwise, excluding the stale ID would exclude the wrong client.
#[tokio::test]
async fn socket_ids_differ_between_servers() {
    let mut ids = Vec::new();
    for _ in 0..2 {
        let server = DevServer::start().await.unwrap();
        ids.push(Socket::connect(&server).await.id.clone());
    }
    assert_ne!(ids[0], ids[1]);
}
