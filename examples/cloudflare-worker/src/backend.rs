//! The state that all requests share, built from the Worker's variables and secrets.

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
    /// Returns the isolate's backend, which the first request creates.
    ///
    /// All requests can share it, because the client keeps nothing of the request in which it
    /// sends.
    pub fn of(env: &Env) -> worker::Result<&'static Self> {
        static BACKEND: OnceLock<Backend> = OnceLock::new();
        if let Some(backend) = BACKEND.get() {
            return Ok(backend);
        }
        let session_secret = env.secret("SESSION_SECRET")?.to_string();
        if session_secret.is_empty() {
            // Anyone could sign sessions with an empty secret.
            return Err(worker::Error::from("SESSION_SECRET is empty"));
        }
        let backend = Self {
            pusher: pusher(env).map_err(|error| worker::Error::RustError(error.to_string()))?,
            sessions: Sessions::new(session_secret),
        };
        Ok(BACKEND.get_or_init(|| backend))
    }
}

/// Builds the client from variables.
///
/// They are `PUSHER_URL`, or `PUSHER_APP_ID`, `_KEY`, `_SECRET`, `_CLUSTER` and so on. A Worker has
/// no process environment, so they come from its bindings.
fn pusher(env: &Env) -> Result<Pusher, pusher_http::Error> {
    Builder::from_vars(|name| env.var(name).ok().map(|value| value.to_string()))?
        // A user is waiting for the handler's response.
        .timeout(Duration::from_secs(2))
        .deadline(Duration::from_secs(3))
        .build()
}
