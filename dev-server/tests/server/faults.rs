//! Injected faults: the client's error for each, and whether the call took effect.

use std::time::Duration;

use pusher_dev_server::{DevServer, Fault};
use pusher_http::{ApiErrorKind, Error, Outcome, Pusher, RetryPolicy, reqwest};

use crate::client::Clients as _;
use crate::client::client_with;

async fn trigger(pusher: &Pusher) -> Result<(), Error> {
    pusher.trigger("room", "e", 1).await.map(|_| ())
}

/// Triggers twice: the first fails with the fault, the second succeeds.
///
/// Returns the error of the first, and how many of the two were delivered.
async fn played(fault: Fault) -> (Error, usize) {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    server.fail_next(fault);
    let error = trigger(&pusher).await.unwrap_err();
    trigger(&pusher).await.unwrap();
    assert_eq!(server.calls().len(), 2, "nothing is tried again by itself");
    (error, server.events().len())
}

#[tokio::test]
async fn status_fault_has_no_effect() {
    for (status, kind, outcome) in [
        (400, ApiErrorKind::BadRequest, Outcome::NotAccepted),
        (401, ApiErrorKind::Authentication, Outcome::NotAccepted),
        (403, ApiErrorKind::Quota, Outcome::NotAccepted),
        (429, ApiErrorKind::RateLimited, Outcome::NotAccepted),
        (500, ApiErrorKind::Unavailable, Outcome::Unknown),
        (503, ApiErrorKind::Unavailable, Outcome::Unknown),
    ] {
        let (error, delivered) = played(Fault::Status(status)).await;
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.api_kind(), Some(kind));
        assert_eq!(error.outcome(), outcome);
        assert_eq!(delivered, 1, "{status}");
    }
}

#[tokio::test]
async fn retry_after_is_reported_by_the_error() {
    let (error, delivered) = played(Fault::RetryAfter(429, 7)).await;
    let Error::Api(refusal) = &error else {
        panic!("{error}");
    };
    assert_eq!(refusal.status(), 429);
    assert_eq!(refusal.retry_after(), Some(Duration::from_secs(7)));
    assert!(error.is_retryable());
    assert_eq!(delivered, 1);
}

#[tokio::test]
async fn reset_before_read_has_no_effect() {
    let (error, delivered) = played(Fault::ResetBeforeRead).await;
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    // The client cannot know whether the call took effect.
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.is_retryable());
    assert_eq!(delivered, 1);
}

#[tokio::test]
async fn reset_after_read_loses_only_the_response() {
    let (error, delivered) = played(Fault::ResetAfterRead).await;
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(delivered, 2);
}

#[tokio::test]
async fn garbage_takes_effect_and_is_a_decode_error() {
    let (error, delivered) = played(Fault::Garbage).await;
    assert!(
        matches!(error, Error::Decode { status: 200, .. }),
        "{error}"
    );
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(delivered, 2);
}

#[tokio::test]
async fn clock_offset_is_reported_by_the_error() {
    for (seconds, words) in [
        (3_600, "s behind the service's"),
        (-3_600, "s ahead of the service's"),
    ] {
        let (error, delivered) = played(Fault::ClockOff(seconds)).await;
        assert!(error.to_string().contains(words), "{error}");
        let Error::Api(refusal) = error else {
            panic!("{error}");
        };
        assert_eq!(refusal.status(), 401);
        assert!(refusal.message().starts_with("Timestamp expired: "));
        let offset = refusal.clock_offset_seconds().unwrap();
        // The two clock readings are not simultaneous.
        assert!((offset + seconds).abs() <= 60, "{offset}");
        assert_eq!(delivered, 1);
    }
}

#[tokio::test]
async fn clock_offset_within_window_has_no_effect() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::ClockOff(-500)).times(2);
    trigger(&server.pusher()).await.unwrap();
    trigger(&server.pusher()).await.unwrap();
    assert_eq!(server.events().len(), 2);
}

#[tokio::test]
async fn accepts_extreme_clock_offsets() {
    for seconds in [i64::MAX, i64::MIN, 253_402_300_800] {
        let (error, delivered) = played(Fault::ClockOff(seconds)).await;
        assert_eq!(error.status(), Some(401), "{error}");
        assert_eq!(delivered, 1);
    }
}

#[tokio::test]
async fn delay_over_timeout_fails_and_delivers_late() {
    let server = DevServer::start().await.unwrap();
    let patience = Duration::from_millis(500);
    let hasty = client_with(&server, "local-secret").timeout(patience);
    let hasty = hasty.build().unwrap();
    server.fail_next(Fault::Delay(patience * 2));
    let error = trigger(&hasty).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    server.expect_event("room", "e").await.unwrap();
}

#[tokio::test]
async fn delay_within_timeout_succeeds() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::Delay(Duration::from_millis(1)));
    trigger(&server.pusher()).await.unwrap();
    let call = &server.calls()[0];
    assert_eq!(call.fault.as_deref(), Some("Delay(1ms)"));
    assert_eq!(call.status, Some(200));
}

#[tokio::test]
async fn records_call_that_client_abandoned() {
    let server = DevServer::start().await.unwrap();
    let hasty = client_with(&server, "local-secret").timeout(Duration::from_millis(500));
    let hasty = hasty.build().unwrap();
    server.fail_next(Fault::Delay(Duration::from_secs(3_600)));
    let call = hasty.channels().retry(RetryPolicy::never());
    call.await.unwrap_err();
    let [call] = server.calls().try_into().unwrap();
    assert_eq!(call.path, "/apps/local-app/channels");
    assert_eq!(call.status, None);
}

#[tokio::test]
async fn plays_faults_in_order_and_given_number_of_times() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::Status(500)).times(2);
    server.fail_next(Fault::Status(429)).times(0);
    server.fail_next(Fault::Status(503));
    server.fail_next(Fault::Garbage).times(1);
    let pusher = server.pusher();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let status = trigger(&pusher)
            .await
            .err()
            .and_then(|error| error.status());
        statuses.push(status);
    }
    let expected = [Some(500), Some(500), Some(503), Some(200), None];
    assert_eq!(statuses, expected);
    assert_eq!(server.events().len(), 2);
}

#[tokio::test]
async fn times_counts_calls_that_already_failed() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    let status = || async {
        trigger(&pusher)
            .await
            .err()
            .and_then(|error| error.status())
    };
    for said_after in 0..=2 {
        let planned = server.fail_next(Fault::Status(503));
        server.fail_next(Fault::Status(429));
        let mut statuses = Vec::new();
        for _ in 0..said_after {
            statuses.push(status().await);
        }
        planned.times(3);
        for _ in said_after..5 {
            statuses.push(status().await);
        }
        let [failed, other, none] = [Some(503), Some(429), None];
        let expected = match said_after {
            2 => [failed, other, failed, failed, none],
            _ => [failed, failed, failed, other, none],
        };
        assert_eq!(statuses, expected, "{said_after}");
    }
    let planned = server.fail_next(Fault::Status(503));
    assert_eq!(status().await, Some(503));
    planned.times(1);
    assert_eq!(status().await, None);
}

#[tokio::test]
async fn queries_fail_like_triggers() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::ResetBeforeRead);
    server.fail_next(Fault::Garbage);
    let pusher = server.pusher();
    // By default, a query is retried.
    let never = RetryPolicy::never();
    let channels = pusher.channels().retry(never);
    let error = channels.await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    let users = pusher.users("presence-room").retry(never);
    let error = users.await.unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error}");
    assert!(pusher.channels().await.unwrap().is_empty());
}

#[tokio::test]
async fn rejects_invalid_status_codes() {
    for (fault, status) in [
        (Fault::Status(99), 99),
        (Fault::Status(101), 101),
        (Fault::Status(1_000), 1_000),
        (Fault::RetryAfter(0, 7), 0),
    ] {
        let server = DevServer::start().await.unwrap();
        server.fail_next(fault);
        let error = trigger(&server.pusher()).await.unwrap_err();
        assert_eq!(error.status(), Some(500), "{fault:?}");
        let words = format!("no answer has the status {status}: a fault's is 200 to 999");
        assert!(error.to_string().contains(&words), "{error}");
        assert!(server.events().is_empty());
        let [call] = server.calls().try_into().unwrap();
        assert_eq!(call.refusal, Some(words));
        assert_eq!(call.fault, Some(format!("{fault:?}")));
    }
}

#[tokio::test]
async fn request_outside_api_plays_no_fault_and_is_not_recorded() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::Status(503));
    for path in [
        "/",
        "/favicon.ico",
        "/apps",
        "/apps/",
        "/apps/local-app",
        "/up",
    ] {
        let url = format!("http://{}{path}", server.address());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        assert_eq!(
            client.get(url).send().await.unwrap().status(),
            404,
            "{path}"
        );
    }
    assert!(server.calls().is_empty());
    let error = trigger(&server.pusher()).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(server.calls().len(), 1);
}
