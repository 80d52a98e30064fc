//! pusher-js reconnects and restores its subscriptions.
//!
//! It does so after a restart of the server, and after the server has asked all clients to
//! reconnect.

use std::time::{Duration, Instant};

use pusher_http::Info;
use serde_json::{Value, json};

use crate::server::required;
use crate::stage::{Page, Stage, in_both_pages};

in_both_pages!(
    page_reconnects_after_server_restart,
    page_reconnects_immediately_if_asked_to,
);

const ROOM: &str = "presence-room-1";
const CHANNELS: [&str; 3] = ["news", "private-room-1", ROOM];

/// How long pusher-js waits before it reconnects.
///
/// It does not wait if the close code requests it to reconnect immediately.
const BACK_OFF: Duration = Duration::from_secs(1);

async fn page_reconnects_after_server_restart(page: Page) {
    if is_sockudo() {
        return;
    }
    let mut stage = joined(page).await;
    stage.server = stage.server.restart().await;
    is_back(&stage).await;
}

async fn page_reconnects_immediately_if_asked_to(page: Page) {
    if is_sockudo() {
        return;
    }
    let stage = joined(page).await;
    let asked = Instant::now();
    stage.server.local().unwrap().disconnect_all();
    let reconnects = stage.peer.events.expect("a new attempt", |event| {
        event["event"] == "state_change"
            && event["data"] == json!({"previous": "connected", "current": "connecting"})
    });
    reconnects.await;
    let waited = asked.elapsed();
    assert!(waited < BACK_OFF, "pusher-js took {waited:?}");
    let close = stage.peer.events.expect("the close code", |event| {
        event["event"] == "pusher:error" && event["data"]["type"] == "WebSocketError"
    });
    assert_eq!(close.await["data"]["code"], 4200);
    is_back(&stage).await;
}

/// Whether the server is Sockudo, with which there is nothing to test.
///
/// The tests do not restart Sockudo, and it has no call that disconnects all clients.
fn is_sockudo() -> bool {
    required("E2E_SERVER") == "sockudo"
}

/// Starts a page whose client has joined all channels and gets their events.
async fn joined(page: Page) -> Stage {
    let stage = Stage::start(page).await;
    stage.connect("a", "session-of-ada").await;
    for channel in CHANNELS {
        stage.subscribe("a", channel).await;
    }
    everything_arrives(&stage, "before").await;
    stage
}

/// Asserts that the client has joined all channels a second time.
///
/// It is the same user, is counted once, and gets events.
async fn is_back(stage: &Stage) {
    for channel in CHANNELS {
        let twice = |_: &Value| subscriptions(stage, channel).len() == 2;
        let what = format!("the second subscription of {channel}");
        stage.peer.events.expect(&what, twice).await;
    }
    let ada =
        json!({"members": {"1": {"name": "Ada"}}, "me": {"id": "1", "info": {"name": "Ada"}}});
    assert_eq!(subscriptions(stage, ROOM)[1], ada);

    let room = stage.pusher.channel(ROOM).info(Info::USER_COUNT);
    assert_eq!(room.await.unwrap().user_count, Some(1));
    let news = stage.pusher.channel("news").info(Info::SUBSCRIPTION_COUNT);
    assert_eq!(news.await.unwrap().subscription_count, Some(1));
    everything_arrives(stage, "after").await;
}

async fn everything_arrives(stage: &Stage, event: &str) {
    stage.pusher.trigger(CHANNELS, event, 1).await.unwrap();
    for channel in CHANNELS {
        assert_eq!(stage.peer.event("a", channel, event).await["data"], 1);
    }
}

/// Returns the data that the client got with each of its subscriptions to this channel.
fn subscriptions(stage: &Stage, channel: &str) -> Vec<Value> {
    let events = stage.peer.events.all();
    events
        .into_iter()
        .filter(|event| {
            event["channel"] == channel && event["event"] == "pusher:subscription_succeeded"
        })
        .map(|mut event| event["data"].take())
        .collect()
}
