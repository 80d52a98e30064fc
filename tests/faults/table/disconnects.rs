//! Connections that cannot be made, or that break.

use pusher_http::Outcome::{NotAccepted, Unknown};

use super::Expected::{Connect, Decode, Transport};
use super::Received::{Nothing, Part, Whole};
use super::play::play;
use super::{PeerBehavior, Row, sends_and_closes};
use crate::peer::Step::{Await, AwaitClose, Finish, Reset, Take, TakeRequest};

#[rustfmt::skip] // A table.
#[tokio::test]
async fn fails_if_connection_fails_before_response() {
    play(vec![
        Row::new("refuses", PeerBehavior::ClosedPort, Nothing, Connect, NotAccepted, [3, 3, 3]),
        Row::new("has no address", PeerBehavior::NoName, Nothing, Connect, NotAccepted, [3, 3, 3]),
        Row::new("accepts, closes", vec![], Nothing, Transport, Unknown, [3, 1, 3]),
        Row::new("accepts, resets", vec![Await, Reset], Nothing, Transport, Unknown, [3, 1, 3]),
        Row::new("half a request, closes", vec![Take(10)], Part, Transport, Unknown, [3, 1, 3]).large(),
        Row::new("half a request, resets", vec![Take(10), Reset], Part, Transport, Unknown, [3, 1, 3]).large(),
        Row::new("a request, closes", vec![TakeRequest], Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a request, sends its end", vec![TakeRequest, Finish, AwaitClose], Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a request, resets", vec![TakeRequest, Reset], Whole, Transport, Unknown, [3, 1, 3]),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn rejects_truncated_response() {
    play(vec![
        Row::new("half a status line", sends_and_closes("HTTP/1.1 20"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("half a head", sends_and_closes("HTTP/1.1 200 OK\r\ncontent-le"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a head without a body",
            sends_and_closes("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n"),
            Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("half a body",
            sends_and_closes("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"chan"),
            Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a whole answer, its length too long",
            sends_and_closes("HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"channels\":{}}"),
            Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("half a body in chunks",
            sends_and_closes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nf\r\n{\"channels\":{}}\r\n"),
            Whole, Transport, Unknown, [3, 1, 3]),
        // The body ends with the connection, so only its content shows that it is incomplete.
        Row::new("half a body without a length",
            sends_and_closes("HTTP/1.1 200 OK\r\n\r\n{\"chan"),
            Whole, Decode(200), Unknown, [1, 1, 1]),
    ])
    .await;
}
