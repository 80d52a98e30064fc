//! A connection that does not read is closed, and does not delay the others.

use std::time::Duration;

use pusher_dev_server::{DevApp, DevLimits, DevServer, DevTimes};
use pusher_http::{EventData, Limits, PresenceMember, UserData};
use serde_json::json;

use crate::client::Clients as _;
use crate::raw_peer::{RawPeer, overfill, roomy};
use crate::socket::Socket;
use crate::webhooks::Receiver;

/// Together, these events exceed all buffers of an unread connection.
///
/// That is, the buffers of the kernel and of both sides.
const LARGE_EVENTS: usize = 20;
const LARGE_BYTES: usize = 1_000_000;

async fn with_waiting(waiting_messages: usize) -> DevServer {
    let api = Limits::default().event_data_bytes(2 * LARGE_BYTES);
    let limits = DevLimits {
        api,
        waiting_messages,
        ..DevLimits::default()
    };
    let times = DevTimes {
        // Long enough for a client that reads, even on a slow machine.
        close_timeout: Duration::from_secs(60),
        ..DevTimes::default()
    };
    let builder = DevServer::builder().limits(limits).times(times);
    builder.start().await.unwrap()
}

#[tokio::test]
async fn closes_unread_connection_without_delaying_others() {
    let server = with_waiting(2).await;
    let mut reads = Socket::connect(&server).await;
    let mut sleeps = Socket::connect(&server).await;
    reads
        .join("presence-room", PresenceMember::new("reads").unwrap())
        .await;
    sleeps
        .join("presence-room", PresenceMember::new("sleeps").unwrap())
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
    // It has lost the unread events and the connection.
    let read = sleeps.read_to_end().await;
    assert!(read.len() < LARGE_EVENTS, "{}", read.len());
    let users = pusher.users("presence-room").await.unwrap();
    assert_eq!(users.len(), 1);
}

#[tokio::test]
async fn delivers_burst_that_fits_queue_completely_and_in_order() {
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
    late.assert_nothing_received().await;
}

#[tokio::test]
async fn closes_overflowed_connection_with_4100() {
    let server = with_waiting(1).await;
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("room").await;
    // More than fits: a single call puts all events into the queue before the connection's own
    // task runs.
    let batch: Vec<_> = (0..10)
        .map(|number| json!({"channel": "room", "name": "e", "data": number.to_string()}))
        .collect();
    let body = json!({"batch": batch}).to_string();
    let response = crate::api::post(&server, "/batch_events", body).await;
    assert_eq!(response.0, 200);
    assert_eq!(socket.close_code().await, 4100);
}

#[tokio::test]
async fn closes_peer_that_writes_but_never_reads() {
    let times = DevTimes {
        write_timeout: Duration::from_millis(100),
        webhook_grace: Duration::ZERO,
        ..DevTimes::default()
    };
    let mut receiver = Receiver::start().await;
    let server = DevServer::builder()
        .app(DevApp::default().webhook(&receiver.url))
        .limits(roomy())
        .times(times)
        .start()
        .await
        .unwrap();
    let mut peer = RawPeer::subscribed(&server, "room").await;
    let webhook_event = |name: &str| json!({"name": name, "channel": "room"});
    receiver.expect([webhook_event("channel_occupied")]).await;
    peer.send(&json!({"event": "pusher:ping"})).await;
    overfill(&server, "room").await;
    receiver.expect([webhook_event("channel_vacated")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sends_no_events_after_a_lost_one() {
    let api = Limits::default().events_per_batch(3_000);
    let limits = DevLimits {
        api,
        waiting_messages: 50,
        ..DevLimits::default()
    };
    let server = DevServer::builder().limits(limits).start().await.unwrap();
    let mut sockets = Vec::new();
    // Enough connections that the first one's task runs while the last is still being served.
    for _ in 0..50 {
        let mut socket = Socket::connect(&server).await;
        socket.subscribe("private-room").await;
        sockets.push(socket);
    }
    let batch: Vec<_> = (0..3_000)
        .map(|number| json!({"channel": "private-room", "name": "e", "data": number.to_string()}))
        .collect();
    let body = json!({"batch": batch}).to_string();
    let response = crate::api::post(&server, "/batch_events", body).await;
    assert_eq!(response.0, 200);
    for mut socket in sockets {
        let texts = socket.read_to_end().await;
        let frames: Vec<serde_json::Value> = texts
            .iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        let events = frames.iter().filter(|frame| frame["event"] == "e");
        let numbers: Vec<usize> = events
            .map(|frame| frame["data"].as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>());
        assert_eq!(frames.last().unwrap()["data"]["code"], 4100);
    }
}

#[tokio::test]
async fn delivers_accepted_events_before_closing() {
    let server = with_waiting(100).await;
    let pusher = server.pusher();
    let large = "x".repeat(LARGE_BYTES);
    for code in [4009, 4200] {
        let mut socket = Socket::connect(&server).await;
        socket.sign_in(UserData::new("1").unwrap()).await;
        socket.subscribe("room").await;
        // The client reads nothing in the meantime.
        for number in 0..LARGE_EVENTS {
            let data = EventData::raw(format!("{number} {large}"));
            pusher.trigger("room", "e", data).await.unwrap();
        }
        if code == 4009 {
            pusher.terminate_user_connections("1").await.unwrap();
        } else {
            server.disconnect_all();
        }
        // This event comes after the close was decided, so the connection does not get it.
        pusher.trigger("room", "late", 1).await.unwrap();
        for number in 0..LARGE_EVENTS {
            let frame = socket.expect_frame("e").await;
            let text = frame["data"].as_str().unwrap();
            assert!(text.starts_with(&format!("{number} ")), "{text:.20}");
        }
        socket.error(Some(code)).await;
        assert_eq!(socket.close_code().await, code);
        socket.assert_ends_cleanly().await;
    }
}
