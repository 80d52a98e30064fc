//! Malformed messages: each gets an error response, and the connection stays open.

use pusher_dev_server::DevServer;
use serde_json::{Value, json};

use crate::client::Clients as _;
use crate::socket::Socket;

#[tokio::test]
async fn rejects_message_that_is_not_an_event() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let deep = "[".repeat(100_000);
    for text in [
        "",
        " ",
        "{",
        "null",
        "1",
        "\"pusher:ping\"",
        "[]",
        // serde would also accept an event as an array of its fields in order.
        r#"["pusher:ping"]"#,
        r#"["client-e","private-room",1]"#,
        "{}",
        r#"{"event":null}"#,
        r#"{"event":1}"#,
        r#"{"event":"pusher:ping","event":"pusher:ping"}"#,
        r#"{"event":"pusher:ping","channel":1}"#,
        r#"{"event":"pusher:ping"}x"#,
        deep.as_str(),
    ] {
        socket.send_text(text).await;
        let message = socket.error(None).await;
        assert_eq!(message, "The message is not an event in JSON", "{text:.60}");
    }
    socket.assert_nothing_received().await;
}

#[tokio::test]
async fn quotes_unknown_event_in_error() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for event in [
        "",
        "e",
        "pusher:x",
        "pusher_internal:member_added",
        "CLIENT-e",
    ] {
        socket.send(json!({"event": event, "data": {}})).await;
        let message = socket.error(None).await;
        assert_eq!(message, format!("Unknown event {event:?}"));
    }
}

#[tokio::test]
async fn rejects_malformed_data() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for event in ["pusher:subscribe", "pusher:unsubscribe", "pusher:signin"] {
        for data in [
            Value::Null,
            json!(1),
            json!([]),
            json!({}),
            json!(""),
            json!("x"),
            json!("{}"),
            json!({"channel": null}),
            json!({"channel": ["room"]}),
            // serde would also accept an array of the fields in order.
            json!(["room"]),
            json!("[\"room\"]"),
            json!(["auth", "{\"id\":\"1\"}"]),
        ] {
            socket.send(json!({"event": event, "data": data})).await;
            let message = socket.error(None).await;
            let start = format!("The data of {event} is malformed: ");
            assert!(message.starts_with(&start), "{data}: {message}");
        }
        socket.send(json!({"event": event})).await;
        socket.error(None).await;
    }
    assert!(server.pusher().channels().await.unwrap().is_empty());
}

#[tokio::test]
async fn accepts_data_as_json_string() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let asked = socket.subscription("private-room").to_string();
    let subscribe = json!({"event": "pusher:subscribe", "data": asked});
    socket.send(subscribe).await;
    socket
        .expect("pusher_internal:subscription_succeeded")
        .await;
    let data = r#"{"channel":"private-room"}"#;
    socket
        .send(json!({"event": "pusher:unsubscribe", "data": data}))
        .await;
    socket.assert_nothing_received().await;
    let user_data = r#"{"id":"1"}"#;
    let auth = socket.sign_in_auth(user_data);
    let data = json!({"auth": auth, "user_data": user_data}).to_string();
    socket
        .send(json!({"event": "pusher:signin", "data": data}))
        .await;
    socket.expect("pusher:signin_success").await;
}

#[tokio::test]
async fn ignores_binary_messages() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.send_binary(vec![0xff, 0]).await;
    socket.assert_nothing_received().await;
}

#[tokio::test]
async fn truncates_long_values_in_error_messages() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let long = "x".repeat(1_000_000);
    let auth = format!("local-key:{long}");
    for frame in [
        json!({"event": long}),
        json!({"event": "client-e", "channel": format!("private-{long}"), "data": 1}),
        json!({"event": "pusher:subscribe", "data": {"channel": format!("#server-to-user-{long}")}}),
        json!({"event": "pusher:subscribe", "data": {"channel": "private-a", "auth": auth}}),
        json!({"event": "pusher:subscribe", "data": {
            "channel": "presence-a", "auth": "local-key:0", "channel_data": long,
        }}),
    ] {
        socket.send(frame).await;
        let message = socket.error(None).await;
        assert!(
            message.ends_with(" bytes)") && message.len() < 4_200,
            "{}",
            message.len()
        );
    }
    let sign_in = json!({"auth": "local-key:0", "user_data": long});
    socket
        .send(json!({"event": "pusher:signin", "data": sign_in}))
        .await;
    let message = socket.error(Some(4009)).await;
    assert!(
        message.ends_with(" bytes)") && message.len() < 4_200,
        "{}",
        message.len()
    );
}
