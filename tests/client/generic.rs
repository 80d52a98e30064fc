//! Generic calls to endpoints that the crate has no method for, and signing without sending.

use pusher_http::Error;
use pusher_http::api::Request;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::common::ScriptedServer;

#[derive(Debug, PartialEq, Deserialize)]
struct Pong {
    pong: u8,
}

#[tokio::test]
async fn generic_call_is_signed_and_returns_typed_response() {
    let server = ScriptedServer::start().await;
    server
        .will_respond(200, r#"{"pong":1}"#)
        .will_respond(202, r#"{"pong":2}"#);
    let pusher = server.pusher();
    let response: Pong = pusher
        .get("/a/b%20c")
        .query("name", ", ; & + # % é ☃ / ? @ =")
        .query("first", "1")
        .await
        .unwrap();
    assert_eq!(response, Pong { pong: 1 });
    let response: Pong = pusher.post("/ping", json!({"x": 1})).await.unwrap();
    assert_eq!(response, Pong { pong: 2 });

    let [get, post] = &server.recorded()[..] else {
        panic!("two requests");
    };
    assert_eq!(get.uri.path(), "/apps/3/a/b%20c");
    let query = get.uri.query().unwrap();
    let expected = "&auth_version=1.0&first=1&name=%2C%20%3B%20%26%20%2B%20%23%20%25%20%C3%A9%20\
                    %E2%98%83%20%2F%20%3F%20%40%20%3D&auth_signature=";
    assert!(query.contains(expected), "{query}");
    assert_eq!(
        (post.method.as_str(), post.body.as_str()),
        ("POST", r#"{"x":1}"#)
    );
}

#[tokio::test]
async fn rejects_query_and_path_that_would_break_signature() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    for key in [
        "auth_key",
        "auth_timestamp",
        "auth_version",
        "auth_signature",
        "body_md5",
        "Upper",
        "",
        "a=b",
        "a&auth_key",
    ] {
        let error = pusher.get::<Value>("/x").query(key, "v").await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "query key",
                    ..
                }
            ),
            "{key}"
        );
    }
    for value in [
        "1&auth_key=key",
        "x&auth_timestamp=9",
        "&body_md5=0",
        "a&auth_signature=b",
    ] {
        let error = pusher
            .get::<Value>("/x")
            .query("a", value)
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "query value",
                    ..
                }
            ),
            "{value}"
        );
    }
    let twice = pusher.get::<Value>("/x").query("a", "1").query("a", "2");
    assert!(twice.await.is_err());
    for path in [
        "",
        "x",
        "/x?a=1",
        "/x#a",
        "/a b",
        "/é",
        "/../4/x",
        "/%2e%2E/x",
        "/./x",
        "/a\\b",
    ] {
        let error = pusher.get::<Value>(path).await.unwrap_err();
        assert!(
            matches!(error, Error::Invalid { what: "path", .. }),
            "{path}: {error}"
        );
    }
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn signs_request_without_sending() {
    let server = ScriptedServer::start().await;
    let pusher = server.builder().path_prefix("/proxy").build().unwrap();
    let request = Request::get("/channels").unwrap();
    let signed = pusher
        .sign(&request.query("info", "user_count").unwrap())
        .unwrap();
    let url = signed.uri().to_string();
    let base = format!("http://{}/proxy/apps/3/channels?auth_key=", server.address);
    assert!(url.starts_with(&base), "{url}");
    assert!(url.ends_with(signed.uri().query().unwrap()));
    let debug = format!("{signed:?}");
    assert!(!debug.contains("auth_"), "{debug}");
    assert_eq!(server.recorded().len(), 0);
}
