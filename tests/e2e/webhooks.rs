//! All types of webhooks from the server are verified and parsed, here and in `auth_server`.

use axum::http::StatusCode;
use pusher_http::WebhookEvent;
use serde_json::{Value, json};

use crate::stage::{Page, Stage, in_both_pages};

in_both_pages!(verifies_and_parses_all_types);

async fn verifies_and_parses_all_types(page: Page) {
    let stage = Stage::start(page).await;
    let socket_id = stage.connect("a", "session-of-ada").await;
    stage.connect("b", "session-of-bob").await;
    stage.subscribe("a", "news").await;
    stage.subscribe("a", "presence-room-1").await;
    stage.subscribe("b", "presence-room-1").await;
    stage.subscribe("a", "cache-news").await;
    let sent = stage
        .peer
        .r#do(json!({
            "do": "client_event", "client": "a", "channel": "presence-room-1",
            "event": "client-typing", "data": {"typing": true},
        }))
        .await;
    assert_eq!(sent, json!({"sent": true}));
    let relayed = stage
        .peer
        .event("b", "presence-room-1", "client-typing")
        .await;
    assert_eq!(relayed["data"], json!({"typing": true}));

    stage.webhook("channel_occupied", "news").await;
    let count = stage.webhook("subscription_count", "news").await;
    assert!(
        matches!(
            count,
            WebhookEvent::SubscriptionCount {
                subscription_count: 1,
                ..
            }
        ),
        "{count:?}"
    );
    stage.webhook("cache_miss", "cache-news").await;
    stage.webhook("member_added", "presence-room-1").await;
    let event = stage.webhook("client_event", "presence-room-1").await;
    let WebhookEvent::ClientEvent(event) = event else {
        panic!("{event:?}");
    };
    assert_eq!(event.event, "client-typing");
    assert_eq!(event.json::<Value>().unwrap(), json!({"typing": true}));
    assert_eq!(event.socket_id.unwrap(), socket_id.as_str());

    let disconnect = |client| json!({"do": "disconnect", "client": client});
    stage.peer.r#do(disconnect("b")).await;
    let removed = stage.webhook("member_removed", "presence-room-1").await;
    assert!(
        matches!(&removed, WebhookEvent::MemberRemoved { user_id, .. } if user_id == "2"),
        "{removed:?}"
    );
    stage.peer.r#do(disconnect("a")).await;
    stage.webhook("channel_vacated", "news").await;

    for event in stage.webhooks.all() {
        assert!(!matches!(event, WebhookEvent::Unknown { .. }), "{event:?}");
    }
    let statuses = stage.example_statuses.all();
    assert!(!statuses.is_empty());
    assert!(
        statuses.iter().all(|status| *status == StatusCode::OK),
        "{statuses:?}"
    );
}
