//! Concurrent requests of one call.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use pusher_http::{Error, Event, Limits, Outcome, Pusher};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::common::{KEY, SECRET};

/// A server that responds only after `at_once` requests have arrived.
///
/// It rejects requests that name one of the `rejected` channels, and records the channels that it
/// accepted.
struct ConcurrentServer {
    port: u16,
    accepted: Arc<Mutex<BTreeSet<String>>>,
}

impl ConcurrentServer {
    async fn start(at_once: usize, rejected: &'static [&'static str]) -> Self {
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
                if channels
                    .iter()
                    .any(|name| rejected.contains(&name.as_str()))
                {
                    return (StatusCode::FORBIDDEN, String::new());
                }
                let counts = |name: &String| json!({"subscription_count": name[1..].parse::<u64>().unwrap()});
                let of_each: Vec<_> = channels.iter().map(counts).collect();
                let by_name: Map<_, _> = channels.iter().cloned().zip(of_each.clone()).collect();
                let response = json!({"batch": of_each, "channels": by_name});
                accepted.lock().unwrap().extend(channels);
                (StatusCode::OK, response.to_string())
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
async fn sends_batch_requests_concurrently_and_keeps_counts_in_order() {
    let server = ConcurrentServer::start(3, &[]).await;
    let response = server
        .pusher()
        .trigger_batch(events(12))
        .concurrency(3)
        .await
        .unwrap();
    let counts: Vec<_> = response
        .counts
        .iter()
        .map(|counts| counts.subscription_count)
        .collect();
    assert_eq!(counts, (0..12).map(Some).collect::<Vec<_>>());
    assert_eq!(server.accepted().len(), 12);
}

#[tokio::test]
async fn sends_split_trigger_requests_concurrently() {
    let server = ConcurrentServer::start(3, &[]).await;
    let response = server
        .pusher()
        .trigger(names(6), "e", 1)
        .concurrency(3)
        .await
        .unwrap();
    assert_eq!(response.channels.len(), 6);
    assert_eq!(response.channels["c5"].subscription_count, Some(5));
}

#[tokio::test]
async fn reports_in_flight_requests_and_sends_no_more_after_failure() {
    // Requests of two events each: c0 c1, c2 c3 (rejected), c4 c5. c6 to c11 are never sent.
    let server = ConcurrentServer::start(3, &["c3"]).await;
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
        // Requests finish in any order, so one more may be in flight when the rejection arrives.
        if place < 6 {
            assert_eq!(*outcome, expected, "{name}");
        }
        let is_there = server.accepted().contains(&name.to_owned());
        assert_eq!(*outcome == Outcome::Accepted, is_there, "{name}");
    }
}

#[tokio::test]
async fn failed_split_trigger_reports_channels_in_order() {
    let server = ConcurrentServer::start(2, &["c0"]).await;
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
async fn concurrency_of_zero_or_one_is_sequential() {
    for at_once in [0, 1] {
        let server = ConcurrentServer::start(1, &[]).await;
        let call = server
            .pusher()
            .trigger_batch(events(6))
            .concurrency(at_once);
        assert_eq!(call.await.unwrap().counts.len(), 6);
    }
    let empty = ConcurrentServer::start(1, &[]).await;
    let response = empty
        .pusher()
        .trigger_batch([] as [Event; 0])
        .concurrency(4)
        .await
        .unwrap();
    assert!(response.counts.is_empty());
    assert!(empty.accepted().is_empty());
}
