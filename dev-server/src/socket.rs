//! One WebSocket connection: its handshake, its pings, and the queue between it and the hub.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt as _;
use serde_json::json;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{timeout, timeout_at};
use tungstenite::error::{Error as WireError, ProtocolError};

use super::commands;
use super::frame;
use super::hub::{Close, TOO_SLOW};
use super::settings::later;
use crate::app_state::AppState;
use pusher_http::SocketId;

/// How long writing a close may take, and how long the client may go on after it.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long a client that was sent a close may be silent before it is considered done.
const SILENCE: Duration = Duration::from_millis(100);

/// How a connection ended.
enum End {
    /// By a decision of the server.
    Ours(Close),
    /// By a close frame of the client, which requires a close frame in response.
    ///
    /// See [RFC 6455, 5.5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1).
    Theirs,
    /// By data that is not a valid WebSocket message, with this close code.
    ///
    /// See [RFC 6455, 7.4.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1).
    Broken(u16),
    /// By the loss of the connection: there is no client left to send a close to.
    Gone,
}

/// Serves one connection until either side ends it.
pub(super) async fn serve(mut socket: WebSocket, app: Result<Arc<AppState>, Close>) {
    let app = match app {
        Ok(app) => app,
        Err(close) => return refuse(&mut socket, close).await,
    };
    let waiting = app.settings.limits.waiting_messages;
    let close_timeout = app.settings.times.close_timeout;
    let (outbox, queue) = mpsc::channel(waiting.clamp(1, Semaphore::MAX_PERMITS));
    let (end, ended) = oneshot::channel();
    let connected = app.hub().connect(outbox, end);
    let socket_id = match connected {
        Ok(socket_id) => socket_id,
        Err(close) => return refuse(&mut socket, close).await,
    };
    // Also removes the connection from the hub when the server's runtime drops this task.
    let leaver = Leaver {
        app: app.clone(),
        socket_id: socket_id.clone(),
    };
    let connection = Connection {
        app,
        socket_id,
        queue,
    };
    let end = {
        let mut running = pin!(connection.run(&mut socket));
        tokio::select! {
            // Checked first: a connection that has lost a message gets nothing more from its queue.
            biased;
            Ok(close) = ended => {
                drop(leaver);
                if close != TOO_SLOW {
                    // Once the connection is out of the hub, its queue ends.
                    let _ = timeout(close_timeout, running).await;
                }
                End::Ours(close)
            }
            end = &mut running => {
                drop(leaver);
                end
            }
        }
    };
    match end {
        End::Ours(close) => refuse(&mut socket, close).await,
        End::Theirs => read_rest(&mut socket).await,
        End::Broken(code) => {
            let reason = Utf8Bytes::default();
            let frame = Message::Close(Some(CloseFrame { code, reason }));
            let _ = timeout(LAST_WORDS, socket.send(frame)).await;
        }
        End::Gone => {}
    }
}

struct Connection {
    app: Arc<AppState>,
    socket_id: SocketId,
    queue: mpsc::Receiver<Utf8Bytes>,
}

impl Connection {
    /// Runs until the connection ends, or is out of the hub and has been sent its whole queue.
    async fn run(mut self, socket: &mut WebSocket) -> End {
        let times = self.app.settings.times;
        let established = frame::protocol_event(
            "pusher:connection_established",
            None,
            &json!({
                "socket_id": self.socket_id,
                "activity_timeout": times.activity_timeout.as_secs(),
            }),
        );
        if let Err(end) = write(socket, established, times.write_timeout).await {
            return end;
        }

        let mut is_pinged = false;
        let mut silent_until = later(Instant::now(), times.activity_timeout);
        loop {
            let next = tokio::select! {
                next = timeout_at(silent_until.into(), socket.recv()) => next,
                queued = self.queue.recv() => {
                    let Some(message) = queued else { return End::Gone };
                    if let Err(end) = write(socket, message, times.write_timeout).await {
                        return end;
                    }
                    continue;
                }
            };
            match next {
                Ok(Some(Ok(message))) => {
                    is_pinged = false;
                    silent_until = later(Instant::now(), times.activity_timeout);
                    match message {
                        Message::Text(text) => {
                            commands::obey(&self.app, &self.socket_id, &text);
                        }
                        // tungstenite keeps the pong until it can be written, and reads on. Without
                        // a flush, the pongs of a client that does not read would pile up.
                        Message::Ping(_) => {
                            if let Err(end) = flush(socket, times.write_timeout).await {
                                return end;
                            }
                        }
                        Message::Close(_) => return End::Theirs,
                        _ => {}
                    }
                }
                Ok(Some(Err(error))) => return broken_by(error),
                Ok(None) => return End::Gone,
                Err(_) if is_pinged => {
                    let reason = "Pong reply not received";
                    return End::Ours(Close { code: 4201, reason });
                }
                Err(_) => {
                    is_pinged = true;
                    silent_until = later(Instant::now(), times.pong_timeout);
                    let ping = frame::text_event("pusher:ping", None, "{}");
                    if let Err(end) = write(socket, ping, times.write_timeout).await {
                        return end;
                    }
                }
            }
        }
    }
}

/// Writes a message. The error says how the connection ends.
async fn write(socket: &mut WebSocket, text: Utf8Bytes, within: Duration) -> Result<(), End> {
    in_time(within, socket.send(Message::Text(text))).await
}

/// Writes any remaining data. The error says how the connection ends.
async fn flush(socket: &mut WebSocket, within: Duration) -> Result<(), End> {
    in_time(within, socket.flush()).await
}

async fn in_time(
    within: Duration,
    writing: impl Future<Output = Result<(), axum::Error>>,
) -> Result<(), End> {
    match timeout(within, writing).await {
        Ok(written) => written.map_err(|_| End::Gone),
        // A connection that is blocked here is not pinged: a client that does not read is dead.
        Err(_) => Err(End::Ours(TOO_SLOW)),
    }
}

fn broken_by(error: axum::Error) -> End {
    match error.into_inner().downcast_ref::<WireError>() {
        Some(WireError::Utf8(_)) => End::Broken(1007),
        Some(WireError::Capacity(_)) => End::Broken(1009),
        Some(WireError::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => End::Gone,
        Some(WireError::Protocol(_)) => End::Broken(1002),
        _ => End::Gone,
    }
}

struct Leaver {
    app: Arc<AppState>,
    socket_id: SocketId,
}

impl Drop for Leaver {
    fn drop(&mut self) {
        self.app.hub().disconnect(&self.socket_id);
    }
}

/// Sends the reason as a `pusher:error` of the protocol, then as a WebSocket close frame.
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
    // A rejected client may not wait for these messages. If it did not take them, nothing more is
    // read from it, since reading would still respond to its pings.
    if timeout(LAST_WORDS, words).await.is_ok() {
        read_rest(socket).await;
    }
}

/// Completes the closing handshake.
///
/// Reading also writes the response to a close frame. Unread data would reset the connection, so
/// that the close frame could be lost on the way. Most clients respond at once; there is nothing to
/// wait for from those that are silent.
async fn read_rest(socket: &mut WebSocket) {
    let rest = async { while let Ok(Some(Ok(_))) = timeout(SILENCE, socket.recv()).await {} };
    let _ = timeout(LAST_WORDS, rest).await;
}
