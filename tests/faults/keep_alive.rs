//! Connections that are kept: closed while idle, closed under a request, and answers on them that
//! nobody asked for.

use std::sync::Arc;

use pusher_http::{Error, Outcome, Pusher};
use tokio::sync::Notify;

use crate::peer::Peer;
use crate::peer::Step::{Await, AwaitClose, Finish, Keep, Reset, Send, TakeRequest, Until};
use crate::table::{answer, answers};
use crate::under::EACH;

/// An answer that is told from others by the one channel that it names.
fn naming(channel: &str) -> Vec<u8> {
    answer(
        "200 OK",
        &format!("{{\"channels\":{{\"{channel}\":{{}}}}}}"),
    )
}

async fn channel_of(client: &Pusher) -> String {
    let channels = client.channels().await.unwrap();
    channels.into_keys().next().unwrap()
}

#[tokio::test]
async fn after_a_connection_was_closed_while_idle_the_next_call_succeeds_once() {
    for &under in EACH {
        let closes = || {
            vec![
                TakeRequest,
                Send(answer("200 OK", "{\"channels\":{}}")),
                Finish,
                AwaitClose,
            ]
        };
        let peer = Peer::start(vec![closes(), closes(), answers("200 OK", "{}")]);
        let client = peer.builder(under).build().unwrap();
        client.trigger("a", "first", 1).await.unwrap();
        peer.until(|seen| seen[0].is_left).await;
        client.channels().await.unwrap();
        peer.until(|seen| seen[1].is_left).await;
        client.trigger("a", "third", 1).await.unwrap();
        let seen = peer.finish(client).await;
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert_eq!(seen[1].request.as_ref().unwrap().method, "GET");
        assert!(
            seen[2]
                .received
                .ends_with(br#""channels":["a"],"data":"1"}"#)
        );
    }
}

/// Nothing tells the client whether the peer closed before it read the request or after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_it_closes_while_the_next_call_begins_nothing_is_doubled() {
    for &under in EACH {
        let mut outcomes = [0; 2];
        for _ in 0..50 {
            let peer = Peer::start(vec![
                vec![TakeRequest, Send(answer("200 OK", "{}"))],
                answers("200 OK", "{}"),
            ]);
            let client = peer.builder(under).build().unwrap();
            client.trigger("a", "first", 1).await.unwrap();
            let second = client.trigger("a", "second", 1).await;
            let seen = peer.finish(client).await;
            match second {
                Ok(_) => {
                    assert_eq!(seen.len(), 2, "{seen:?}");
                    outcomes[0] += 1;
                }
                Err(error) => {
                    assert!(matches!(error, Error::Transport { .. }), "{error}");
                    assert_eq!(error.outcome(), Outcome::Unknown);
                    // A pool may have begun another connection, and then had the first one back.
                    let requests = seen.iter().filter(|seen| !seen.received.is_empty());
                    assert_eq!(requests.count(), 1, "{seen:?}");
                    outcomes[1] += 1;
                }
            }
        }
        println!(
            "under {under:?} sent on another connection: {}, unknown: {}",
            outcomes[0], outcomes[1]
        );
    }
}

#[tokio::test]
async fn a_request_under_which_a_kept_connection_breaks_is_not_sent_again() {
    for &under in EACH {
        for breaks in [
            vec![TakeRequest],
            vec![TakeRequest, Reset],
            vec![Await, Reset],
        ] {
            let peer = Peer::start(vec![
                answers("200 OK", "{}"),
                breaks,
                answers("200 OK", "{}"),
            ]);
            let client = peer.builder(under).build().unwrap();
            client.trigger("a", "first", 1).await.unwrap();
            let error = client.trigger("a", "second", 1).await.unwrap_err();
            assert!(matches!(error, Error::Transport { .. }), "{error}");
            assert_eq!(error.outcome(), Outcome::Unknown);
            let seen = peer.finish(client).await;
            assert_eq!(seen.len(), 2, "{seen:?}");
            assert_eq!(seen[1].connection, 0, "it was a kept connection");
        }
    }
}

#[tokio::test]
async fn a_second_answer_is_nobodys() {
    for &under in EACH {
        let two = [naming("presence-own"), naming("presence-forged")].concat();
        let peer = Peer::start(vec![
            vec![TakeRequest, Send(two), AwaitClose],
            vec![TakeRequest, Send(naming("presence-next")), Keep],
        ]);
        let client = peer.builder(under).build().unwrap();
        assert_eq!(channel_of(&client).await, "presence-own");
        assert_eq!(channel_of(&client).await, "presence-next");
        let seen = peer.finish(client).await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert_eq!(seen[1].connection, 1);
    }
}

#[tokio::test]
async fn an_answer_before_the_next_request_is_nobodys() {
    for &under in EACH {
        let signal = Arc::new(Notify::new());
        let peer = Peer::start(vec![
            vec![
                TakeRequest,
                Send(naming("presence-own")),
                Until(signal.clone()),
                Send(naming("presence-forged")),
                AwaitClose,
            ],
            vec![TakeRequest, Send(naming("presence-next")), Keep],
        ]);
        let client = peer.builder(under).build().unwrap();
        assert_eq!(channel_of(&client).await, "presence-own");
        signal.notify_one();
        peer.until(|seen| seen[0].is_left).await;
        assert_eq!(channel_of(&client).await, "presence-next");
        let seen = peer.finish(client).await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert_eq!(seen[1].connection, 1);
    }
}

/// What stands after the body's length would begin the next answer.
#[tokio::test]
async fn the_rest_of_an_answer_whose_length_is_too_short_is_nobodys() {
    for &under in EACH {
        let rest = naming("presence-forged");
        let short = [
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{".to_vec(),
            rest,
        ]
        .concat();
        let peer = Peer::start(vec![
            vec![TakeRequest, Send(short), AwaitClose],
            vec![TakeRequest, Send(naming("presence-next")), Keep],
        ]);
        let client = peer.builder(under).build().unwrap();
        let error = client.channels().await.unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error}");
        assert_eq!(channel_of(&client).await, "presence-next");
        let seen = peer.finish(client).await;
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert_eq!(seen[1].connection, 1);
    }
}
