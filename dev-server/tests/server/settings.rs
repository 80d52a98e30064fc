//! Extreme settings, and invalid settings with which a server does not start.

use std::process::Command;
use std::time::Duration;

use pusher_dev_server::{DevApp, DevLimits, DevServer, DevTimes, Fault};
use pusher_http::PresenceMember;

use crate::client::Clients as _;
use crate::socket::Socket;
use crate::until::until;

#[tokio::test]
async fn accepts_maximum_times_and_queue_length() {
    let times = DevTimes {
        activity_timeout: Duration::MAX,
        pong_timeout: Duration::MAX,
        write_timeout: Duration::MAX,
        close_timeout: Duration::MAX,
        webhook_retries: Duration::MAX,
        webhook_back_off: Duration::MAX,
        webhook_grace: Duration::MAX,
        cache: Duration::MAX,
        expectation: Duration::MAX,
    };
    let limits = DevLimits {
        waiting_messages: usize::MAX,
        ..DevLimits::default()
    };
    let builder = DevServer::builder().times(times).limits(limits);
    let server = builder.start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let channel = "presence-cache-room";
    socket
        .join(channel, PresenceMember::new("1").unwrap())
        .await;
    socket.expect_frame("pusher:cache_miss").await;
    server.pusher().trigger(channel, "e", 1).await.unwrap();
    socket.expect("e").await;
    server.expect_event(channel, "e").await.unwrap();
    socket.unsubscribe(channel).await;
    socket
        .join(channel, PresenceMember::new("1").unwrap())
        .await;
    socket.expect("e").await;
    let cached = server
        .pusher()
        .channel(channel)
        .info(pusher_http::Info::CACHE);
    assert!(cached.await.unwrap().cache.is_some());
}

#[tokio::test]
async fn sends_ping_if_pong_timeout_is_unlimited() {
    let times = DevTimes {
        activity_timeout: Duration::from_millis(5),
        pong_timeout: Duration::MAX,
        ..DevTimes::default()
    };
    let server = DevServer::builder().times(times).start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.expect("pusher:ping").await;
    socket.subscribe("room").await;
}

#[tokio::test]
async fn minimum_queue_length_is_one_message() {
    let limits = DevLimits {
        waiting_messages: 0,
        ..DevLimits::default()
    };
    let server = DevServer::builder().limits(limits).start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.assert_nothing_received().await;
}

#[tokio::test]
async fn maximum_delay_ends_with_server() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::Delay(Duration::MAX));
    let call = tokio::spawn(server.pusher().trigger("room", "e", 1).into_future());
    until(|| !server.calls().is_empty()).await;
    drop(server);
    call.await.unwrap().unwrap_err();
}

async fn rejected(builder: pusher_dev_server::DevServerBuilder) -> (String, String) {
    let error = builder.start().await.unwrap_err();
    (error.setting().to_owned(), error.reason().to_owned())
}

#[tokio::test]
async fn rejects_webhook_address_that_is_not_an_http_url() {
    let no_url = "one is no URL: relative URL without a base";
    for (url, expected) in [
        ("not a url", no_url),
        ("", no_url),
        ("/webhook", no_url),
        (
            "ftp://127.0.0.1/",
            "the scheme \"ftp\" is neither `http` nor `https`",
        ),
        (
            "localhost:3000",
            "the scheme \"localhost\" is neither `http` nor `https`",
        ),
    ] {
        let app = DevApp::default().webhook(url);
        let builder = DevServer::builder().app(app);
        let (name, reason) = rejected(builder).await;
        assert_eq!((name.as_str(), reason.as_str()), ("webhooks", expected));
    }
}

/// Runs in a separate process, because environment variables locate the certificates.
#[test]
fn plain_http_webhook_needs_no_certificates() {
    let this = std::env::current_exe().unwrap();
    let output = Command::new(this)
        .args(["--exact", "settings::starts_with_webhooks", "--ignored"])
        .env("SSL_CERT_FILE", "/nonexistent")
        .env("SSL_CERT_DIR", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "it is run by the one above"]
async fn starts_with_webhooks() {
    DevServer::start().await.unwrap();
    let app = DevApp::default().webhook("http://127.0.0.1:9/");
    DevServer::builder().app(app).start().await.unwrap();
}
