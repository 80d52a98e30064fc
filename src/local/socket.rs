//! One WebSocket: the handshake, the pings, and the queue between it and the hub.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::app::LocalAppState;
use super::commands;
use super::frame;
use super::hub::Close;
use crate::socket_id::SocketId;

/// How long a close frame, or a message to a connection that no longer reads, may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves one connection until either side ends it.
pub(super) async fn serve(mut socket: WebSocket, app: Result<Arc<LocalAppState>, Close>) {
    let app = match app {
        Ok(app) => app,
        Err(close) => return refuse(&mut socket, close).await,
    };
    let (outbox, queue) = mpsc::channel(app.settings.limits.waiting_messages);
    let (end, ended) = oneshot::channel();
    let connected = app.hub().connect(outbox, end);
    let socket_id = match connected {
        Ok(socket_id) => socket_id,
        Err(close) => return refuse(&mut socket, close).await,
    };
    // Also taken out of the hub when the server's runtime drops this task.
    let leaver = Leaver {
        app: app.clone(),
        socket_id: socket_id.clone(),
    };
    let connection = Connection {
        app,
        socket_id,
        queue,
    };
    let close = tokio::select! {
        close = connection.run(&mut socket) => close,
        Ok(close) = ended => Some(close),
    };
    drop(leaver);
    if let Some(close) = close {
        refuse(&mut socket, close).await;
    }
}

struct Connection {
    app: Arc<LocalAppState>,
    socket_id: SocketId,
    queue: mpsc::Receiver<Utf8Bytes>,
}

impl Connection {
    /// Gives how to close, or nothing when the client has gone.
    async fn run(mut self, socket: &mut WebSocket) -> Option<Close> {
        let times = self.app.settings.times;
        let established = frame::protocol_event(
            "pusher:connection_established",
            None,
            &json!({
                "socket_id": self.socket_id,
                "activity_timeout": times.activity_timeout.as_secs(),
            }),
        );
        socket.send(Message::Text(established)).await.ok()?;

        let mut is_pinged = false;
        let mut silent_until = Instant::now() + times.activity_timeout;
        loop {
            let next = tokio::select! {
                next = timeout_at(silent_until, socket.recv()) => next,
                Some(message) = self.queue.recv() => {
                    socket.send(Message::Text(message)).await.ok()?;
                    continue;
                }
            };
            match next {
                Ok(Some(Ok(message))) => {
                    is_pinged = false;
                    silent_until = Instant::now() + times.activity_timeout;
                    match message {
                        Message::Text(text) => {
                            commands::obey(&self.app, &self.socket_id, &text);
                        }
                        Message::Close(_) => return None,
                        _ => {}
                    }
                }
                Ok(_) => return None,
                Err(_) if is_pinged => {
                    let reason = "Pong reply not received";
                    return Some(Close { code: 4201, reason });
                }
                Err(_) => {
                    is_pinged = true;
                    silent_until = Instant::now() + times.pong_timeout;
                    let ping = frame::text_event("pusher:ping", None, "{}");
                    socket.send(Message::Text(ping)).await.ok()?;
                }
            }
        }
    }
}

struct Leaver {
    app: Arc<LocalAppState>,
    socket_id: SocketId,
}

impl Drop for Leaver {
    fn drop(&mut self) {
        self.app.hub().disconnect(&self.socket_id);
        self.app.tell_webhooks();
    }
}

/// Says why in the protocol's own words, then in the WebSocket's.
async fn refuse(socket: &mut WebSocket, close: Close) {
    let error = frame::error(Some(close.code), close.reason);
    let frame = CloseFrame {
        code: close.code,
        reason: close.reason.into(),
    };
    for message in [Message::Text(error), Message::Close(Some(frame))] {
        // Whoever is refused may not wait to hear it.
        let _ = timeout(LAST_WORDS, socket.send(message)).await;
    }
    // What is left unread would reset the connection, and the words could be lost on the way.
    let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
    let _ = timeout(LAST_WORDS, rest).await;
}
