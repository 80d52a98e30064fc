//! A dropped call leaves nothing running: its connection is closed, and it sends nothing more.

use std::future::{IntoFuture as _, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use pusher_http::client::CallFuture;
use pusher_http::{Event, Limits, Pusher};
use tokio::sync::Notify;

use crate::http_clients::{ClientKind, EACH};
use crate::peer::Step::{AwaitClose, Finish, Send, Take, TakeRequest, Until};
use crate::peer::{Exchange, Peer, Step};
use crate::table::{responds, response};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn sends_nothing_if_dropped_before_first_poll() {
    for &under in EACH {
        let peer = Peer::playing(vec![AwaitClose]);
        let client = peer.builder(under).build().unwrap();
        drop(client.trigger("a", "e", 1));
        drop(client.trigger("a", "e", 1).into_future());
        drop(client.channels().into_future());
        assert_eq!(peer.begun(), 0);
        assert_eq!(peer.finish(client).await.len(), 0);
    }
}

/// Drops the call at every step, from the lookup of the name to the end of the request.
#[tokio::test]
async fn closes_connection_if_dropped_at_any_step() {
    for &under in EACH {
        for polls in 1..=30 {
            let peer = Peer::playing(vec![AwaitClose]);
            let client = peer.builder(under).build().unwrap();
            let mut call = client.trigger("a", "e", 1).into_future();
            for _ in 0..polls {
                assert!(poll_once(&mut call).await.is_pending());
                tokio::task::yield_now().await;
            }
            drop(call);
            assert_eq!(peer.begun(), 1);
            let seen = peer.finish(client).await;
            assert!(seen.len() <= 1, "{seen:?}");
            assert!(seen.iter().all(|it| it.is_left), "{seen:?}");
        }
    }
}

/// The bytes that hyper or the kernel has already buffered are still sent. Then the connection is
/// closed, without waiting for a response.
#[tokio::test]
async fn closes_connection_if_dropped_while_sending_request() {
    for &under in EACH {
        let signal = Arc::new(Notify::new());
        let peer = Peer::playing(vec![Take(1_000), Until(signal.clone()), AwaitClose]);
        let size = 6 * 1024 * 1024;
        let limits = Limits::default().event_data_bytes(2 * size);
        let client = peer.builder(under).limits(limits).build().unwrap();
        let call = tokio::spawn(client.trigger("a", "e", "x".repeat(size)).into_future());
        peer.until(|seen| seen.first().is_some_and(|it| it.received.len() == 1_000))
            .await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        signal.notify_one();
        let seen = peer.finish(client).await;
        let [only] = &seen[..] else {
            panic!("{seen:?}");
        };
        assert!(only.is_left);
    }
}

#[tokio::test]
async fn closes_connection_if_dropped_while_waiting_for_response() {
    for &under in EACH {
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{";
        for (script, sent) in [
            (vec![TakeRequest, AwaitClose], 0),
            (vec![TakeRequest, Send(half.into()), AwaitClose], half.len()),
        ] {
            let peer = Peer::playing(script);
            let client = peer.builder(under).build().unwrap();
            let call = tokio::spawn(client.trigger("a", "e", 1).into_future());
            peer.until(|seen| {
                seen.first()
                    .is_some_and(|it| it.request.is_some() && it.sent == sent)
            })
            .await;
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
            let seen = peer.finish(client).await;
            assert_eq!(seen.len(), 1, "{seen:?}");
            assert!(seen[0].is_left);
        }
    }
}

/// A peer that asks for a retry after an hour, and a client whose deadline allows it.
fn busy_for_an_hour(under: ClientKind) -> (Peer, Pusher) {
    let busy = "503 Busy\r\nretry-after: 3600\r\nconnection: close";
    let peer = Peer::start(vec![
        vec![TakeRequest, Send(response(busy, "")), Finish, AwaitClose],
        responds("200 OK", "{\"channels\":{}}"),
    ]);
    let client = peer.builder(under).deadline(2 * HOUR).build().unwrap();
    (peer, client)
}

async fn poll_once<T>(call: &mut CallFuture<T>) -> Poll<T> {
    poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await
}

/// Polls the call until it has the peer's first response and waits to retry.
async fn until_it_backs_off<T>(call: &mut CallFuture<T>, peer: &Peer) {
    tokio::select! {
        biased;
        _ = &mut *call => panic!("it waits an hour"),
        () = peer.until(|seen| seen.first().is_some_and(|it| it.is_left)) => {}
    }
    for _ in 0..100 {
        assert!(poll_once(call).await.is_pending());
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn does_not_retry_if_dropped_during_backoff() {
    for &under in EACH {
        let (peer, client) = busy_for_an_hour(under);
        let mut call = client.channels().into_future();
        until_it_backs_off(&mut call, &peer).await;
        drop(call);
        pass_an_hour().await;
        assert_eq!(peer.finish(client).await.len(), 1);

        // For comparison: the same call is retried if it is not dropped.
        let (peer, client) = busy_for_an_hour(under);
        let mut call = client.channels().into_future();
        until_it_backs_off(&mut call, &peer).await;
        pass_an_hour().await;
        call.await.unwrap();
        assert_eq!(peer.finish(client).await.len(), 2);
    }
}

/// Advances the runtime's timers by an hour, but not the system clock.
async fn pass_an_hour() {
    tokio::time::pause();
    tokio::time::advance(HOUR + Duration::from_secs(1)).await;
    tokio::time::resume();
}

fn events(count: usize) -> Vec<Event> {
    let event = |index| Event::new("a", "e", index).unwrap();
    (0..count).map(event).collect()
}

fn are_whole(seen: &[Exchange], count: usize) -> bool {
    seen.iter().filter(|it| it.request.is_some()).count() == count
}

#[tokio::test]
async fn sends_no_further_request_of_dropped_batch() {
    for &under in EACH {
        for (concurrency, response_count) in [(1, 1), (2, 0)] {
            let mut scripts = vec![responds("200 OK", "{}"); response_count];
            scripts.push(vec![TakeRequest, Step::AwaitClose]);
            let peer = Peer::start(scripts);
            let client = peer.builder(under).build().unwrap();
            let batch = client.trigger_batch(events(50)).concurrency(concurrency);
            let call = tokio::spawn(batch.into_future());
            peer.until(|seen| are_whole(seen, 2)).await;
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
            let seen = peer.finish(client).await;
            assert_eq!(seen.len(), 2, "of five requests: {seen:?}");
            assert!(
                seen[response_count..].iter().all(|it| it.is_left),
                "{seen:?}"
            );
        }
    }
}
