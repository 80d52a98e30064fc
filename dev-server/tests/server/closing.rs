//! How a connection ends that its client ends, byte by byte: by a close frame, which is owed an
//! answer, or by what is no WebSocket.

use pusher_dev_server::DevServer;
use pusher_http::PresenceMember;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::socket::Socket;
use crate::wire::{DEADLINE, masked, shake_hands};

/// A connection whose handshake is done and whose first message has been read.
async fn raw(server: &DevServer) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    shake_hands(&mut stream, server).await;
    stream
}

/// The close frame that is all that is left to read, byte by byte.
async fn last_frame(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let reading = stream.read_to_end(&mut rest);
    timeout(DEADLINE, reading).await.unwrap().unwrap();
    rest
}

#[tokio::test]
async fn a_close_frame_is_answered_by_the_same() {
    let server = DevServer::start().await.unwrap();
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
async fn what_is_no_websocket_is_named_by_the_close_code() {
    let server = DevServer::start().await.unwrap();
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
    let server = DevServer::start().await.unwrap();
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
