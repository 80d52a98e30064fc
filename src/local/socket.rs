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
use super::hub::{Close, TOO_SLOW};
use crate::socket_id::SocketId;

/// How long the words of a close may take, and how long the client may go on after them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// After how long a client that was told of its end has nothing more to say.
const SILENCE: Duration = Duration::from_millis(100);

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
        if let Err(ended) = write(socket, established, times.write_timeout).await {
            return ended;
        }

        let mut is_pinged = false;
        let mut silent_until = Instant::now() + times.activity_timeout;
        loop {
            let next = tokio::select! {
                next = timeout_at(silent_until, socket.recv()) => next,
                Some(message) = self.queue.recv() => {
                    if let Err(ended) = write(socket, message, times.write_timeout).await {
                        return ended;
                    }
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
                    if let Err(ended) = write(socket, ping, times.write_timeout).await {
                        return ended;
                    }
                }
            }
        }
    }
}

/// Writes a message. An error is how to close, or nothing when the client has gone.
async fn write(
    socket: &mut WebSocket,
    text: Utf8Bytes,
    within: Duration,
) -> Result<(), Option<Close>> {
    match timeout(within, socket.send(Message::Text(text))).await {
        Ok(sent) => sent.map_err(|_| None),
        // While it is blocked here, it is not pinged either: whoever does not read is dead.
        Err(_) => Err(Some(TOO_SLOW)),
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
    let words = async {
        socket.send(Message::Text(error)).await?;
        socket.send(Message::Close(Some(frame))).await
    };
    // Whoever is refused may not wait to hear it.
    let _ = timeout(LAST_WORDS, words).await;
    // What is left unread would reset the connection, and the words could be lost on the way.
    // Most clients answer at once; of those that are silent there is nothing to wait for.
    let rest = async { while let Ok(Some(Ok(_))) = timeout(SILENCE, socket.recv()).await {} };
    let _ = timeout(LAST_WORDS, rest).await;
}
