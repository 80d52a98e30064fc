//! Several attempts of one call: each one is signed again, and they have one outcome together.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pusher_http::{ApiErrorKind, Error, Outcome, RetryPolicy};

use crate::http_clients::{ClientKind, EACH};
use crate::peer::{Peer, Step, quick};
use crate::resolver::{ClosedPort, Resolver};
use crate::table::responds;

#[tokio::test]
async fn signs_each_attempt_again() {
    for &under in EACH {
        let peer = Peer::start(vec![
            responds("503 Busy\r\nretry-after: 1", ""),
            responds("200 OK", "{\"channels\":{}}"),
        ]);
        let client = peer
            .builder(under)
            .retry(quick(RetryPolicy::at_least_once()))
            .build()
            .unwrap();
        client.trigger("a", "e", 1).await.unwrap();
        let seen = peer.finish(client).await;
        let requests: Vec<_> = seen.iter().map(|it| it.request.as_ref().unwrap()).collect();
        let [first, second] = requests[..] else {
            panic!("{seen:?}");
        };
        for request in [first, second] {
            request.assert_is_signed();
        }
        assert!(second.timestamp() > first.timestamp());
        assert_ne!(
            first.query("auth_signature"),
            second.query("auth_signature")
        );
        assert_eq!(first.body, second.body);
    }
}

/// If the response has no `Date`, the date in `Retry-After` is compared with the local clock.
#[tokio::test]
async fn waits_until_retry_after_date() {
    for &under in EACH {
        let later = SystemTime::now() + Duration::from_secs(3);
        let date = httpdate::fmt_http_date(later);
        let peer = Peer::start(vec![
            responds(&format!("503 Busy\r\nretry-after: {date}"), ""),
            responds("200 OK", "{\"channels\":{}}"),
        ]);
        let client = peer.builder(under).build().unwrap();
        client.channels().await.unwrap();
        let seen = peer.finish(client).await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        let again = seen[1].request.as_ref().unwrap().timestamp();
        let earliest = later.duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!(again >= earliest, "{again} is before {earliest}");
    }
}

#[tokio::test]
async fn retries_post_that_was_not_sent_and_delivers_it_once() {
    let peer = Peer::playing(responds("200 OK", "{}"));
    let (address, closed) = (peer.address(), ClosedPort::reserve());
    let refusing = closed.address();
    let resolver = Resolver::new(move |number| match number {
        0 => Some(refusing),
        1 => None,
        _ => Some(address),
    });
    let client = resolver.builder(ClientKind::Reqwest).build().unwrap();
    client.trigger("a", "e", 1).await.unwrap();
    assert_eq!(resolver.begun(), 3);
    assert_eq!(peer.finish(client).await.len(), 1);
}

/// A rejection reports the outcome of one attempt only, not of the attempt before.
#[tokio::test]
async fn keeps_unknown_outcome_if_later_attempt_is_rejected() {
    for &under in EACH {
        let close = || vec![Step::TakeRequest];
        let deny = || responds("403 Forbidden", "over quota");
        let at_least_once = quick(RetryPolicy::at_least_once());

        let peer = Peer::start(vec![close(), deny()]);
        let client = peer.builder(under).retry(at_least_once).build().unwrap();
        let error = client.trigger("a", "e", 1).await.unwrap_err();
        assert!(matches!(error, Error::Transport { .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(peer.finish(client).await.len(), 2);

        // A GET changes nothing, so the last error is the one that matters.
        let peer = Peer::start(vec![close(), deny()]);
        let client = peer.builder(under).build().unwrap();
        let error = client.channels().await.unwrap_err();
        assert_eq!(error.api_kind(), Some(ApiErrorKind::Quota));
        assert_eq!(peer.finish(client).await.len(), 2);
    }
}

#[tokio::test]
async fn keeps_unknown_outcome_if_later_attempt_cannot_connect() {
    let peer = Peer::playing(vec![Step::TakeRequest]);
    let (address, closed) = (peer.address(), ClosedPort::reserve());
    let refusing = closed.address();
    let resolver = Resolver::new(move |number| Some(if number == 0 { address } else { refusing }));
    let client = resolver
        .builder(ClientKind::Reqwest)
        .retry(quick(RetryPolicy::at_least_once()))
        .build()
        .unwrap();
    let error = client.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(resolver.begun(), 3);
    assert_eq!(peer.finish(client).await.len(), 1);
}

#[tokio::test]
async fn does_not_connect_to_redirect_target() {
    for &under in EACH {
        for status in [301, 302, 303, 307, 308] {
            let target = Peer::playing(responds("200 OK", "{\"channels\":{}}"));
            let location = format!(
                "{status} Elsewhere\r\nlocation: http://{}/",
                target.address()
            );
            let peer = Peer::playing(responds(&location, ""));
            let client = peer.builder(under).build().unwrap();
            for error in [
                client.channels().await.unwrap_err(),
                client.trigger("a", "e", 1).await.unwrap_err(),
            ] {
                assert_eq!(error.api_kind(), Some(ApiErrorKind::Redirect));
                assert_eq!(error.status(), Some(status));
                assert!(error.to_string().contains("never followed"), "{error}");
            }
            assert_eq!(peer.finish(client).await.len(), 2);
            assert_eq!(target.end().await.len(), 0);
        }
    }
}

#[tokio::test]
async fn error_names_clock_offset_of_twenty_minutes_in_both_directions() {
    for &under in EACH {
        let now = SystemTime::now();
        let off = Duration::from_secs(20 * 60);
        for (service_time, direction, expected) in [
            (now + off, "behind", -1_200),
            (now - off, "ahead of", 1_200),
        ] {
            let date = httpdate::fmt_http_date(service_time);
            let peer = Peer::playing(responds(
                &format!("401 Unauthorized\r\ndate: {date}"),
                "Timestamp expired",
            ));
            let client = peer.builder(under).build().unwrap();
            let error = client.trigger("a", "e", 1).await.unwrap_err();
            let Error::Api(api_error) = &error else {
                panic!("{error}");
            };
            let offset = api_error.clock_offset_seconds().unwrap();
            // The test may take a while before it signs the request.
            assert!((offset - expected).abs() < 60, "{offset}");
            let message = format!("clock is {} s {direction} the service's", offset.abs());
            assert!(error.to_string().contains(&message), "{error}");
            assert_eq!(error.outcome(), Outcome::NotAccepted);
            assert_eq!(peer.finish(client).await.len(), 1);
        }
    }
}
