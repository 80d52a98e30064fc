//! A WebSocket client in bytes, which writes and never reads what it is sent.

use pusher_http::local::LocalServer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

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
