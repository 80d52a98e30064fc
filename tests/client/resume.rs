//! Resuming a batch of 57 events from its error, with a failure at each of its six requests.

use std::collections::BTreeMap;

use pusher_http::{Error, Event, Outcome, Pusher};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::common::{KEY, SECRET, ScriptedServer};

const EVENTS: usize = 57;
const REQUESTS: usize = 6;

/// How the request after the accepted ones fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum FailureKind {
    /// The listener is closed, so connecting fails.
    Refused,
    /// The server reads the request and closes the connection without a response.
    ReadAndClosed,
}

/// Starts a server that accepts `accepted` requests and then fails one.
///
/// Each request uses its own connection. The task returns the data of the events of all requests
/// that the server read.
async fn failing_server(accepted: usize, kind: FailureKind) -> (Pusher, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pusher = Pusher::builder("3", KEY, SECRET)
        .host("127.0.0.1")
        .port(listener.local_addr().unwrap().port())
        .tls(false)
        .no_proxy()
        .retry(pusher_http::RetryPolicy::never())
        .build()
        .unwrap();
    let connections = accepted + usize::from(kind == FailureKind::ReadAndClosed);
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
                let response =
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
                stream.write_all(response.as_bytes()).await.unwrap();
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
async fn resumes_batch_after_failed_connection() {
    for accepted in 0..REQUESTS {
        let (pusher, server) = failing_server(accepted, FailureKind::Refused).await;
        let failure = pusher.trigger_batch(events()).await.unwrap_err();
        assert!(
            matches!(failure.cause(), Error::Connect { .. }),
            "{failure:?}"
        );

        let other = ScriptedServer::start().await;
        let response = other
            .pusher()
            .trigger_batch(failure.into_unsent())
            .await
            .unwrap();
        assert_eq!(response.counts.len(), EVENTS - accepted * 10);
        let mut received = server.await.unwrap();
        assert_eq!(received, numbers(0..accepted * 10));
        for request in other.recorded() {
            received.extend(data_of(&request.json()));
        }
        assert_eq!(received, numbers(0..EVENTS), "each once and in order");
    }
}

#[tokio::test]
async fn resumes_batch_after_rejected_request() {
    for accepted in 0..REQUESTS {
        for status in [401, 403, 413, 429] {
            let server = ScriptedServer::start().await;
            for _ in 0..accepted {
                server.will_respond(200, "{}");
            }
            server.will_respond(status, "");
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
async fn names_every_event_with_unknown_outcome() {
    for accepted in 0..REQUESTS {
        let (pusher, server) = failing_server(accepted, FailureKind::ReadAndClosed).await;
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
