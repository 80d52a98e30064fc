//! A service that fails in every way: each of the two events is accepted, or kept.

use pusher_dev_server::{DevServer, Fault};
use pusher_http::{Error, Limits, Pusher};

use crate::kept::{CHANNELS, Kept, Snippet, channels};

fn pusher_of(server: &DevServer) -> Pusher {
    Pusher::from_url(&server.url()).unwrap()
}

/// The channels of all events that the service accepted.
fn accepted(server: &DevServer) -> Vec<String> {
    let events = server.events().into_iter();
    events.map(|event| event.channel).collect()
}

/// Both events are kept after this fault, whether they were accepted or not; once they are sent
/// again, each was accepted.
async fn keeps_both(fault: Fault, accepted_at_first: &[&str]) {
    for snippet in Snippet::EACH {
        let server = DevServer::start().await.unwrap();
        server.fail_next(fault);
        let Kept { to_send, put_aside } = snippet.notify(&pusher_of(&server)).await;
        assert_eq!(server.calls().len(), 1, "{snippet:?}: one attempt");
        assert_eq!(accepted(&server), accepted_at_first, "{snippet:?}");
        assert_eq!(channels(&to_send), CHANNELS, "{snippet:?}");
        assert_eq!(channels(&put_aside), [""; 0], "{snippet:?}");

        pusher_of(&server).trigger_batch(to_send).await.unwrap();
        let both_times = [accepted_at_first, &CHANNELS].concat();
        assert_eq!(accepted(&server), both_times, "{snippet:?}");
    }
}

#[tokio::test]
async fn accepted_events_are_not_kept() {
    for snippet in Snippet::EACH {
        let server = DevServer::start().await.unwrap();
        let Kept { to_send, put_aside } = snippet.notify(&pusher_of(&server)).await;
        assert_eq!(accepted(&server), CHANNELS, "{snippet:?}");
        assert!(to_send.is_empty() && put_aside.is_empty(), "{snippet:?}");
    }
}

#[tokio::test]
async fn status_503_loses_no_event() {
    keeps_both(Fault::Status(503), &[]).await;
}

#[tokio::test]
async fn reset_before_the_request_is_read_loses_no_event() {
    keeps_both(Fault::ResetBeforeRead, &[]).await;
}

#[tokio::test]
async fn reset_after_the_request_is_read_loses_no_event() {
    keeps_both(Fault::ResetAfterRead, &CHANNELS).await;
}

#[tokio::test]
async fn garbage_in_place_of_the_response_loses_no_event() {
    keeps_both(Fault::Garbage, &CHANNELS).await;
}

/// None of these is retryable: the settings, the account or the server have to be mended first.
#[tokio::test]
async fn rejection_that_is_not_retryable_loses_no_event() {
    for status in [401, 403, 404, 413] {
        keeps_both(Fault::Status(status), &[]).await;
    }
}

#[tokio::test]
async fn rejection_that_is_retryable_loses_no_event() {
    keeps_both(Fault::Status(429), &[]).await;
}

#[tokio::test]
async fn service_that_is_gone_loses_no_event() {
    for snippet in Snippet::EACH {
        let server = DevServer::start().await.unwrap();
        let pusher = pusher_of(&server);
        server.stop().await;
        let Kept { to_send, put_aside } = snippet.notify(&pusher).await;
        assert_eq!(channels(&to_send), CHANNELS, "{snippet:?}");
        assert_eq!(channels(&put_aside), [""; 0], "{snippet:?}");
    }
}

/// From the outbox they would be rejected again for ever.
#[tokio::test]
async fn events_rejected_before_the_network_are_put_aside() {
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
