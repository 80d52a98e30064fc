//! Several requests of one call at once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use pusher_http::{Error, Event, Limits, Outcome, Pusher};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::common::{KEY, SECRET};

/// A server that answers no request before as many have come as it expects, and refuses those that
/// name `refused` channels. It keeps the channels that it accepted.
struct Together {
    port: u16,
    accepted: Arc<Mutex<BTreeSet<String>>>,
}

impl Together {
    async fn start(at_once: usize, refused: &'static [&'static str]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepted = Arc::new(Mutex::new(BTreeSet::new()));
        let arrived = watch::Sender::new(0);
        let shared = accepted.clone();
        let handler = move |body: Bytes| {
            let (arrived, accepted) = (arrived.clone(), shared.clone());
            async move {
                arrived.send_modify(|count| *count += 1);
                let mut enough = arrived.subscribe();
                enough.wait_for(|count| *count >= at_once).await.unwrap();
                let channels = channels_of(&serde_json::from_slice(&body).unwrap());
                if channels.iter().any(|name| refused.contains(&name.as_str())) {
                    return (StatusCode::FORBIDDEN, String::new());
                }
                let counts = |name: &String| json!({"subscription_count": name[1..].parse::<u64>().unwrap()});
                let of_each: Vec<_> = channels.iter().map(counts).collect();
                let by_name: Map<_, _> = channels.iter().cloned().zip(of_each.clone()).collect();
                let answer = json!({"batch": of_each, "channels": by_name});
                accepted.lock().unwrap().extend(channels);
                (StatusCode::OK, answer.to_string())
            }
        };
        let router = Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, accepted }
    }

    fn pusher(&self) -> Pusher {
        let limits = Limits::default()
            .events_per_batch(2)
            .channels_per_trigger(2);
        Pusher::builder("3", KEY, SECRET)
            .host("127.0.0.1")
            .port(self.port)
            .tls(false)
            .no_proxy()
            .limits(limits)
            .build()
            .unwrap()
    }

    fn accepted(&self) -> Vec<String> {
        self.accepted.lock().unwrap().iter().cloned().collect()
    }
}

fn channels_of(body: &Value) -> Vec<String> {
    let name = |value: &Value| value.as_str().unwrap().to_owned();
    match body["batch"].as_array() {
        Some(events) => events.iter().map(|event| name(&event["channel"])).collect(),
        None => body["channels"]
            .as_array()
            .unwrap()
            .iter()
            .map(name)
            .collect(),
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("c{number}")).collect()
}

fn events(count: usize) -> Vec<Event> {
    let event = |name| Event::new(name, "e", 1).unwrap();
    names(count).into_iter().map(event).collect()
}

#[tokio::test]
async fn requests_of_a_batch_are_under_way_at_once_and_their_counts_stay_in_order() {
    let server = Together::start(3, &[]).await;
    let answer = server
        .pusher()
        .trigger_batch(events(12))
        .concurrency(3)
        .await
        .unwrap();
    let counts: Vec<_> = answer
        .counts
        .iter()
        .map(|counts| counts.subscription_count)
        .collect();
    assert_eq!(counts, (0..12).map(Some).collect::<Vec<_>>());
    assert_eq!(server.accepted().len(), 12);
}

#[tokio::test]
async fn a_split_trigger_is_under_way_at_once() {
    let server = Together::start(3, &[]).await;
    let answer = server
        .pusher()
        .trigger(names(6), "e", 1)
        .concurrency(3)
        .await
        .unwrap();
    assert_eq!(answer.channels.len(), 6);
    assert_eq!(answer.channels["c5"].subscription_count, Some(5));
}

#[tokio::test]
async fn after_a_failure_those_under_way_are_accounted_for_and_no_other_is_sent() {
    // Requests of two: c0 c1, c2 c3 (refused), c4 c5; and c6 to c11, which are never sent.
    let server = Together::start(3, &["c3"]).await;
    let call = server.pusher().trigger_batch(events(12)).concurrency(3);
    let failure = call.await.unwrap_err();
    assert_eq!(failure.cause().status(), Some(403));
    let accepted = |name: &str| ["c0", "c1", "c4", "c5"].contains(&name);
    let parts: Vec<_> = failure.into_parts().collect();
    assert_eq!(parts.len(), 12);
    for (place, (event, outcome)) in parts.iter().enumerate() {
        let name = event.as_ref().unwrap().channel().as_str();
        assert_eq!(name, format!("c{place}"));
        let expected = if accepted(name) {
            Outcome::Accepted
        } else {
            Outcome::NotAccepted
        };
        // Requests finish in any order, so one more may be under way when the refusal comes.
        if place < 6 {
            assert_eq!(*outcome, expected, "{name}");
        }
        let is_there = server.accepted().contains(&name.to_owned());
        assert_eq!(*outcome == Outcome::Accepted, is_there, "{name}");
    }
}

#[tokio::test]
async fn a_split_trigger_that_fails_accounts_for_channels_in_order() {
    let server = Together::start(2, &["c0"]).await;
    let call = server.pusher().trigger(names(4), "e", 1).concurrency(2);
    let Error::Partial(partial) = call.await.unwrap_err() else {
        panic!("a split trigger fails in parts");
    };
    let outcomes: Vec<_> = partial
        .outcomes()
        .iter()
        .map(|one| (one.channel.as_str(), one.outcome))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("c0", Outcome::NotAccepted),
            ("c1", Outcome::NotAccepted),
            ("c2", Outcome::Accepted),
            ("c3", Outcome::Accepted),
        ]
    );
}

#[tokio::test]
async fn no_concurrency_is_one_after_the_other() {
    for at_once in [0, 1] {
        let server = Together::start(1, &[]).await;
        let call = server
            .pusher()
            .trigger_batch(events(6))
            .concurrency(at_once);
        assert_eq!(call.await.unwrap().counts.len(), 6);
    }
    let empty = Together::start(1, &[]).await;
    let answer = empty
        .pusher()
        .trigger_batch([] as [Event; 0])
        .concurrency(4)
        .await
        .unwrap();
    assert!(answer.counts.is_empty());
    assert!(empty.accepted().is_empty());
}
