//! Complete responses that are not valid responses of the API.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use pusher_http::Outcome::{Accepted, Unknown};

use super::Expected::{Decode, Success, Transport};
use super::Received::Whole;
use super::play::play;
use super::{Row, responds, sends, sends_and_closes};
use crate::peer::Step::{Keep, Respond, TakeRequest};

#[rustfmt::skip] // A table.
#[tokio::test]
async fn rejects_bodies_that_are_not_api_responses() {
    play(vec![
        Row::new("an empty body", responds("200 OK", ""), Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("204", sends("HTTP/1.1 204 No Content\r\n\r\n"), Whole, Decode(204), Unknown, [1, 1, 1]),
        Row::new("malformed JSON", responds("200 OK", "{\"channels\":{}"), Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("JSON of another shape", responds("200 OK", "[{}]"), Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("JSON without end", responds("200 OK", &"[".repeat(100_000)), Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("a web page", responds("200 OK\r\ncontent-type: text/html", "<html>Log in</html>"),
            Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("not UTF-8",
            sends(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n{\"\xff\xfe"), Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("a body that quotes the signed request",
            vec![TakeRequest, Respond(|request| super::response("200 OK", &format!("{:?}", request.query))), Keep],
            Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("a length too short",
            sends("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{\"channels\":{}}"),
            Whole, Decode(200), Unknown, [1, 1, 1]),
        Row::new("gzip, 10 MiB unpacked", sends(gzip_bomb()), Whole, Decode(200), Unknown, [1, 1, 1]),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn rejects_malformed_http_responses() {
    play(vec![
        Row::new("another protocol", sends("SSH-2.0-OpenSSH_9.2\r\n"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a TLS alert", sends(b"\x15\x03\x03\x00\x02\x02\x46"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("HTTP/2", sends(b"\0\0\0\x04\0\0\0\0\0"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a body without a head", sends_and_closes("{\"channels\":{}}"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a status of two digits", sends("HTTP/1.1 20 OK\r\n\r\n"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a header without a name", sends("HTTP/1.1 200 OK\r\n: x\r\n\r\n"), Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a length that is no number", sends("HTTP/1.1 200 OK\r\ncontent-length: 1x\r\n\r\n"),
            Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("two lengths", sends("HTTP/1.1 200 OK\r\ncontent-length: 15\r\ncontent-length: 2\r\n\r\n{\"channels\":{}}"),
            Whole, Transport, Unknown, [3, 1, 3]),
        Row::new("a chunk whose size is no number",
            sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nz\r\n"), Whole, Transport, Unknown, [3, 1, 3]),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn accepts_unusual_valid_responses() {
    let with_informational = ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", VALID].concat();
    play(vec![
        Row::new("1xx before the answer", sends(with_informational), Whole, Success, Accepted, [1, 1, 1]),
        Row::new("no length, its end is the connection's", sends_and_closes("HTTP/1.0 200 OK\r\n\r\n{\"channels\":{}}"),
            Whole, Success, Accepted, [1, 1, 1]),
        Row::new("chunks",
            sends("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\ne\r\n\"channels\":{}}\r\n0\r\n\r\n"),
            Whole, Success, Accepted, [1, 1, 1]),
        Row::new("202", responds("202 Accepted", "{\"channels\":{}}"), Whole, Success, Accepted, [1, 1, 1]),
        Row::new("Retry-After with success", responds("200 OK\r\nretry-after: 3600", "{\"channels\":{}}"),
            Whole, Success, Accepted, [1, 1, 1]),
    ])
    .await;
}

const VALID: &str = "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"channels\":{}}";

/// A response that would be valid if it were decompressed.
fn gzip_bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(b"{\"channels\":{}}").unwrap();
    packed.write_all(&vec![b' '; 10 * 1024 * 1024]).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 20_000, "{}", packed.len());
    let length = packed.len();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n");
    [head.into_bytes(), packed].concat()
}
