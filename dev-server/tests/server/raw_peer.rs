//! A WebSocket client that writes, but does not read what it is sent.

use std::io;

use pusher_dev_server::{DevLimits, DevServer};
use pusher_http::{EventData, Limits};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};

use crate::client::Clients as _;
use crate::wire::{masked, shake_hands};

/// Together, these events exceed what the kernel buffers for a connection that does not read.
const EVENTS: usize = 12;
const BYTES: usize = 500_000;

/// Returns limits that allow the large events of [`overfill`].
pub(crate) fn roomy() -> DevLimits {
    DevLimits {
        api: Limits::default().event_data_bytes(BYTES),
        ..DevLimits::default()
    }
}

/// Triggers more than can be sent to a subscriber that does not read.
pub(crate) async fn overfill(server: &DevServer, channel: &str) {
    for _ in 0..EVENTS {
        let data = EventData::raw("x".repeat(BYTES));
        server.pusher().trigger(channel, "e", data).await.unwrap();
    }
}

pub(crate) struct RawPeer(TcpStream);

impl RawPeer {
    /// Connects to the first app, and subscribes to a public channel.
    ///
    /// Waits for the server's first message before it subscribes.
    pub(crate) async fn subscribed(server: &DevServer, channel: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // A small receive buffer, so that a few events fill it.
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(server.address()).await.unwrap();
        shake_hands(&mut stream, server).await;
        let mut peer = Self(stream);
        let data = json!({"channel": channel});
        peer.send(&json!({"event": "pusher:subscribe", "data": data}))
            .await;
        peer
    }

    /// Sends one text frame.
    pub(crate) async fn send(&mut self, frame: &Value) {
        let bytes = masked(0x81, frame.to_string().as_bytes());
        self.write(&bytes).await.unwrap();
    }

    /// Writes these bytes; an error means that the connection has ended.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await
    }
}
