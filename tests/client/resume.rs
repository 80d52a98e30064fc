//! A batch of 57 events that fails at each of its six requests, and goes on from its error.

use std::collections::BTreeMap;

use pusher_http::{Error, Event, Outcome, Pusher};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::common::{KEY, SECRET, ScriptedServer};

const EVENTS: usize = 57;
const REQUESTS: usize = 6;

/// What becomes of the request after those that are accepted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    /// Nobody listens any more.
    Refused,
    /// It is read, and the connection closes without an answer.
    ReadAndClosed,
}

/// Accepts so many requests, each on a connection of its own, and then fails one. Gives the data of
/// the events of all requests that it read.
async fn failing_server(accepted: usize, then: Then) -> (Pusher, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pusher = Pusher::builder("3", KEY, SECRET)
        .host("127.0.0.1")
        .port(listener.local_addr().unwrap().port())
        .tls(false)
        .no_proxy()
        .retry(pusher_http::RetryPolicy::never())
        .build()
        .unwrap();
    let connections = accepted + usize::from(then == Then::ReadAndClosed);
    let mut listener = (connections > 0).then_some(listener);
    let server = tokio::spawn(async move {
        let mut read = Vec::new();
        for number in 1..=connections {
            let (stream, _) = listener.as_ref().unwrap().accept().await.unwrap();
            if number == connections {
                listener = None;
            }
            let mut stream = BufReader::new(stream);
            read.extend(events_of_request(&mut stream).await);
            if number <= accepted {
                let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
        read
    });
    (pusher, server)
}

async fn events_of_request(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Vec<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    data_of(&serde_json::from_slice(&body).unwrap())
}

fn data_of(body: &Value) -> Vec<String> {
    let events = body["batch"].as_array().unwrap().iter();
    events
        .map(|event| event["data"].as_str().unwrap().to_owned())
        .collect()
}

fn events() -> Vec<Event> {
    let event = |number: usize| Event::new(format!("c{}", number % 7), "e", number).unwrap();
    (0..EVENTS).map(event).collect()
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn a_batch_that_was_surely_not_sent_goes_on_where_it_broke_off() {
    for accepted in 0..REQUESTS {
        let (pusher, server) = failing_server(accepted, Then::Refused).await;
        let failure = pusher.trigger_batch(events()).await.unwrap_err();
        assert!(
            matches!(failure.cause(), Error::Connect { .. }),
            "{failure:?}"
        );

        let other = ScriptedServer::start().await;
        let answer = other
            .pusher()
            .trigger_batch(failure.into_unsent())
            .await
            .unwrap();
        assert_eq!(answer.counts.len(), EVENTS - accepted * 10);
        let mut received = server.await.unwrap();
        assert_eq!(received, numbers(0..accepted * 10));
        for request in other.recorded() {
            received.extend(data_of(&request.json()));
        }
        assert_eq!(received, numbers(0..EVENTS), "each once and in order");
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_goes_on_where_it_was_refused() {
    for accepted in 0..REQUESTS {
        for status in [401, 403, 413, 429] {
            let server = ScriptedServer::start().await;
            for _ in 0..accepted {
                server.will_answer(200, "{}");
            }
            server.will_answer(status, "");
            let failure = server.pusher().trigger_batch(events()).await.unwrap_err();
            assert_eq!(failure.cause().status(), Some(status));
            server
                .pusher()
                .trigger_batch(failure.into_unsent())
                .await
                .unwrap();

            let mut requests = server.recorded();
            requests.remove(accepted);
            let received: Vec<_> = requests
                .iter()
                .flat_map(|one| data_of(&one.json()))
                .collect();
            assert_eq!(received, numbers(0..EVENTS), "each once and in order");
        }
    }
}

#[tokio::test]
async fn of_a_request_that_may_have_arrived_every_event_is_named() {
    for accepted in 0..REQUESTS {
        let (pusher, server) = failing_server(accepted, Then::ReadAndClosed).await;
        let failure = pusher.trigger_batch(events()).await.unwrap_err();
        assert_eq!(failure.cause().outcome(), Outcome::Unknown);
        let mut by_outcome: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (event, outcome) in failure.into_parts() {
            let key = match outcome {
                Outcome::Accepted => "accepted",
                Outcome::NotAccepted => "not accepted",
                Outcome::Unknown => "unknown",
                other => panic!("{other:?}"),
            };
            let event = serde_json::to_value(event.unwrap()).unwrap();
            let data = event["data"].as_str().unwrap().to_owned();
            by_outcome.entry(key).or_default().push(data);
        }
        let end = EVENTS.min(accepted * 10 + 10);
        let expected = [
            ("accepted", 0..accepted * 10),
            ("unknown", accepted * 10..end),
            ("not accepted", end..EVENTS),
        ];
        for (key, range) in expected {
            let events = by_outcome.remove(key).unwrap_or_default();
            assert_eq!(events, numbers(range), "{key} after {accepted} requests");
        }
        assert_eq!(server.await.unwrap(), numbers(0..end));
    }
}
