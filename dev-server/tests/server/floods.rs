//! A client that writes endlessly and never reads.
//!
//! The server closes it instead of queueing responses for it.

use std::time::Duration;

use pusher_dev_server::{DevApp, DevServer, DevTimes};
use serde_json::json;
use tokio::time::timeout;

use crate::raw_peer::RawPeer;
use crate::webhooks::Receiver;
use crate::wire::{DEADLINE, masked};

/// Far more unread bytes than the kernel buffers for both sides.
const MANY_BYTES: usize = 128 * 1024 * 1024;

/// Writes these frames in a loop.
///
/// Asserts that the server stops reading before `MANY_BYTES`, and ends the connection.
async fn assert_closes_client_sending(frames: &[u8]) {
    let times = DevTimes {
        write_timeout: Duration::from_millis(100),
        webhook_grace: Duration::ZERO,
        ..DevTimes::default()
    };
    let mut receiver = Receiver::start().await;
    let server = DevServer::builder()
        .app(DevApp::default().webhook(&receiver.url))
        .times(times)
        .start()
        .await
        .unwrap();
    let mut peer = RawPeer::subscribed(&server, "room").await;
    let webhook_event = |name: &str| json!({"name": name, "channel": "room"});
    receiver.expect([webhook_event("channel_occupied")]).await;

    let frames = frames.repeat(64 * 1024 / frames.len());
    let mut written = 0;
    let flooding = async {
        while peer.write(&frames).await.is_ok() {
            written += frames.len();
            assert!(written < MANY_BYTES, "the server reads on");
        }
    };
    // From here on, the server discards what it reads.
    let closed = receiver.expect([webhook_event("channel_vacated")]);
    tokio::pin!(closed);
    tokio::select! {
        () = &mut closed => {}
        () = flooding => closed.await,
    }
    let ending = async { while peer.write(&frames).await.is_ok() {} };
    timeout(DEADLINE, ending).await.expect("the end");
}

#[tokio::test]
async fn closes_client_that_sends_pings_and_never_reads() {
    assert_closes_client_sending(&masked(0x89, &[b'x'; 125])).await;
}

#[tokio::test]
async fn closes_client_that_sends_protocol_pings_and_never_reads() {
    let ping = masked(0x81, br#"{"event":"pusher:ping"}"#);
    // The response is longer than for a ping, so fewer frames fill the kernel's buffers.
    let unknown = format!(r#"{{"event":"{}"}}"#, "x".repeat(112));
    let unknown = masked(0x81, unknown.as_bytes());
    assert_closes_client_sending(&[ping, unknown].concat()).await;
}
