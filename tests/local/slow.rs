//! A connection that does not read: the others get everything at once, and it is closed.

use std::time::Duration;

use pusher_http::local::{LocalApp, LocalLimits, LocalServer, LocalTimes};
use pusher_http::{EventData, Limits, PresenceMember};
use serde_json::json;

use crate::raw_peer::RawPeer;
use crate::socket::Socket;
use crate::webhooks::Receiver;

/// Together more than the kernel and both sides' buffers hold for a connection that is not read.
const LARGE_EVENTS: usize = 20;
const LARGE_BYTES: usize = 1_000_000;

/// More than the kernel holds for a connection that is not read.
const HUGE_BYTES: usize = 8_000_000;

async fn with_waiting(waiting_messages: usize) -> LocalServer {
    let api = Limits {
        event_data_bytes: 2 * LARGE_BYTES,
        ..Limits::default()
    };
    let limits = LocalLimits {
        api,
        waiting_messages,
        ..LocalLimits::default()
    };
    LocalServer::builder().limits(limits).start().await.unwrap()
}

#[tokio::test]
async fn a_connection_that_does_not_read_is_closed_and_holds_nobody_up() {
    let server = with_waiting(2).await;
    let mut reads = Socket::connect(&server).await;
    let mut sleeps = Socket::connect(&server).await;
    reads
        .join("presence-room", PresenceMember::new("reads"))
        .await;
    sleeps
        .join("presence-room", PresenceMember::new("sleeps"))
        .await;
    reads.expect("pusher_internal:member_added").await;

    let pusher = server.pusher();
    let large = "x".repeat(LARGE_BYTES);
    let mut is_there = true;
    for number in 0..LARGE_EVENTS {
        let data = EventData::raw(format!("{number} {large}"));
        pusher.trigger("presence-room", "e", data).await.unwrap();
        loop {
            let frame = reads.next().await;
            if frame["event"] == "e" {
                let text = frame["data"].as_str().unwrap();
                assert_eq!(text, format!("{number} {large}"));
                break;
            }
            assert_eq!(frame["event"], "pusher_internal:member_removed");
            is_there = false;
        }
    }
    if is_there {
        let gone = reads.expect("pusher_internal:member_removed").await;
        assert_eq!(gone, json!({"user_id": "sleeps"}));
    }
    // What it had not read is lost to it, and so is the connection.
    let read = sleeps.read_to_end().await;
    assert!(read.len() < LARGE_EVENTS, "{}", read.len());
    let users = pusher.users("presence-room").await.unwrap();
    assert_eq!(users.len(), 1);
}

#[tokio::test]
async fn a_reader_gets_a_burst_that_fits_its_queue_whole_and_in_order() {
    let server = with_waiting(510).await;
    let mut late = Socket::connect(&server).await;
    late.subscribe("room").await;
    let pusher = server.pusher();
    for number in 0..500 {
        pusher.trigger("room", "e", number).await.unwrap();
    }
    for number in 0..500 {
        assert_eq!(late.expect("e").await, json!(number));
    }
    late.assert_nothing_came().await;
}

#[tokio::test]
async fn a_connection_that_reads_again_is_told_to_back_off() {
    let server = with_waiting(1).await;
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("room").await;
    // More than fits at once: a single call puts them into the queue before the connection's own
    // task has a turn.
    let batch: Vec<_> = (0..10)
        .map(|number| json!({"channel": "room", "name": "e", "data": number.to_string()}))
        .collect();
    let body = json!({"batch": batch}).to_string();
    let answer = crate::api::post(&server, "/batch_events", body).await;
    assert_eq!(answer.0, 200);
    assert_eq!(socket.close_code().await, 4100);
}

#[tokio::test]
async fn a_peer_that_never_reads_is_closed_with_one_event_though_it_writes() {
    let limits = LocalLimits {
        api: Limits {
            event_data_bytes: HUGE_BYTES,
            ..Limits::default()
        },
        ..LocalLimits::default()
    };
    let times = LocalTimes {
        write_timeout: Duration::from_millis(100),
        webhook_grace: Duration::ZERO,
        ..LocalTimes::default()
    };
    let mut receiver = Receiver::start().await;
    let server = LocalServer::builder()
        .app(LocalApp::default().webhook(&receiver.url))
        .limits(limits)
        .times(times)
        .start()
        .await
        .unwrap();
    let mut peer = RawPeer::subscribed(&server, "room").await;
    let fact = |name: &str| json!({"name": name, "channel": "room"});
    receiver.expect([fact("channel_occupied")]).await;
    let huge = EventData::raw("x".repeat(HUGE_BYTES));
    server.pusher().trigger("room", "e", huge).await.unwrap();
    peer.send(&json!({"event": "pusher:ping"})).await;
    receiver.expect([fact("channel_vacated")]).await;
}
