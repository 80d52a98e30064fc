//! Plays a row of the table for each kind of call, and checks all its columns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use pusher_http::{Builder, Error, Limits, Outcome, Pusher, RetryPolicy};

use super::stalls::retry_if_stalled;
use super::{Expected, PeerBehavior, Received, Row, Settings};
use crate::common::SECRET;
use crate::http_clients::{ClientKind, EACH};
use crate::peer::{Exchange, Peer, quick};
use crate::resolver::{ClosedPort, Resolver};

/// The time that a busy machine may add to any duration.
const SLACK: Duration = Duration::from_secs(20);

/// The most bytes of a response that the kernel buffers and the client never reads.
const KERNEL_BUFFER: usize = 16 * 1024 * 1024;

/// More than the initial size of a socket's buffers.
const LARGE: usize = 3 * 1024 * 1024;

/// The number of rows that are played concurrently.
const CONCURRENCY: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Get,
    Post,
    PostAtLeastOnce,
}

const KINDS: [Kind; 3] = [Kind::Get, Kind::Post, Kind::PostAtLeastOnce];

/// Plays the rows with every HTTP client, and prints the result of each row.
pub async fn play(rows: Vec<Row>) {
    let rows: Vec<_> = rows.into_iter().map(Arc::new).collect();
    for lines in join_all(EACH.iter().map(|under| play_under(*under, &rows))).await {
        println!("| the peer | saw | error | outcome | tries: GET, POST, at least once | ms |");
        println!("|---|---|---|---|---|---|\n{}", lines.join("\n"));
    }
}

async fn play_under(under: ClientKind, rows: &[Arc<Row>]) -> Vec<String> {
    stream::iter(rows.to_vec())
        .map(|row| play_row(under, row))
        .buffered(CONCURRENCY)
        .collect()
        .await
}

async fn play_row(under: ClientKind, row: Arc<Row>) -> String {
    if under != ClientKind::Reqwest && matches!(row.behavior, PeerBehavior::NoName) {
        return format!("| {}, under {under:?} | | | | | |", row.fault);
    }
    let mut times = Vec::new();
    for kind in KINDS {
        let took = retry_if_stalled(|| play_kind(under, row.clone(), kind)).await;
        times.push(took.as_millis().to_string());
    }
    format!(
        "| {}, under {under:?} | {:?} | {:?} | {:?} | {:?} | {} |",
        row.fault,
        row.received,
        row.expected,
        row.outcome,
        row.attempts,
        times.join(", ")
    )
}

async fn play_kind(under: ClientKind, row: Arc<Row>, kind: Kind) -> Duration {
    let attempts = row.attempts[kind as usize];
    let what = format!("{}, {kind:?} under {under:?}", row.fault);
    let (result, took, seen) = match &row.behavior {
        PeerBehavior::Scripts(scripts) => {
            let peer = Peer::start(scripts.clone());
            let client = client(peer.builder(under), row.settings, kind);
            let (result, took) = call(&client, row.settings, kind).await;
            let seen = peer.finish(client).await;
            assert_eq!(seen.len(), attempts, "{what}: requests seen, {seen:?}");
            (result, took, seen)
        }
        without_peer => {
            let closed = ClosedPort::reserve();
            let address =
                matches!(without_peer, PeerBehavior::ClosedPort).then(|| closed.address());
            let resolver = Resolver::new(move |_| address);
            let client = client(resolver.builder(under), row.settings, kind);
            let (result, took) = call(&client, row.settings, kind).await;
            assert_eq!(resolver.begun(), attempts, "{what}: connections tried");
            (result, took, Vec::new())
        }
    };

    assert_eq!(Expected::of(&result), row.expected, "{what}: {result:?}");
    let outcome = result
        .as_ref()
        .map_or_else(Error::outcome, |()| Outcome::Accepted);
    assert_eq!(outcome, row.outcome, "{what}");
    check_seen(&row, &what, &seen);
    if let Err(error) = &result {
        assert_no_secret(error, &seen);
    }

    let attempts = u32::try_from(attempts).unwrap();
    let least = row.each * attempts + row.between * attempts.saturating_sub(1);
    assert!(
        took >= least,
        "{what}: took {took:?}, and {least:?} at least"
    );
    assert!(took < least + SLACK, "{what}: took {took:?}");
    took
}

fn check_seen(row: &Row, what: &str, seen: &[Exchange]) {
    let received = |exchange: &Exchange| match &exchange.request {
        Some(_) => Received::Whole,
        None if exchange.received.is_empty() => Received::Nothing,
        None => Received::Part,
    };
    for exchange in seen {
        assert_eq!(received(exchange), row.received, "{what}");
        if row.outcome == Outcome::NotAccepted {
            let could_act = received(exchange) == Received::Whole && !is_rejection(exchange);
            assert!(!could_act, "{what}: the peer could have acted");
        }
        if let Some(bytes) = row.sends {
            let sent = exchange.sent;
            assert!(
                (bytes..bytes + KERNEL_BUFFER).contains(&sent),
                "{what}: it could send {sent}"
            );
        }
    }
    let requests: Vec<_> = seen.iter().filter_map(|it| it.request.as_ref()).collect();
    for request in &requests {
        request.assert_is_signed();
        assert_eq!(request.body, requests[0].body, "{what}");
        assert_eq!(request.path, requests[0].path, "{what}");
    }
}

/// Returns whether the peer responded with a status that rejects the request: a redirect or a
/// client error, but not 303, which links to the result of the request, nor 408, which does not
/// report an outcome.
fn is_rejection(exchange: &Exchange) -> bool {
    let status = exchange.response.strip_prefix(b"HTTP/1.1 ");
    matches!(status, Some([b'3' | b'4', _, _]) if status != Some(b"303") && status != Some(b"408"))
}

fn client(builder: Builder, settings: Settings, kind: Kind) -> Pusher {
    let mut builder = builder.limits(Limits::default().event_data_bytes(2 * LARGE));
    if let Some(timeout) = settings.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(bytes) = settings.max_response_bytes {
        builder = builder.max_response_bytes(bytes);
    }
    if kind == Kind::PostAtLeastOnce {
        builder = builder.retry(quick(RetryPolicy::at_least_once()));
    }
    builder.build().unwrap()
}

async fn call(client: &Pusher, settings: Settings, kind: Kind) -> (Result<(), Error>, Duration) {
    let deadline = settings.deadline.unwrap_or(crate::peer::TOO_LONG);
    let data = "x".repeat(if settings.is_large { LARGE } else { 1 });
    let get = client.channels().deadline(deadline);
    let post = client.trigger("a", "e", data).deadline(deadline);
    let began = Instant::now();
    let result = match kind {
        Kind::Get => get.await.map(|_| ()),
        Kind::Post | Kind::PostAtLeastOnce => post.await.map(|_| ()),
    };
    (result, began.elapsed())
}

/// Checks that no output of the error that could be logged contains the secret or a signature.
fn assert_no_secret(error: &Error, seen: &[Exchange]) {
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |it| it.source());
    let shown: Vec<_> = chain.map(|it| format!("{it} {it:?}")).collect();
    let shown = shown.join(" ");
    let requests = seen.iter().filter_map(|exchange| exchange.request.as_ref());
    let signatures = requests.map(|request| request.query("auth_signature"));
    for secret in signatures.chain([SECRET.to_owned()]) {
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
}
