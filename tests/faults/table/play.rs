//! Plays a row of the table for each kind of method, and compares all that it says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use pusher_http::{Builder, Error, Limits, Outcome, Pusher, RetryPolicy};

use super::undisturbed::undisturbed;
use super::{Gives, Plays, Row, Saw, Settings};
use crate::common::SECRET;
use crate::peer::{Exchange, Peer, quick};
use crate::resolver::{ClosedPort, Resolver};
use crate::under::{EACH, Under};

/// What a busy machine may add to any time.
const SLACK: Duration = Duration::from_secs(20);

/// What the kernel takes of an answer and the client never reads.
const UNDER_WAY: usize = 16 * 1024 * 1024;

/// More than a socket's buffers hold at first.
const LARGE: usize = 3 * 1024 * 1024;

/// How many are played at the same time.
const AT_ONCE: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Get,
    Post,
    PostAtLeastOnce,
}

const KINDS: [Kind; 3] = [Kind::Get, Kind::Post, Kind::PostAtLeastOnce];

/// Plays the rows with every HTTP client, and prints what each row comes to.
pub async fn play(rows: Vec<Row>) {
    let rows: Vec<_> = rows.into_iter().map(Arc::new).collect();
    for lines in join_all(EACH.iter().map(|under| play_under(*under, &rows))).await {
        println!("| the peer | saw | error | outcome | tries: GET, POST, at least once | ms |");
        println!("|---|---|---|---|---|---|\n{}", lines.join("\n"));
    }
}

async fn play_under(under: Under, rows: &[Arc<Row>]) -> Vec<String> {
    stream::iter(rows.to_vec())
        .map(|row| play_row(under, row))
        .buffered(AT_ONCE)
        .collect()
        .await
}

async fn play_row(under: Under, row: Arc<Row>) -> String {
    if under != Under::Reqwest && matches!(row.plays, Plays::NoName) {
        return format!("| {}, under {under:?} | | | | | |", row.fault);
    }
    let mut times = Vec::new();
    for kind in KINDS {
        let took = undisturbed(|| play_kind(under, row.clone(), kind)).await;
        times.push(took.as_millis().to_string());
    }
    format!(
        "| {}, under {under:?} | {:?} | {:?} | {:?} | {:?} | {} |",
        row.fault,
        row.saw,
        row.gives,
        row.outcome,
        row.tries,
        times.join(", ")
    )
}

async fn play_kind(under: Under, row: Arc<Row>, kind: Kind) -> Duration {
    let tries = row.tries[kind as usize];
    let what = format!("{}, {kind:?} under {under:?}", row.fault);
    let (result, took, seen) = match &row.plays {
        Plays::Scripts(scripts) => {
            let peer = Peer::start(scripts.clone());
            let client = client(peer.builder(under), row.settings, kind);
            let (result, took) = call(&client, row.settings, kind).await;
            let seen = peer.finish(client).await;
            assert_eq!(seen.len(), tries, "{what}: requests seen, {seen:?}");
            (result, took, seen)
        }
        without_peer => {
            let closed = ClosedPort::reserve();
            let address = matches!(without_peer, Plays::ClosedPort).then(|| closed.address());
            let resolver = Resolver::new(move |_| address);
            let client = client(resolver.builder(under), row.settings, kind);
            let (result, took) = call(&client, row.settings, kind).await;
            assert_eq!(resolver.begun(), tries, "{what}: connections tried");
            (result, took, Vec::new())
        }
    };

    assert_eq!(Gives::of(&result), row.gives, "{what}: {result:?}");
    let outcome = result
        .as_ref()
        .map_or_else(Error::outcome, |()| Outcome::Accepted);
    assert_eq!(outcome, row.outcome, "{what}");
    check_seen(&row, &what, &seen);
    if let Err(error) = &result {
        assert_no_secret(error, &seen);
    }

    let tries = u32::try_from(tries).unwrap();
    let least = row.each * tries + row.between * tries.saturating_sub(1);
    assert!(
        took >= least,
        "{what}: took {took:?}, and {least:?} at least"
    );
    assert!(took < least + SLACK, "{what}: took {took:?}");
    took
}

fn check_seen(row: &Row, what: &str, seen: &[Exchange]) {
    let saw = |exchange: &Exchange| match &exchange.request {
        Some(_) => Saw::Whole,
        None if exchange.received.is_empty() => Saw::Nothing,
        None => Saw::Part,
    };
    for exchange in seen {
        assert_eq!(saw(exchange), row.saw, "{what}");
        if row.outcome == Outcome::NotAccepted {
            let could_act = saw(exchange) == Saw::Whole && !is_refusal(exchange);
            assert!(!could_act, "{what}: the peer could have acted");
        }
        if let Some(bytes) = row.sends {
            let sent = exchange.sent;
            assert!(
                (bytes..bytes + UNDER_WAY).contains(&sent),
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

/// Whether the peer answered with a status that refuses: a redirect, or one that finds fault with
/// the request. 303 leads to what came of the request, and 408 says nothing of it.
fn is_refusal(exchange: &Exchange) -> bool {
    let status = exchange.answer.strip_prefix(b"HTTP/1.1 ");
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

/// Neither the secret nor a signature is in anything that a log could show of the error.
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
