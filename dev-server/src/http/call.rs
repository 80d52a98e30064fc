//! A call of the API: how its path is routed, and how its response is produced.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};

use super::refusal::Refusal;
use super::{channels, events};
use crate::Shared;
use crate::app_state::AppState;
use pusher_http::api::verify;

/// A path of the API.
pub(super) struct ApiPath {
    /// The path as it is signed, without the path prefix.
    pub(super) whole: String,
    pub(super) app_id: String,
    endpoint: String,
}

impl ApiPath {
    pub(super) fn new(path: &str) -> Option<Self> {
        let (app_id, endpoint) = path.strip_prefix("/apps/")?.split_once('/')?;
        Some(Self {
            whole: path.to_owned(),
            app_id: app_id.to_owned(),
            endpoint: endpoint.to_owned(),
        })
    }
}

/// A call that has been read and has no response yet.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: ApiPath,
    pub(super) query: String,
    pub(super) body: Bytes,
}

impl Call {
    /// Executes the call if its signature is valid, and returns the response's JSON.
    pub(super) fn answer(&self, shared: &Shared, now: u64) -> Result<String, Refusal> {
        let app_id = &self.path.app_id;
        let app = shared
            .apps
            .iter()
            .find(|app| app.app.id() == *app_id)
            .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, format!("Unknown app {app_id}")))?;
        verify(
            app.app.all_credentials(),
            &self.method,
            &self.path.whole,
            &self.query,
            &self.body,
            now,
        )
        .map_err(|refused| Refusal::unauthorized(&refused, &self.query))?;
        self.route(app)
    }

    fn route(&self, app: &Arc<AppState>) -> Result<String, Refusal> {
        let segments: Vec<_> = self.path.endpoint.split('/').collect();
        match (self.method.as_str(), segments.as_slice()) {
            ("POST", ["events"]) => events::trigger(app, &self.body),
            ("POST", ["batch_events"]) => events::trigger_batch(app, &self.body),
            ("GET", ["channels"]) => channels::list(app, &self.query),
            ("GET", ["channels", channel]) => channels::state(app, &decoded(channel)?, &self.query),
            ("GET", ["channels", channel, "users"]) => channels::users(app, &decoded(channel)?),
            ("POST", ["users", user_id, "terminate_connections"]) => {
                app.hub().terminate(&decoded(user_id)?);
                Ok("{}".to_owned())
            }
            _ => Err(Refusal::new(StatusCode::NOT_FOUND, "Not found")),
        }
    }
}

fn decoded(segment: &str) -> Result<String, Refusal> {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| Refusal::bad_request("The path is not UTF-8"))
}
