//! Malformed bodies and paths: each is rejected as a whole, and the server keeps running.

use pusher_dev_server::DevServer;
use serde_json::json;

use super::{get, post};

#[tokio::test]
async fn rejects_malformed_trigger() {
    let server = DevServer::start().await.unwrap();
    let deep = format!(
        r#"{{"name":"e","channels":["a"],"data":{}1{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    for body in [
        "",
        "{",
        "null",
        "1",
        "[]",
        "\"e\"",
        "{}",
        "\u{feff}{}",
        // serde would also accept a trigger as an array of its fields in order.
        r#"["e","room",null,"1",null,null]"#,
        r#"{"name":"e","data":"1"}"#,
        r#"{"name":"e","channels":[],"data":"1"}"#,
        r#"{"name":"e","channels":null,"data":"1"}"#,
        r#"{"name":"e","channels":"a","data":"1"}"#,
        r#"{"name":"e","channels":[1],"data":"1"}"#,
        r#"{"name":"e","channels":["a",""],"data":"1"}"#,
        r#"{"name":"e","channel":"a","channels":["a"],"data":"1"}"#,
        r#"{"name":"e","channels":["a"]}"#,
        r#"{"name":"e","channels":["a"],"data":null}"#,
        r#"{"name":"e","channels":["a"],"data":{"a":1}}"#,
        r#"{"name":"e","channels":["a"],"data":1}"#,
        r#"{"name":"e","name":"f","channels":["a"],"data":"1"}"#,
        r#"{"name":1,"channels":["a"],"data":"1"}"#,
        r#"{"channels":["a"],"data":"1"}"#,
        r#"{"name":"e","channels":["a"],"data":"1","socket_id":"1"}"#,
        r#"{"name":"e","channels":["a"],"data":"1","socket_id":""}"#,
        r#"{"name":"e","channels":["a"],"data":"1","socket_id":"1.2:private-x"}"#,
        r#"{"name":"e","channels":["a"],"data":"1","socket_id":1.2}"#,
        r#"{"name":"e","channels":["a"],"data":"1","info":["user_count"]}"#,
        r#"{"name":"e","channels":["a"],"data":"1"}x"#,
        r#"{"name":"e","channels":["a"],"data":"\ud800"}"#,
        deep.as_str(),
    ] {
        let (status, message) = post(&server, "/events", body).await;
        assert_eq!(status, 400, "{body:.100}: {message}");
        assert!(!message.is_empty());
    }
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn rejects_body_that_is_not_utf_8() {
    let server = DevServer::start().await.unwrap();
    let body = b"{\"name\":\"e\",\"channels\":[\"a\"],\"data\":\"\xff\"}";
    let (status, _) = post(&server, "/events", body).await;
    assert_eq!(status, 400);
    assert!(server.events().is_empty());
    assert!(server.calls()[0].body.contains('\u{fffd}'));
}

#[tokio::test]
async fn rejects_malformed_batch() {
    let server = DevServer::start().await.unwrap();
    for body in [
        "",
        "[]",
        "{}",
        r#"{"batch":null}"#,
        r#"{"batch":{}}"#,
        r#"{"batch":[1]}"#,
        r#"{"batch":[{}]}"#,
        r#"{"batch":[["e","room",null,"1",null,null]]}"#,
        r#"[[{"name":"e","channel":"a","data":"1"}]]"#,
        r#"{"batch":[{"name":"e","data":"1"}]}"#,
        r#"{"batch":[{"name":"e","channel":"a"}]}"#,
    ] {
        let (status, message) = post(&server, "/batch_events", body).await;
        assert_eq!(status, 400, "{body}: {message}");
    }
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn rejects_whole_batch_if_one_event_is_malformed() {
    let server = DevServer::start().await.unwrap();
    let good = json!({"channel": "room", "name": "e", "data": "1"});
    for bad in [
        json!({"channel": "no room", "name": "e", "data": "1"}),
        json!({"channel": "room", "name": "pusher:e", "data": "1"}),
        json!({"channel": "room", "name": "", "data": "1"}),
        json!({"channel": "room", "name": "e", "data": 1}),
        json!({"channel": "room", "name": "e", "data": "1", "socket_id": "x"}),
    ] {
        let body = json!({"batch": [good, bad, good]}).to_string();
        let (status, message) = post(&server, "/batch_events", body).await;
        assert_eq!(status, 400, "{bad}: {message}");
    }
    assert!(server.events().is_empty());
    let response = post(&server, "/batch_events", r#"{"batch":[]}"#).await;
    assert_eq!(response, (200, "{}".to_owned()));
}

#[tokio::test]
async fn rejects_malformed_channel() {
    let server = DevServer::start().await.unwrap();
    let long = format!("presence-{}", "a".repeat(156));
    for (channel, decoded) in [
        ("a%20b", "a b"),
        ("%23server-to-user-1", "#server-to-user-1"),
        ("%C3%A9", "é"),
        ("a%2Fb", "a/b"),
        ("", ""),
        // The hosted service's limits.
        ("presence-a:b", "presence-a:b"),
        (&long, &long),
    ] {
        let rejected = (400, format!("Invalid channel name: {decoded}"));
        let path = format!("/channels/{channel}");
        assert_eq!(get(&server, &path, &[]).await, rejected);
        assert_eq!(get(&server, &format!("{path}/users"), &[]).await, rejected);
    }
    let rejected = get(&server, "/channels/%FF", &[]).await;
    assert_eq!(rejected, (400, "The path is not UTF-8".to_owned()));
}

#[tokio::test]
async fn ignores_unknown_fields() {
    let server = DevServer::start().await.unwrap();
    let body = r#" {"name":"e","channels":["a"],"data":"1","idempotency_key":"k","tags":{"x":1},
                    "socket_id":null,"info":null} "#;
    assert_eq!(post(&server, "/events", body).await, (200, "{}".to_owned()));
    let event = &server.events()[0];
    assert_eq!((&event.excluded, &event.info), (&None, &None));
}
