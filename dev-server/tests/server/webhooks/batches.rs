//! How webhooks are sent: several events in one body, in order, retried until accepted.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pusher_dev_server::{DevServer, DevTimes};
use pusher_http::{PresenceMember, WebhookEvent};
use tokio::net::TcpListener;

use super::receiver::{Receiver, app_with_webhooks, server_with_webhooks};
use crate::client::Clients as _;
use crate::socket::Socket;
use crate::until::until;

async fn occupy(server: &DevServer, channels: &[&str]) -> Socket {
    let mut socket = Socket::connect(server).await;
    for channel in channels {
        socket.subscribe(channel).await;
    }
    socket
}

#[tokio::test]
async fn sends_simultaneous_events_in_one_body() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, Duration::ZERO).await;
    let mut socket = Socket::connect(&server).await;
    socket
        .join("presence-cache-room", PresenceMember::new("1").unwrap())
        .await;
    let post = receiver.post().await;
    let webhook = server.pusher().webhook(&post.headers, &post.body).unwrap();
    let names: Vec<_> = webhook.events.iter().map(WebhookEvent::name).collect();
    assert_eq!(names, ["channel_occupied", "member_added", "cache_miss"]);
    assert!(matches!(
        &webhook.events[1],
        WebhookEvent::MemberAdded { channel, user_id, extra, .. }
            if channel == "presence-cache-room" && user_id == "1" && extra.is_empty()
    ));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let sent = Duration::from_millis(webhook.time_ms);
    assert!(now.abs_diff(sent) < Duration::from_secs(60), "{sent:?}");
}

#[tokio::test]
async fn retries_webhook_until_accepted_while_the_next_waits() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, Duration::ZERO).await;
    receiver.will_respond(500);
    receiver.will_respond(302);
    let socket = occupy(&server, &["first"]).await;
    let rejected = receiver.post().await;
    let later = occupy(&server, &["second"]).await;
    for _ in 0..2 {
        let again = receiver.post().await;
        assert_eq!(again.body, rejected.body, "byte for byte");
        let signature = "x-pusher-signature";
        assert_eq!(again.headers[signature], rejected.headers[signature]);
        // A redirect is not a success, and is not followed.
        assert_eq!(again.path, "/webhook");
    }
    let next = receiver.post().await;
    assert_eq!(next.events()[0]["channel"], "second");
    drop((socket, later));
}

#[tokio::test]
async fn gives_up_undeliverable_webhook_and_sends_the_next() {
    let mut receiver = Receiver::start().await;
    let times = DevTimes {
        webhook_retries: Duration::from_secs(1),
        webhook_back_off: Duration::from_millis(25),
        ..DevTimes::default()
    };
    let server = DevServer::builder()
        .app(app_with_webhooks(&receiver))
        .times(times)
        .start()
        .await
        .unwrap();
    for _ in 0..1_000 {
        receiver.will_respond(500);
    }
    let socket = occupy(&server, &["first"]).await;
    let rejected = receiver.post().await;
    let later = occupy(&server, &["second"]).await;
    let mut tries = 1;
    let next = loop {
        let post = receiver.post().await;
        if post.body != rejected.body {
            break post;
        }
        tries += 1;
    };
    assert_eq!(next.events()[0]["channel"], "second");
    // At 0, 25, 75, 175, 375, 775 milliseconds, or later: each wait doubles, up to a limit.
    assert!((2..=6).contains(&tries), "{tries}");
    drop((socket, later));
}

#[tokio::test]
async fn accepts_every_2xx_as_success() {
    let mut receiver = Receiver::start().await;
    let server = server_with_webhooks(&receiver, Duration::ZERO).await;
    receiver.will_respond(204);
    let first = occupy(&server, &["first"]).await;
    assert_eq!(receiver.post().await.events()[0]["channel"], "first");
    let second = occupy(&server, &["second"]).await;
    assert_eq!(receiver.post().await.events()[0]["channel"], "second");
    drop((first, second));
}

#[tokio::test]
async fn failing_address_does_not_delay_another() {
    let mut stubborn = Receiver::start().await;
    let mut willing = Receiver::start().await;
    let server = DevServer::builder()
        .app(app_with_webhooks(&stubborn).webhook(&willing.url))
        .start()
        .await
        .unwrap();
    stubborn.will_respond(500);
    let first = occupy(&server, &["first"]).await;
    let second = occupy(&server, &["second"]).await;
    let names = ["first", "first", "second", "second"];
    for name in names {
        assert_eq!(willing.event().await["channel"], name);
    }
    // The rejected webhook is sent again, followed by those that waited behind it.
    let rejected = stubborn.post().await;
    assert_eq!(stubborn.post().await.body, rejected.body);
    drop((first, second));
}

#[tokio::test]
async fn app_without_addresses_sends_no_webhooks() {
    let mut receiver = Receiver::start().await;
    let server = DevServer::builder()
        .app(pusher_dev_server::DevApp::new(
            "quiet",
            "quiet-key",
            "secret",
        ))
        .app(app_with_webhooks(&receiver))
        .start()
        .await
        .unwrap();
    let quiet = occupy(&server, &["quiet-room"]).await;
    let app = server.pusher_of("app").unwrap();
    let mut socket = Socket::connect_to(app.app()).await;
    socket.subscribe("loud-room").await;
    assert_eq!(receiver.event().await["channel"], "loud-room");
    drop(quiet);
}

#[tokio::test]
async fn records_every_attempt() {
    let mut receiver = Receiver::start().await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}/dead", nobody.local_addr().unwrap());
    drop(nobody);
    receiver.will_respond(500);
    let server = DevServer::builder()
        .app(app_with_webhooks(&receiver).webhook(&dead))
        .start()
        .await
        .unwrap();
    let socket = occupy(&server, &["room"]).await;
    let body = receiver.post().await.body;
    receiver.post().await;
    let of = |url: &str| {
        let mut all = server.webhooks();
        all.retain(|webhook| webhook.url == url);
        all
    };
    until(|| of(&receiver.url).len() >= 2 && !of(&dead).is_empty()).await;
    let tries: Vec<_> = of(&receiver.url)
        .into_iter()
        .map(|webhook| (webhook.attempt, webhook.status, webhook.error))
        .collect();
    assert_eq!(tries, [(1, Some(500), None), (2, Some(200), None)]);
    assert_eq!(of(&receiver.url)[0].body.as_bytes(), body);
    let first = &of(&dead)[0];
    assert_eq!((first.attempt, first.status), (1, None));
    assert!(
        first.error.as_deref().unwrap().contains("refused"),
        "{first:?}"
    );
    drop(socket);
}
