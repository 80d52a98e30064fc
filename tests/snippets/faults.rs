//! A service that fails in every way: each of the two events is accepted, or kept.

use pusher_dev_server::{DevServer, Fault};
use pusher_http::{Error, Limits, Pusher};

use crate::kept::{CHANNELS, Kept, Snippet, channels};

fn pusher_for(server: &DevServer) -> Pusher {
    Pusher::from_url(&server.url()).unwrap()
}

/// Returns the channels of all events that the service accepted.
fn accepted(server: &DevServer) -> Vec<String> {
    let events = server.events().into_iter();
    events.map(|event| event.channel).collect()
}

/// Checks that both events are kept after this fault, whether they were accepted or not, and that
/// each is accepted when it is sent again.
async fn keeps_both(fault: Fault, accepted_at_first: &[&str]) {
    for snippet in Snippet::EACH {
        let server = DevServer::start().await.unwrap();
        server.fail_next(fault);
        let Kept { to_send, put_aside } = snippet.notify(&pusher_for(&server)).await;
        assert_eq!(server.calls().len(), 1, "{snippet:?}: one attempt");
        assert_eq!(accepted(&server), accepted_at_first, "{snippet:?}");
        assert_eq!(channels(&to_send), CHANNELS, "{snippet:?}");
        assert_eq!(channels(&put_aside), [""; 0], "{snippet:?}");

        pusher_for(&server).trigger_batch(to_send).await.unwrap();
        let both_times = [accepted_at_first, &CHANNELS].concat();
        assert_eq!(accepted(&server), both_times, "{snippet:?}");
    }
}

#[tokio::test]
async fn does_not_keep_accepted_events() {
    for snippet in Snippet::EACH {
        let server = DevServer::start().await.unwrap();
        let Kept { to_send, put_aside } = snippet.notify(&pusher_for(&server)).await;
        assert_eq!(accepted(&server), CHANNELS, "{snippet:?}");
        assert!(to_send.is_empty() && put_aside.is_empty(), "{snippet:?}");
    }
}

#[tokio::test]
async fn keeps_events_on_status_503() {
    keeps_both(Fault::Status(503), &[]).await;
}

#[tokio::test]
async fn keeps_events_if_connection_is_reset_before_request_is_read() {
    keeps_both(Fault::ResetBeforeRead, &[]).await;
}

#[tokio::test]
async fn keeps_events_if_connection_is_reset_after_request_is_read() {
    keeps_both(Fault::ResetAfterRead, &CHANNELS).await;
}

#[tokio::test]
async fn keeps_events_on_malformed_response() {
    keeps_both(Fault::Garbage, &CHANNELS).await;
}

/// None of these is retryable: the settings, the account or the server must be fixed first.
#[tokio::test]
async fn keeps_events_on_rejection_that_is_not_retryable() {
    for status in [401, 403, 404, 413] {
        keeps_both(Fault::Status(status), &[]).await;
    }
}

#[tokio::test]
async fn keeps_events_on_retryable_rejection() {
    keeps_both(Fault::Status(429), &[]).await;
}

#[tokio::test]
async fn keeps_events_if_service_is_unreachable() {
    for snippet in Snippet::EACH {
        let server = DevServer::start().await.unwrap();
        let pusher = pusher_for(&server);
        server.stop().await;
        let Kept { to_send, put_aside } = snippet.notify(&pusher).await;
        assert_eq!(channels(&to_send), CHANNELS, "{snippet:?}");
        assert_eq!(channels(&put_aside), [""; 0], "{snippet:?}");
    }
}

/// If they were sent from the outbox, they would be rejected again and again.
#[tokio::test]
async fn puts_aside_events_rejected_before_sending() {
    let limits = Limits::default().event_data_bytes(1);
    let pusher = Pusher::builder("3", "key", "secret")
        .limits(limits)
        .http_client(|_| async { Err(Error::connect("the network was reached")) })
        .build()
        .unwrap();
    for snippet in Snippet::EACH {
        let Kept { to_send, put_aside } = snippet.notify(&pusher).await;
        assert_eq!(channels(&to_send), [""; 0], "{snippet:?}");
        assert_eq!(channels(&put_aside), CHANNELS, "{snippet:?}");
    }
}
