//! A WebSocket client in bytes, which writes and never reads what it is sent.

use pusher_http::local::{LocalLimits, LocalServer};
use pusher_http::{EventData, Limits};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Together more than the kernel holds for a connection that does not read.
const EVENTS: usize = 12;
const BYTES: usize = 500_000;

/// Lets events be as large as [`overfill`] has them.
pub(crate) fn roomy() -> LocalLimits {
    LocalLimits {
        api: Limits {
            event_data_bytes: BYTES,
            ..Limits::default()
        },
        ..LocalLimits::default()
    }
}

/// Triggers more than a subscriber can be sent that does not read.
pub(crate) async fn overfill(server: &LocalServer, channel: &str) {
    for _ in 0..EVENTS {
        let data = EventData::raw("x".repeat(BYTES));
        server.pusher().trigger(channel, "e", data).await.unwrap();
    }
}

pub(crate) struct RawPeer(TcpStream);

impl RawPeer {
    /// Connects to the first app, and subscribes to a public channel once the server says hello.
    pub(crate) async fn subscribed(server: &LocalServer, channel: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // What is not read has little room, so that few events are too many.
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(server.address()).await.unwrap();
        let request = format!(
            "GET /app/{}?protocol=7 HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            server.app().token().key(),
            server.address(),
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}\"}") {
            answer.push(stream.read_u8().await.unwrap());
        }
        assert!(answer.starts_with(b"HTTP/1.1 101 "));
        let mut peer = Self(stream);
        let data = json!({"channel": channel});
        peer.send(&json!({"event": "pusher:subscribe", "data": data}))
            .await;
        peer
    }

    /// Sends one text frame, masked with zeros.
    pub(crate) async fn send(&mut self, frame: &Value) {
        let text = frame.to_string();
        let length = u8::try_from(text.len()).ok().filter(|length| *length < 126);
        let mut bytes = vec![0x81, 0x80 | length.expect("a short frame"), 0, 0, 0, 0];
        bytes.extend(text.as_bytes());
        self.0.write_all(&bytes).await.unwrap();
    }
}
