//! `POST /pusher/auth`: pusher-js requests authorization for a channel.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use pusher_http::{ChannelAuthRequest, ChannelKind, ChannelName, Error, PresenceMember};

use crate::backend::Backend;
use crate::{json, status};

/// The channel of all signed-in users.
pub const LOBBY: &str = "presence-lobby";

pub fn authorize(backend: &Backend, headers: &HeaderMap, body: &Bytes) -> Response<String> {
    let Some(user) = backend.sessions.user(headers) else {
        return status(StatusCode::FORBIDDEN);
    };
    let Ok(request) = ChannelAuthRequest::from_form(body) else {
        return status(StatusCode::BAD_REQUEST);
    };
    if !may_join(user, &request.channel_name) {
        return status(StatusCode::FORBIDDEN);
    }
    match token(backend, user, &request) {
        Ok(token) => json(StatusCode::OK, token),
        Err(error) => {
            worker::console_error!("{} for {user}: {error}", request.channel_name);
            status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// Returns whether the user may join: users may join their own channels and the lobby.
fn may_join(user: &str, channel: &ChannelName) -> bool {
    match channel.kind() {
        ChannelKind::Private | ChannelKind::Encrypted => channel.without_prefixes() == user,
        _ => *channel == LOBBY,
    }
}

fn token(backend: &Backend, user: &str, request: &ChannelAuthRequest) -> Result<String, Error> {
    let member = PresenceMember::new(user)?;
    Ok(backend.pusher.authorize(request, member)?.to_json())
}
