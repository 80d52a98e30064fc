//! A verified webhook as an extractor.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::Request;
use axum::routing::post;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{Credentials, Error, Pusher, Webhook, WebhookError};

use crate::{Answer, KEY, SECRET, call, pusher};

const BODY: &str =
    r#"{"time_ms":1403175510755,"events":[{"name":"channel_occupied","channel":"room"}]}"#;

/// Answers with the events.
async fn webhook(webhook: Webhook) -> String {
    let events = webhook.events.iter();
    let events = events.map(|event| format!("{} {}", event.name(), event.channel().unwrap()));
    events.collect::<Vec<_>>().join(",")
}

fn router(pusher: Pusher) -> Router {
    Router::new().route("/", post(webhook)).with_state(pusher)
}

fn signed_with(secret: &str, body: &str) -> Request<Body> {
    let token = Credentials::new(KEY, secret).unwrap();
    let mut request = Request::post("/").body(body.to_owned().into()).unwrap();
    *request.headers_mut() = WebhookSignature::new(&token, body.as_bytes()).headers();
    request
}

async fn answer(request: Request<Body>) -> Answer {
    call(router(pusher()), request).await
}

#[track_caller]
fn was_refused(answer: &Answer, status: u16, words: &str, refusal: &WebhookError) {
    answer.is_plain(status, words);
    let error = answer.error.as_deref();
    assert!(
        matches!(error, Some(Error::Webhook(told)) if told == refusal),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_signed_webhook_comes_to_the_handler() {
    let answer = answer(signed_with(SECRET, BODY)).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (200, "channel_occupied room")
    );
}

#[tokio::test]
async fn a_state_with_more_in_it_gives_the_client() {
    #[derive(Clone)]
    struct AppState {
        pusher: Pusher,
    }

    impl FromRef<AppState> for Pusher {
        fn from_ref(state: &AppState) -> Self {
            state.pusher.clone()
        }
    }

    let router = Router::new().route("/", post(webhook));
    let router = router.with_state(AppState { pusher: pusher() });
    let answer = call(router, signed_with(SECRET, BODY)).await;
    assert_eq!(answer.body, "channel_occupied room");
}

#[tokio::test]
async fn a_forged_webhook_is_401() {
    let forged = answer(signed_with("another secret", BODY)).await;
    was_refused(
        &forged,
        401,
        "Unauthorized",
        &WebhookError::InvalidSignature,
    );

    let mut changed = signed_with(SECRET, BODY);
    *changed.body_mut() = BODY.replace("room", "boss").into();
    let changed = answer(changed).await;
    was_refused(
        &changed,
        401,
        "Unauthorized",
        &WebhookError::InvalidSignature,
    );

    for (missing, refusal) in [
        ("x-pusher-key", WebhookError::MissingKey),
        ("x-pusher-signature", WebhookError::MissingSignature),
    ] {
        let mut request = signed_with(SECRET, BODY);
        request.headers_mut().remove(missing);
        was_refused(&answer(request).await, 401, "Unauthorized", &refusal);
    }

    let mut request = signed_with(SECRET, BODY);
    let key = "another-key".parse().unwrap();
    request.headers_mut().insert("x-pusher-key", key);
    let unknown = answer(request).await;
    was_refused(&unknown, 401, "Unauthorized", &WebhookError::UnknownKey);
}

#[tokio::test]
async fn a_webhook_that_cannot_be_read_is_400() {
    let empty = answer(signed_with(SECRET, "")).await;
    was_refused(&empty, 400, "Bad Request", &WebhookError::MissingBody);

    let malformed = answer(signed_with(SECRET, r#"{"MARKER":1}"#)).await;
    malformed.is_plain(400, "Bad Request");
    let error = malformed.error.as_deref();
    assert!(
        matches!(error, Some(Error::Webhook(WebhookError::Malformed(_)))),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_window_of_the_client_holds() {
    let pusher = || {
        let builder = Pusher::builder("3", KEY, SECRET).tls(false);
        let builder = builder.webhook_window(Duration::from_secs(300));
        builder.build().unwrap()
    };
    let replayed = call(router(pusher()), signed_with(SECRET, BODY)).await;
    replayed.is_plain(401, "Unauthorized");
    let error = replayed.error.as_deref();
    assert!(
        matches!(
            error,
            Some(Error::Webhook(WebhookError::OutsideWindow { .. }))
        ),
        "{error:?}"
    );

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let body = BODY.replace("1403175510755", &now.as_millis().to_string());
    let fresh = call(router(pusher()), signed_with(SECRET, &body)).await;
    assert_eq!(fresh.status, 200);
}

fn of_size(bytes: usize) -> String {
    let end = r#"","time_ms":1403175510755,"events":[]}"#;
    let start = r#"{"more":""#;
    start.to_owned() + &"x".repeat(bytes - start.len() - end.len()) + end
}

#[tokio::test]
async fn a_body_is_read_up_to_the_routers_limit() {
    const DEFAULT: usize = 2 * 1_024 * 1_024;
    let limited = || router(pusher()).layer(DefaultBodyLimit::max(1_000));
    let unlimited = || router(pusher()).layer(DefaultBodyLimit::disable());
    for (router, bytes, status) in [
        (router(pusher()), DEFAULT, 200),
        (router(pusher()), DEFAULT + 1, 413),
        (limited(), 1_000, 200),
        (limited(), 1_001, 413),
        (unlimited(), DEFAULT + 1, 200),
    ] {
        let answer = call(router, signed_with(SECRET, &of_size(bytes))).await;
        assert_eq!(answer.status, status, "{bytes} bytes");
        if status == 413 {
            answer.is_plain(413, "Payload Too Large");
        }
    }
}
