//! Connections that the client ends, byte by byte.
//!
//! The client sends a close frame, which requires a response, or violates the WebSocket protocol.

use pusher_dev_server::DevServer;
use pusher_http::PresenceMember;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::socket::Socket;
use crate::wire::{DEADLINE, masked, shake_hands};

/// Opens a connection, completes the handshake and reads the first message.
async fn raw(server: &DevServer) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    shake_hands(&mut stream, server).await;
    stream
}

/// Returns all remaining bytes, which must be one close frame.
async fn last_frame(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let reading = stream.read_to_end(&mut rest);
    timeout(DEADLINE, reading).await.unwrap().unwrap();
    rest
}

#[tokio::test]
async fn echoes_close_frame() {
    let server = DevServer::start().await.unwrap();
    for (sent, echo) in [
        (&b""[..], &b"\x88\x00"[..]),
        (b"\x03\xe8", b"\x88\x02\x03\xe8"),
        (b"\x03\xe8bye", b"\x88\x05\x03\xe8bye"),
    ] {
        let mut stream = raw(&server).await;
        stream.write_all(&masked(0x88, sent)).await.unwrap();
        assert_eq!(last_frame(&mut stream).await, echo);
    }
}

#[tokio::test]
async fn closes_cleanly_when_client_closes() {
    let server = DevServer::start().await.unwrap();
    let mut other = Socket::connect(&server).await;
    other
        .join("presence-room", PresenceMember::new("1").unwrap())
        .await;
    let mut socket = Socket::connect(&server).await;
    socket
        .join("presence-room", PresenceMember::new("2").unwrap())
        .await;
    other.expect("pusher_internal:member_added").await;
    socket.close().await;
    let left = other.expect("pusher_internal:member_removed").await;
    assert_eq!(left, json!({"user_id": "2"}));
}

#[tokio::test]
async fn protocol_violation_sets_close_code() {
    let server = DevServer::start().await.unwrap();
    for (sent, code) in [
        (masked(0x81, b"\xff"), 1007_u16),
        // A reserved opcode, a reserved bit, a stray continuation, a close frame of one byte.
        (masked(0x83, b""), 1002),
        (masked(0xc1, b"{}"), 1002),
        (masked(0x80, b"{}"), 1002),
        (masked(0x88, b"\x03"), 1002),
        // An unmasked frame.
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
async fn oversized_message_sets_close_code() {
    let server = DevServer::start().await.unwrap();
    let mut stream = raw(&server).await;
    let length: u64 = 17 * 1024 * 1024;
    let mut large = vec![0x81, 0x80 | 127];
    large.extend_from_slice(&length.to_be_bytes());
    large.resize(large.len() + 4 + usize::try_from(length).unwrap(), 0);
    // The client reads nothing until it has written the whole message.
    stream.write_all(&large).await.unwrap();
    assert_eq!(last_frame(&mut stream).await, b"\x88\x02\x03\xf1");
    // The server keeps running.
    Socket::connect(&server).await;
}
