//! What several attempts of one call are: each signed afresh, and accounted for together.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pusher_http::{ApiErrorKind, Error, Outcome, RetryPolicy};

use crate::peer::{Peer, Step, quick};
use crate::resolver::{ClosedPort, Resolver};
use crate::table::answers;
use crate::under::{EACH, Under};

#[tokio::test]
async fn each_attempt_is_signed_afresh() {
    for &under in EACH {
        let peer = Peer::start(vec![
            answers("503 Busy\r\nretry-after: 1", ""),
            answers("200 OK", "{\"channels\":{}}"),
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

/// Without the service's own clock, a date is compared with ours.
#[tokio::test]
async fn a_date_to_come_back_at_is_waited_for() {
    for &under in EACH {
        let later = SystemTime::now() + Duration::from_secs(3);
        let date = httpdate::fmt_http_date(later);
        let peer = Peer::start(vec![
            answers(&format!("503 Busy\r\nretry-after: {date}"), ""),
            answers("200 OK", "{\"channels\":{}}"),
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
async fn what_surely_was_not_sent_is_sent_again_and_arrives_once() {
    let peer = Peer::playing(answers("200 OK", "{}"));
    let (address, closed) = (peer.address(), ClosedPort::reserve());
    let refusing = closed.address();
    let resolver = Resolver::new(move |number| match number {
        0 => Some(refusing),
        1 => None,
        _ => Some(address),
    });
    let client = resolver.builder(Under::Reqwest).build().unwrap();
    client.trigger("a", "e", 1).await.unwrap();
    assert_eq!(resolver.begun(), 3);
    assert_eq!(peer.finish(client).await.len(), 1);
}

/// A refusal says what became of one attempt, and not of the one before.
#[tokio::test]
async fn a_refusal_does_not_take_back_an_earlier_attempt() {
    for &under in EACH {
        let close = || vec![Step::TakeRequest];
        let deny = || answers("403 Forbidden", "over quota");
        let at_least_once = quick(RetryPolicy::at_least_once());

        let peer = Peer::start(vec![close(), deny()]);
        let client = peer.builder(under).retry(at_least_once).build().unwrap();
        let error = client.trigger("a", "e", 1).await.unwrap_err();
        assert!(matches!(error, Error::Transport { .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(peer.finish(client).await.len(), 2);

        // A GET acts on nothing, so what matters is the last word.
        let peer = Peer::start(vec![close(), deny()]);
        let client = peer.builder(under).build().unwrap();
        let error = client.channels().await.unwrap_err();
        assert_eq!(error.api_kind(), Some(ApiErrorKind::Quota));
        assert_eq!(peer.finish(client).await.len(), 2);
    }
}

#[tokio::test]
async fn neither_does_a_peer_that_is_gone() {
    let peer = Peer::playing(vec![Step::TakeRequest]);
    let (address, closed) = (peer.address(), ClosedPort::reserve());
    let refusing = closed.address();
    let resolver = Resolver::new(move |number| Some(if number == 0 { address } else { refusing }));
    let client = resolver
        .builder(Under::Reqwest)
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
async fn a_redirects_target_gets_no_connection() {
    for &under in EACH {
        for status in [301, 302, 303, 307, 308] {
            let target = Peer::playing(answers("200 OK", "{\"channels\":{}}"));
            let location = format!(
                "{status} Elsewhere\r\nlocation: http://{}/",
                target.address()
            );
            let peer = Peer::playing(answers(&location, ""));
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
async fn a_clock_twenty_minutes_off_is_named_in_either_direction() {
    for &under in EACH {
        let now = SystemTime::now();
        let off = Duration::from_secs(20 * 60);
        for (service_time, direction, expected) in [
            (now + off, "behind", -1_200),
            (now - off, "ahead of", 1_200),
        ] {
            let date = httpdate::fmt_http_date(service_time);
            let peer = Peer::playing(answers(
                &format!("401 Unauthorized\r\ndate: {date}"),
                "Timestamp expired",
            ));
            let client = peer.builder(under).build().unwrap();
            let error = client.trigger("a", "e", 1).await.unwrap_err();
            let Error::Api(refusal) = &error else {
                panic!("{error}");
            };
            let offset = refusal.clock_offset_seconds().unwrap();
            // The test itself may take a while before the request is signed.
            assert!((offset - expected).abs() < 60, "{offset}");
            let words = format!("clock is {} s {direction} the service's", offset.abs());
            assert!(error.to_string().contains(&words), "{error}");
            assert_eq!(error.outcome(), Outcome::NotAccepted);
            assert_eq!(peer.finish(client).await.len(), 1);
        }
    }
}
