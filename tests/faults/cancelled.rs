//! A call that is dropped leaves nothing running: its connection is closed, and nothing of it is
//! sent any more.

use std::future::{IntoFuture as _, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use pusher_http::client::CallFuture;
use pusher_http::{Event, Limits, Pusher};
use tokio::sync::Notify;

use crate::peer::Step::{AwaitClose, Finish, Send, Take, TakeRequest, Until};
use crate::peer::{Exchange, Peer, Step};
use crate::table::{answer, answers};
use crate::under::{EACH, Under};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn before_it_is_polled() {
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

/// At any step of the way, from the look-up of the name to the end of the request.
#[tokio::test]
async fn while_it_connects_and_after() {
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

/// What hyper has of the request still goes out, as what the kernel has does; then the connection
/// is closed, without waiting for an answer.
#[tokio::test]
async fn while_the_request_is_sent() {
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
async fn while_it_waits_for_the_answer() {
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

/// A peer that asks to come back in an hour, and a client that would.
fn busy_for_an_hour(under: Under) -> (Peer, Pusher) {
    let busy = "503 Busy\r\nretry-after: 3600\r\nconnection: close";
    let peer = Peer::start(vec![
        vec![TakeRequest, Send(answer(busy, "")), Finish, AwaitClose],
        answers("200 OK", "{\"channels\":{}}"),
    ]);
    let client = peer.builder(under).deadline(2 * HOUR).build().unwrap();
    (peer, client)
}

async fn poll_once<T>(call: &mut CallFuture<T>) -> Poll<T> {
    poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await
}

/// Polls the call until it has the peer's first answer and waits to try again.
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
async fn while_it_waits_to_try_again() {
    for &under in EACH {
        let (peer, client) = busy_for_an_hour(under);
        let mut call = client.channels().into_future();
        until_it_backs_off(&mut call, &peer).await;
        drop(call);
        pass_an_hour().await;
        assert_eq!(peer.finish(client).await.len(), 1);

        // The same call, not dropped.
        let (peer, client) = busy_for_an_hour(under);
        let mut call = client.channels().into_future();
        until_it_backs_off(&mut call, &peer).await;
        pass_an_hour().await;
        call.await.unwrap();
        assert_eq!(peer.finish(client).await.len(), 2);
    }
}

/// For the timers of the runtime, not for the clock.
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
async fn between_the_requests_of_a_batch() {
    for &under in EACH {
        for (at_once, answered) in [(1, 1), (2, 0)] {
            let mut scripts = vec![answers("200 OK", "{}"); answered];
            scripts.push(vec![TakeRequest, Step::AwaitClose]);
            let peer = Peer::start(scripts);
            let client = peer.builder(under).build().unwrap();
            let batch = client.trigger_batch(events(50)).concurrency(at_once);
            let call = tokio::spawn(batch.into_future());
            peer.until(|seen| are_whole(seen, 2)).await;
            call.abort();
            assert!(call.await.unwrap_err().is_cancelled());
            let seen = peer.finish(client).await;
            assert_eq!(seen.len(), 2, "of five requests: {seen:?}");
            assert!(seen[answered..].iter().all(|it| it.is_left), "{seen:?}");
        }
    }
}
