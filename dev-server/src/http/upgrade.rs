//! `GET /app/{key}`: the upgrade to a WebSocket.

use axum::extract::{FromRequestParts, Request, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};

use super::query::parameter;
use crate::abort::Abort;
use crate::hub::Close;
use crate::{Shared, socket};

/// The size of a connection's read buffer, in bytes.
///
/// Clients send little. With the default of 128 KiB, these buffers would be most of the memory of a
/// thousand idle connections.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Upgrades a request to a WebSocket connection.
///
/// A connection is rejected only after the upgrade, with a close code.
pub(super) async fn upgrade(
    shared: &Shared,
    abort: &Abort,
    key: &str,
    request: Request,
) -> Response {
    let protocol = parameter(request.uri().query().unwrap_or_default(), "protocol");
    let app = shared
        .apps
        .iter()
        .find(|app| {
            app.app
                .all_credentials()
                .iter()
                .any(|token| token.key() == key)
        })
        .cloned()
        .ok_or(Close {
            code: 4001,
            reason: "Application does not exist",
        });
    let app = match protocol.as_deref() {
        Some("5" | "6" | "7") => app,
        Some(version) if version.parse::<u32>().is_err() => Err(Close {
            code: 4006,
            reason: "Invalid version string format",
        }),
        Some(_) => Err(Close {
            code: 4007,
            reason: "Unsupported protocol version",
        }),
        None => Err(Close {
            code: 4008,
            reason: "No protocol version supplied",
        }),
    };
    match WebSocketUpgrade::from_request_parts(&mut request.into_parts().0, &()).await {
        Ok(upgrade) => {
            abort.becomes_websocket();
            upgrade
                .read_buffer_size(READ_BUFFER_BYTES)
                .on_upgrade(move |socket| socket::serve(socket, app))
        }
        Err(rejection) => rejection.into_response(),
    }
}
