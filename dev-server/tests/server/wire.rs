//! A WebSocket at the byte level, to send or leave unread what no library would.

use std::time::Duration;

use pusher_dev_server::DevServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Only a broken server reaches this deadline.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Completes the handshake with the first app, and reads the server's first message.
pub(crate) async fn shake_hands(stream: &mut TcpStream, server: &DevServer) {
    let request = format!(
        "GET /app/{}?protocol=7 HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.app().credentials().key(),
        server.address(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "));
    let (opcode, established) = frame(stream).await;
    assert_eq!(opcode, 0x81);
    assert!(established.starts_with(br#"{"event":"pusher:connection_established""#));
}

/// Returns the first byte and the payload of the next frame.
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

/// Returns a short frame with an all-zero mask, so that its payload is unchanged.
pub(crate) fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 126, "longer ones have another head");
    let length = 0x80 | u8::try_from(payload.len()).unwrap();
    let mut bytes = vec![opcode, length, 0, 0, 0, 0];
    bytes.extend_from_slice(payload);
    bytes
}
