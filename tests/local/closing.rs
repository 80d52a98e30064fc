//! How a connection ends that its client ends, byte by byte: by a close frame, which is owed an
//! answer, or by what is no WebSocket.

use std::time::Duration;

use pusher_http::PresenceMember;
use pusher_http::local::LocalServer;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::socket::Socket;

const DEADLINE: Duration = Duration::from_secs(20);

/// A connection whose handshake is done and whose first message has been read.
async fn raw(server: &LocalServer) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request = "GET /app/local-key?protocol=7 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
                   Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "));
    let (opcode, established) = frame(&mut stream).await;
    assert_eq!(opcode, 0x81);
    assert!(established.starts_with(br#"{"event":"pusher:connection_established""#));
    stream
}

/// The first byte and the payload of the next frame.
async fn frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let reading = async {
        let opcode = stream.read_u8().await.unwrap();
        let length = match stream.read_u8().await.unwrap() {
            126 => stream.read_u16().await.unwrap().into(),
            length => usize::from(length),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await.unwrap();
        (opcode, payload)
    };
    timeout(DEADLINE, reading).await.unwrap()
}

/// The close frame that is all that is left to read, byte by byte.
async fn last_frame(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let reading = stream.read_to_end(&mut rest);
    timeout(DEADLINE, reading).await.unwrap().unwrap();
    rest
}

/// A frame with a mask of nothing, so that its payload stands as it is.
fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![
        opcode,
        0x80 | u8::try_from(payload.len()).unwrap(),
        0,
        0,
        0,
        0,
    ];
    bytes.extend_from_slice(payload);
    bytes
}

#[tokio::test]
async fn a_close_frame_is_answered_by_the_same() {
    let server = LocalServer::start().await.unwrap();
    for (sent, answered) in [
        (&b""[..], &b"\x88\x00"[..]),
        (b"\x03\xe8", b"\x88\x02\x03\xe8"),
        (b"\x03\xe8bye", b"\x88\x05\x03\xe8bye"),
    ] {
        let mut stream = raw(&server).await;
        stream.write_all(&masked(0x88, sent)).await.unwrap();
        assert_eq!(last_frame(&mut stream).await, answered);
    }
}

#[tokio::test]
async fn a_client_that_closes_ends_cleanly() {
    let server = LocalServer::start().await.unwrap();
    let mut other = Socket::connect(&server).await;
    other.join("presence-room", PresenceMember::new("1")).await;
    let mut socket = Socket::connect(&server).await;
    socket.join("presence-room", PresenceMember::new("2")).await;
    other.expect("pusher_internal:member_added").await;
    socket.close().await;
    let left = other.expect("pusher_internal:member_removed").await;
    assert_eq!(left, json!({"user_id": "2"}));
}

#[tokio::test]
async fn what_is_no_websocket_is_named_by_the_close_code() {
    let server = LocalServer::start().await.unwrap();
    for (sent, code) in [
        (masked(0x81, b"\xff"), 1007_u16),
        // A reserved opcode, a reserved bit, a part of nothing, a close frame of one byte.
        (masked(0x83, b""), 1002),
        (masked(0xc1, b"{}"), 1002),
        (masked(0x80, b"{}"), 1002),
        (masked(0x88, b"\x03"), 1002),
        // No mask.
        (b"\x81\x02{}".to_vec(), 1002),
    ] {
        let mut stream = raw(&server).await;
        stream.write_all(&sent).await.unwrap();
        let mut expected = vec![0x88, 2];
        expected.extend_from_slice(&code.to_be_bytes());
        assert_eq!(last_frame(&mut stream).await, expected, "{sent:?}");
    }
}

#[tokio::test]
async fn a_message_that_is_too_large_is_named_by_the_close_code() {
    let server = LocalServer::start().await.unwrap();
    let mut stream = raw(&server).await;
    let length: u64 = 17 * 1024 * 1024;
    let mut large = vec![0x81, 0x80 | 127];
    large.extend_from_slice(&length.to_be_bytes());
    large.resize(large.len() + 4 + usize::try_from(length).unwrap(), 0);
    // The client reads nothing until it has written all.
    stream.write_all(&large).await.unwrap();
    assert_eq!(last_frame(&mut stream).await, b"\x88\x02\x03\xf1");
    // The server goes on.
    Socket::connect(&server).await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_left() {
    let server = LocalServer::start().await.unwrap();
    let mut other = Socket::connect(&server).await;
    other.subscribe("private-room").await;
    let stream = raw(&server).await;
    drop(stream);
    other.assert_nothing_came().await;
}
