//! One WebSocket: the handshake, the pings, and the queue between it and the hub.

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

/// How long the words of a close may take, and how long the client may go on after them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// After how long a client that was told of its end has nothing more to say.
const SILENCE: Duration = Duration::from_millis(100);

/// How a connection ended.
enum End {
    /// By the server's decision.
    Ours(Close),
    /// By a close frame of the client, which is owed an answer
    /// ([RFC 6455, 5.5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1)).
    Theirs,
    /// By what is no WebSocket; a code of
    /// [RFC 6455, 7.4.1](https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1).
    Broken(u16),
    /// By itself: there is nobody to say anything to.
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
    let end = {
        let mut running = pin!(connection.run(&mut socket));
        tokio::select! {
            // Nothing more is taken from the queue of a connection that has lost a message.
            biased;
            Ok(close) = ended => {
                drop(leaver);
                if close != TOO_SLOW {
                    // Out of the hub, its queue has an end.
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
    /// Runs until the connection ends, or has been taken out of the hub and is up to date.
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
                        // tungstenite keeps the pong until it can be written, and reads on: the
                        // pongs of a client that does not read would pile up.
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

/// Writes a message. An error is how the connection ends.
async fn write(socket: &mut WebSocket, text: Utf8Bytes, within: Duration) -> Result<(), End> {
    in_time(within, socket.send(Message::Text(text))).await
}

/// Writes what is left to be written. An error is how the connection ends.
async fn flush(socket: &mut WebSocket, within: Duration) -> Result<(), End> {
    in_time(within, socket.flush()).await
}

async fn in_time(
    within: Duration,
    writing: impl Future<Output = Result<(), axum::Error>>,
) -> Result<(), End> {
    match timeout(within, writing).await {
        Ok(written) => written.map_err(|_| End::Gone),
        // While it is blocked here, it is not pinged either: whoever does not read is dead.
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
    // Whoever is refused may not wait to hear it. A client that has not taken it is not read any
    // further, since pings would still be answered.
    if timeout(LAST_WORDS, words).await.is_ok() {
        read_rest(socket).await;
    }
}

/// Ends the closing handshake: reading is also what writes the answer to a close frame, and what is
/// left unread would reset the connection, so that the last words could be lost on the way. Most
/// clients answer at once; of those that are silent there is nothing to wait for.
async fn read_rest(socket: &mut WebSocket) {
    let rest = async { while let Ok(Some(Ok(_))) = timeout(SILENCE, socket.recv()).await {} };
    let _ = timeout(LAST_WORDS, rest).await;
}
