//! No secret, signature or signed URL appears in what the server prints or records.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::SinkExt as _;
use pusher_dev_server::{DevApp, DevServer, Fault, RecordedWebhook};
use pusher_http::api::Request;
use pusher_http::{App, Pusher, reqwest};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

const SECRET: &str = "MARKER-secret";
const PASSWORD: &str = "MARKER-password";
const MASTER_KEY: &str = "TUFSS0VSLW1hc3Rlci1rZXktb2YtMzItYnl0ZXMuLi4=";

/// Asserts that `Debug` shows no secret, and no signature (64 hexadecimal digits).
#[track_caller]
fn assert_shows_no_secret(value: &impl Debug) {
    let text = format!("{value:?}\n{value:#?}");
    for secret in ["MARKER", MASTER_KEY] {
        assert!(!text.contains(secret), "{text}");
    }
    let longest = text
        .split(|character: char| !character.is_ascii_hexdigit())
        .map(str::len)
        .max();
    assert!(longest < Some(64), "{text}");
}

fn app() -> DevApp {
    DevApp::new("3", "key", SECRET).encryption_master_key_base64(MASTER_KEY)
}

#[tokio::test]
async fn settings_and_servers_show_no_secret() {
    let app = app().webhook(format!("http://user:{PASSWORD}@127.0.0.1:1/"));
    assert_shows_no_secret(&app);
    assert_shows_no_secret(&DevServer::builder().app(app.clone()));
    let server = DevServer::builder().app(app).start().await.unwrap();
    assert_shows_no_secret(&server);
    assert_shows_no_secret(server.app());
    assert_shows_no_secret(&server.fail_next(Fault::Status(503)));
    assert_shows_no_secret(&server.expect_event("room", "e"));
}

#[tokio::test]
async fn records_show_no_signature() {
    let server = DevServer::builder().app(app()).start().await.unwrap();
    let pusher = Pusher::from_url(&server.url()).unwrap();
    pusher.channels().await.unwrap();
    // The server's error message quotes the signature of a client with another secret.
    let stranger = App::builder("3", "key", "another-secret")
        .host("127.0.0.1")
        .port(server.address().port())
        .tls(false)
        .build()
        .unwrap();
    stranger.channels().await.unwrap_err();
    // Parameter names that the server also reads as `auth_signature`.
    let request = Request::get("/apps/3/channels").unwrap();
    let signed_url = server.app().sign(&request, 1).unwrap().uri().to_string();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for spelled in ["AUTH_SIGNATURE=", "auth%5Fsignature="] {
        let url = signed_url.replace("auth_signature=", spelled);
        client.get(url).send().await.unwrap();
    }
    let calls = server.calls();
    assert_eq!(calls.len(), 4);
    for call in &calls {
        assert_shows_no_secret(call);
    }
}

#[tokio::test]
async fn recorded_webhook_shows_no_password() {
    let url = format!("http://user:{PASSWORD}@127.0.0.1:1/");
    let webhook = posted_webhook(&url).await;
    assert!(webhook.error.is_some());
    assert_shows_no_secret(&webhook);
}

#[tokio::test]
async fn error_about_webhook_address_shows_no_password() {
    for url in ["ftp://u:MARKER@127.0.0.1/", "http://u:MARKER@[::g]/"] {
        let server = DevServer::builder().app(DevApp::default().webhook(url));
        let error = server.start().await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("MARKER"), "{error}");
    }
}

/// Returns the record of a webhook that was posted to this URL.
async fn posted_webhook(url: &str) -> RecordedWebhook {
    let server = DevServer::builder().app(app().webhook(url));
    let server = server.start().await.unwrap();
    let page = format!("ws://{}/app/key?protocol=7", server.address());
    let (mut page, _) = tokio_tungstenite::connect_async(page).await.unwrap();
    let subscribe = r#"{"event":"pusher:subscribe","data":{"channel":"room"}}"#;
    page.send(Message::text(subscribe)).await.unwrap();
    let posted = async {
        loop {
            if let Some(webhook) = server.webhooks().pop() {
                return webhook;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), posted).await.unwrap()
}
