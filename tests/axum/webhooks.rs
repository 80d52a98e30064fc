//! A verified webhook as an extractor.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::Request;
use axum::routing::post;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{Credentials, Error, Pusher, Webhook, WebhookError};

use crate::{KEY, ReadResponse, SECRET, call, pusher};

const BODY: &str =
    r#"{"time_ms":1403175510755,"events":[{"name":"channel_occupied","channel":"room"}]}"#;

/// Responds with the events.
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

async fn response_to(request: Request<Body>) -> ReadResponse {
    call(router(pusher()), request).await
}

#[track_caller]
fn was_rejected(response: &ReadResponse, status: u16, message: &str, reason: &WebhookError) {
    response.is_plain(status, message);
    let error = response.error.as_deref();
    assert!(
        matches!(error, Some(Error::Webhook(told)) if told == reason),
        "{error:?}"
    );
}

#[tokio::test]
async fn signed_webhook_reaches_handler() {
    let response = response_to(signed_with(SECRET, BODY)).await;
    assert_eq!(
        (response.status.as_u16(), &*response.body),
        (200, "channel_occupied room")
    );
}

#[tokio::test]
async fn extracts_client_from_larger_state() {
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
    let response = call(router, signed_with(SECRET, BODY)).await;
    assert_eq!(response.body, "channel_occupied room");
}

#[tokio::test]
async fn forged_webhook_is_401() {
    let forged = response_to(signed_with("another secret", BODY)).await;
    was_rejected(
        &forged,
        401,
        "Unauthorized",
        &WebhookError::InvalidSignature,
    );

    let mut changed = signed_with(SECRET, BODY);
    *changed.body_mut() = BODY.replace("room", "boss").into();
    let changed = response_to(changed).await;
    was_rejected(
        &changed,
        401,
        "Unauthorized",
        &WebhookError::InvalidSignature,
    );

    for (missing, reason) in [
        ("x-pusher-key", WebhookError::MissingKey),
        ("x-pusher-signature", WebhookError::MissingSignature),
    ] {
        let mut request = signed_with(SECRET, BODY);
        request.headers_mut().remove(missing);
        was_rejected(&response_to(request).await, 401, "Unauthorized", &reason);
    }

    let mut request = signed_with(SECRET, BODY);
    let key = "another-key".parse().unwrap();
    request.headers_mut().insert("x-pusher-key", key);
    let unknown = response_to(request).await;
    was_rejected(&unknown, 401, "Unauthorized", &WebhookError::UnknownKey);
}

#[tokio::test]
async fn malformed_webhook_is_400() {
    let empty = response_to(signed_with(SECRET, "")).await;
    was_rejected(&empty, 400, "Bad Request", &WebhookError::MissingBody);

    let malformed = response_to(signed_with(SECRET, r#"{"MARKER":1}"#)).await;
    malformed.is_plain(400, "Bad Request");
    let error = malformed.error.as_deref();
    assert!(
        matches!(error, Some(Error::Webhook(WebhookError::Malformed(_)))),
        "{error:?}"
    );
}

#[tokio::test]
async fn applies_webhook_window_of_client() {
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
async fn applies_body_limit_of_router() {
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
        let response = call(router, signed_with(SECRET, &of_size(bytes))).await;
        assert_eq!(response.status, status, "{bytes} bytes");
        if status == 413 {
            response.is_plain(413, "Payload Too Large");
        }
    }
}
