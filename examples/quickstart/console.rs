//! The server side of the console.
//!
//! It serves the page, authorizes channels, reports the state of channels, and triggers events.

use axum::body::Bytes;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use pusher_dev_server::AllowedHosts;
use pusher_http::{
    ChannelAuth, ChannelAuthRequest, Error, EventData, Info, JsonText, PresenceMember, Pusher,
    SocketId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::hosts;

pub(crate) fn router(pusher: Pusher, allowed: AllowedHosts) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/config", get(config))
        .route("/state", post(state))
        .route("/trigger", post(trigger))
        .route("/pusher/auth", post(authorize))
        .with_state(pusher)
        .layer(from_fn_with_state(allowed, hosts::check))
}

async fn page() -> Html<&'static str> {
    Html(include_str!("index.html"))
}

/// Returns the URL that the page's WebSocket connects to.
async fn config(State(pusher): State<Pusher>) -> Json<Value> {
    let url = pusher.app().base_url();
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    // The hosted service has separate hosts for the API and the WebSocket; a self-hosted server
    // has one host for both.
    let host = url.host_str().unwrap_or_default();
    let host = match host.strip_prefix("api-") {
        Some(rest) if host.ends_with(".pusher.com") => format!("ws-{rest}"),
        _ => host.to_owned(),
    };
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let prefix = url.path().trim_end_matches('/');
    let key = pusher.app().credentials().key();
    Json(json!({
        "service": format!("{host}{port}"),
        "url": format!("{scheme}://{host}{port}{prefix}/app/{key}?protocol=7&client=quickstart&version=1.0"),
    }))
}

#[derive(Serialize)]
struct Channel {
    name: String,
    subscriptions: Option<u64>,
    users: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Asked {
    /// The page's own channels, separated by spaces, which names cannot contain.
    wanted: String,
}

#[derive(Serialize)]
struct Occupied {
    channels: Vec<Channel>,
    /// The number of other occupied channels, which are not listed.
    unlisted: usize,
}

/// How many channels are listed in addition to the page's own.
///
/// Each one takes a separate call.
const LISTED: usize = 50;

/// Returns the occupied channels, with the subscriber count or users of each.
async fn state(
    State(pusher): State<Pusher>,
    Form(asked): Form<Asked>,
) -> Result<Json<Occupied>, Failed> {
    let names = pusher.channels().await?.into_keys();
    let (own, mut others): (Vec<_>, Vec<_>) =
        names.partition(|name| asked.wanted.split(' ').any(|wanted| wanted == name));
    let unlisted = others.len().saturating_sub(LISTED);
    others.truncate(LISTED);
    let mut channels = Vec::new();
    for name in own.into_iter().chain(others) {
        let (subscriptions, users) = if name.starts_with("presence-") {
            let users = pusher.users(&name).await?.into_iter();
            (None, Some(users.map(|user| user.id).collect()))
        } else {
            let channel = pusher.channel(&name).info(Info::SUBSCRIPTION_COUNT);
            (channel.await?.subscription_count, None)
        };
        channels.push(Channel {
            name,
            subscriptions,
            users,
        });
    }
    Ok(Json(Occupied { channels, unlisted }))
}

#[derive(Deserialize)]
struct TriggerForm {
    channel: String,
    event: String,
    data: String,
    /// The page's own connection, if it should be excluded.
    socket_id: Option<SocketId>,
}

/// Triggers an event.
///
/// A page of another site cannot call this: for JSON, a browser sends a preflight request first,
/// and this server does not allow it.
async fn trigger(
    State(pusher): State<Pusher>,
    Json(form): Json<TriggerForm>,
) -> Result<(), Failed> {
    // JSON is sent unchanged; any other text becomes a JSON string.
    let data = match JsonText::new(form.data.as_str()) {
        Ok(_) => EventData::raw(form.data),
        Err(_) => EventData::json(&form.data)?,
    };
    pusher
        .trigger(form.channel, form.event, data)
        .exclude(form.socket_id)
        .await?;
    Ok(())
}

/// Authorizes every channel for everyone who can open the console.
///
/// By default, the console listens only on this machine. A real application decides here; see the
/// example `auth_server`.
async fn authorize(State(pusher): State<Pusher>, body: Bytes) -> Result<Json<ChannelAuth>, Failed> {
    let request = ChannelAuthRequest::from_form(&body)?;
    let name = format!("console {}", request.socket_id);
    let member = PresenceMember::new(&name)?.user_info(json!({"name": name}))?;
    Ok(Json(pusher.authorize(&request, member)?))
}

struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = match self.0 {
            Error::Invalid { .. } | Error::Limit { .. } | Error::Encryption { .. } => {
                StatusCode::BAD_REQUEST
            }
            _ => StatusCode::BAD_GATEWAY,
        };
        (status, self.0.to_string()).into_response()
    }
}
