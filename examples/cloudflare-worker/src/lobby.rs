//! `GET /lobby`: the users in the lobby.

use http::{HeaderMap, Response, StatusCode};
use worker::console_error;

use crate::auth::LOBBY;
use crate::backend::Backend;
use crate::{json, status};

pub async fn list(backend: &Backend, headers: &HeaderMap) -> Response<String> {
    if backend.sessions.user(headers).is_none() {
        return status(StatusCode::FORBIDDEN);
    }
    match backend.pusher.users(LOBBY).await {
        Ok(users) => {
            let users: Vec<_> = users.iter().map(|user| user.id.as_str()).collect();
            let answer = serde_json::json!({"users": users});
            json(StatusCode::OK, answer.to_string())
        }
        Err(error) => {
            console_error!("lobby: {error}");
            status(StatusCode::BAD_GATEWAY)
        }
    }
}
