//! `GET /app/{key}`: the way to a WebSocket.

use axum::extract::{FromRequestParts, Request, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};

use super::query::parameter;
use crate::abort::Abort;
use crate::hub::Close;
use crate::{Shared, socket};

/// Clients write little; the default of 128 KiB is most of what a thousand idle sockets hold.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Whatever refuses a connection is said on it, in close codes, once it is upgraded.
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
