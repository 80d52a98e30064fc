//! Endless responses, sent as fast as possible: the client reads only a limited number of bytes.

use pusher_http::ApiErrorKind as Kind;
use pusher_http::Outcome::{NotAccepted, Unknown};

use super::Expected::{Api, Transport, UnusableResponse};
use super::Received::Whole;
use super::Row;
use super::play::play;
use crate::peer::Script;
use crate::peer::Step::{Flood, Send, TakeRequest};

const MIB: usize = 1024 * 1024;

/// Sends these bytes, and then the others forever.
fn floods(beginning: &str, endless: impl Into<Vec<u8>>) -> Script {
    vec![TakeRequest, Send(beginning.into()), Flood(endless.into())]
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn limits_endless_body() {
    let body = || " ".repeat(64 * 1024);
    let chunk = || format!("10000\r\n{}\r\n", body());
    play(vec![
        Row::new("a body without end", floods("HTTP/1.1 200 OK\r\n\r\n", body()), Whole, UnusableResponse, Unknown, [1, 1, 1])
            .sends(8 * MIB..),
        Row::new("a body of 2^63 bytes",
            floods("HTTP/1.1 200 OK\r\ncontent-length: 9223372036854775808\r\n\r\n", body()),
            Whole, UnusableResponse, Unknown, [1, 1, 1]).sends(MIB..).max_response_bytes(MIB),
        Row::new("chunks without end",
            floods("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk()),
            Whole, UnusableResponse, Unknown, [1, 1, 1]).sends(MIB..).max_response_bytes(MIB),
        Row::new("a body without end, bound of 1 MiB",
            floods("HTTP/1.1 200 OK\r\n\r\n", body()), Whole, UnusableResponse, Unknown, [1, 1, 1])
            .sends(MIB..).max_response_bytes(MIB),
        Row::new("503, words without end",
            floods("HTTP/1.1 503 Service Unavailable\r\n\r\n", body()),
            Whole, Api(503, Kind::Unavailable), Unknown, [3, 1, 3]).sends(MIB..).max_response_bytes(MIB),
        Row::new("403, words without end",
            floods("HTTP/1.1 403 Forbidden\r\n\r\n", body()),
            Whole, Api(403, Kind::Quota), NotAccepted, [1, 1, 1]).sends(8 * MIB..),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn limits_endless_status_line_headers_chunk_extension_and_trailers() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    play(vec![
        Row::new("a status line without end", floods("HTTP/1.1 200 ", "x".repeat(64 * 1024)),
            Whole, Transport, Unknown, [3, 1, 3]).sends(1..),
        Row::new("a header without end", floods("HTTP/1.1 200 OK\r\nx: ", "x".repeat(64 * 1024)),
            Whole, Transport, Unknown, [3, 1, 3]).sends(1..),
        Row::new("headers without end", floods("HTTP/1.1 200 OK\r\n", "x: y\r\n".repeat(1_000)),
            Whole, Transport, Unknown, [3, 1, 3]).sends(1..),
        Row::new("a chunk's extension without end", floods(&format!("{chunked}1;"), "x".repeat(64 * 1024)),
            Whole, Transport, Unknown, [3, 1, 3]).sends(1..),
        Row::new("trailers without end", floods(&format!("{chunked}0\r\n"), "x: y\r\n".repeat(1_000)),
            Whole, Transport, Unknown, [3, 1, 3]).sends(1..),
    ])
    .await;
}
