//! Kept-alive connections: closed while idle, closed during a request, and with unrequested
//! responses.

use std::sync::Arc;

use pusher_http::{Error, Outcome, Pusher};
use tokio::sync::Notify;

use crate::http_clients::EACH;
use crate::peer::Peer;
use crate::peer::Step::{Await, AwaitClose, Finish, Keep, Reset, Send, TakeRequest, Until};
use crate::table::{responds, response};

/// A response that names one channel, so that the tests can identify it.
fn naming(channel: &str) -> Vec<u8> {
    response(
        "200 OK",
        &format!("{{\"channels\":{{\"{channel}\":{{}}}}}}"),
    )
}

async fn channel_of(client: &Pusher) -> String {
    let channels = client.channels().await.unwrap();
    channels.into_keys().next().unwrap()
}

#[tokio::test]
async fn sends_next_call_once_after_idle_connection_closed() {
    for &under in EACH {
        let closes = || {
            vec![
                TakeRequest,
                Send(response("200 OK", "{\"channels\":{}}")),
                Finish,
                AwaitClose,
            ]
        };
        let peer = Peer::start(vec![closes(), closes(), responds("200 OK", "{}")]);
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

/// The client cannot know whether the peer closed before or after it read the request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_no_duplicate_if_connection_closes_as_next_call_begins() {
    for &under in EACH {
        let mut outcomes = [0; 2];
        for _ in 0..50 {
            let peer = Peer::start(vec![
                vec![TakeRequest, Send(response("200 OK", "{}"))],
                responds("200 OK", "{}"),
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
                    // The pool may open another connection, and then use the first one again.
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
async fn does_not_retry_post_if_kept_alive_connection_breaks() {
    for &under in EACH {
        for failure in [
            vec![TakeRequest],
            vec![TakeRequest, Reset],
            vec![Await, Reset],
        ] {
            let peer = Peer::start(vec![
                responds("200 OK", "{}"),
                failure,
                responds("200 OK", "{}"),
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
async fn ignores_second_response_to_one_request() {
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
async fn ignores_response_received_before_next_request() {
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

/// Bytes after the declared body length could be read as the start of the next response.
#[tokio::test]
async fn ignores_bytes_after_too_short_content_length() {
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
