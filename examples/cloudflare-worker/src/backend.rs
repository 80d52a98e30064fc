//! What all requests share, made of the Worker's variables and secrets.

use std::sync::OnceLock;
use std::time::Duration;

use pusher_http::{Builder, Pusher};
use worker::Env;

use crate::session::Sessions;

pub struct Backend {
    pub pusher: Pusher,
    pub sessions: Sessions,
}

impl Backend {
    /// It is made by the isolate's first request and serves all of them: the client keeps nothing
    /// of the request in which it sends.
    pub fn of(env: &Env) -> worker::Result<&'static Self> {
        static BACKEND: OnceLock<Backend> = OnceLock::new();
        if let Some(backend) = BACKEND.get() {
            return Ok(backend);
        }
        let session_secret = env.secret("SESSION_SECRET")?.to_string();
        if session_secret.is_empty() {
            // Anybody could sign with it.
            return Err(worker::Error::from("SESSION_SECRET is empty"));
        }
        let backend = Self {
            pusher: pusher(env).map_err(|error| worker::Error::RustError(error.to_string()))?,
            sessions: Sessions::new(session_secret),
        };
        Ok(BACKEND.get_or_init(|| backend))
    }
}

/// `PUSHER_URL`, or `PUSHER_APP_ID`, `_KEY`, `_SECRET`, `_CLUSTER` and so on. A Worker has no
/// process environment, so they come from its bindings.
fn pusher(env: &Env) -> Result<Pusher, pusher_http::Error> {
    Builder::from_vars(|name| env.var(name).ok().map(|value| value.to_string()))?
        // Somebody waits for the handler's answer meanwhile.
        .timeout(Duration::from_secs(2))
        .deadline(Duration::from_secs(3))
        .build()
}
