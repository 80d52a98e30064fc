//! The official Node library as the client of the server.
//!
//! Its events are accepted and delivered, and its queries get a response.

use serde_json::{Value, json};

use crate::peer::Peer;
use crate::stage::{APP_ID, KEY, MASTER_KEY, Page, SECRET, Stage, in_both_pages};

in_both_pages!(delivers_events_of_official_library);

async fn send(official: &Peer, stage: &Stage, secret: &str, mut call: Value) -> Value {
    let given = json!({
        "do": "sent", "host": "127.0.0.1", "port": stage.port(), "app_id": APP_ID, "key": KEY,
        "secret": secret, "master_key": MASTER_KEY,
    });
    for (name, value) in given.as_object().unwrap() {
        call[name] = value.clone();
    }
    let mut response = official.r#do(call).await;
    let body = response["body"].as_str().unwrap().to_owned();
    response["body"] = serde_json::from_str(&body).unwrap_or(json!(body));
    response
}

async fn delivers_events_of_official_library(page: Page) {
    let stage = Stage::start(page).await;
    let official = Peer::start("official.mjs", &[]);
    let socket_id = stage.connect("ada", "session-of-ada").await;
    stage.connect("bob", "session-of-bob").await;
    let rooms = [
        "news",
        "private-room-1",
        "presence-room-1",
        "private-encrypted-room-1",
    ];
    for room in rooms {
        stage.subscribe("ada", room).await;
    }
    stage.subscribe("bob", "news").await;
    let sign_in = json!({"do": "signin", "client": "ada"});
    stage.peer.r#do(sign_in).await;

    let call = json!({
        "call": "trigger", "channels": ["news", "private-room-1"], "event": "theirs",
        "data": {"n": 1}, "params": {"socket_id": socket_id, "info": "subscription_count"},
    });
    let response = send(&official, &stage, SECRET, call).await;
    assert_eq!(response["status"], 200, "{response}");
    assert_eq!(
        response["body"]["channels"]["news"]["subscription_count"],
        2
    );
    let theirs = stage.peer.event("bob", "news", "theirs").await;
    assert_eq!(theirs["data"], json!({"n": 1}));

    let batch: Vec<_> = rooms
        .iter()
        .map(|room| json!({"channel": room, "name": "of-a-batch", "data": {"room": room}}))
        .collect();
    let call = json!({"call": "trigger_batch", "batch": batch});
    let response = send(&official, &stage, SECRET, call).await;
    assert_eq!(response["status"], 200, "{response}");
    for room in rooms {
        let event = stage.peer.event("ada", room, "of-a-batch").await;
        assert_eq!(event["data"], json!({"room": room}));
    }
    assert!(!stage.peer.names("ada").contains(&"theirs".to_owned()));

    let call = json!({"call": "send_to_user", "user_id": "1", "event": "for-ada", "data": "x"});
    let response = send(&official, &stage, SECRET, call).await;
    assert_eq!(response["status"], 200, "{response}");
    stage
        .peer
        .event("ada", "#server-to-user-1", "for-ada")
        .await;

    for (path, params, expected) in [
        (
            "/channels/presence-room-1",
            json!({"info": "user_count"}),
            json!({"occupied": true, "user_count": 1}),
        ),
        (
            "/channels/presence-room-1/users",
            json!({}),
            json!({"users": [{"id": "1"}]}),
        ),
        (
            "/channels",
            json!({"filter_by_prefix": "presence-", "info": "user_count"}),
            json!({"channels": {"presence-room-1": {"user_count": 1}}}),
        ),
    ] {
        let call = json!({"call": "get", "path": path, "params": params});
        let response = send(&official, &stage, SECRET, call).await;
        assert_eq!(response, json!({"status": 200, "body": expected}), "{path}");
    }

    let call = json!({"call": "get", "path": "/channels/news", "params": {"info": "user_count"}});
    let response = send(&official, &stage, SECRET, call.clone()).await;
    assert_eq!(response["status"], 400, "{response}");
    let response = send(&official, &stage, "wrong", call).await;
    assert_eq!(response["status"], 401, "{response}");

    let call = json!({"call": "terminate", "user_id": "1"});
    let response = send(&official, &stage, SECRET, call).await;
    assert_eq!(response["status"], 200, "{response}");
    stage
        .peer
        .events
        .expect("the end of Ada's connection", |event| {
            event["from"] == "ada" && event["data"]["previous"] == "connected"
        })
        .await;
}
