//! Handles the messages that a client sends on its connection, and checks their signatures.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::clip::clipped;
use super::frame::{self, ClientFrame};
use super::hub::{Member, SignedIn};
use super::json::{self, Id};
use crate::app_state::AppState;
use pusher_http::SocketId;
use pusher_http::UserId;
use pusher_http::{ChannelKind, ChannelName};

#[derive(Deserialize)]
struct Subscribe {
    channel: String,
    #[serde(default)]
    auth: Option<String>,
    #[serde(default)]
    channel_data: Option<String>,
}

#[derive(Deserialize)]
struct Unsubscribe {
    channel: String,
}

#[derive(Deserialize)]
struct SignIn {
    auth: String,
    user_data: String,
}

#[derive(Deserialize)]
struct User {
    id: Id,
    #[serde(default)]
    watchlist: Vec<Id>,
}

/// The `pusher:error` to send for a rejected message.
struct Refusal {
    code: Option<u16>,
    words: String,
}

impl Refusal {
    fn new(words: impl Into<String>) -> Self {
        Self {
            code: None,
            words: words.into(),
        }
    }
}

/// Handles a client's message. A rejected message gets a `pusher:error` in response.
pub(super) fn obey(app: &AppState, socket_id: &SocketId, text: &str) {
    let done = match json::object::<ClientFrame<'_>>(text.as_bytes()) {
        Ok(message) => obey_frame(app, socket_id, message),
        Err(_) => Err(Refusal::new("The message is not an event in JSON")),
    };
    if let Err(refusal) = done {
        let error = frame::error(refusal.code, &clipped(refusal.words));
        app.hub().send(socket_id, error);
    }
}

fn obey_frame(
    app: &AppState,
    socket_id: &SocketId,
    message: ClientFrame<'_>,
) -> Result<(), Refusal> {
    match message.event.as_str() {
        "pusher:ping" => {
            let pong = frame::text_event("pusher:pong", None, "{}");
            app.hub().send(socket_id, pong);
            Ok(())
        }
        "pusher:pong" => Ok(()),
        "pusher:subscribe" => subscribe(app, socket_id, data_of(&message)?),
        "pusher:unsubscribe" => {
            let Unsubscribe { channel } = data_of(&message)?;
            app.hub().unsubscribe(socket_id, &channel);
            Ok(())
        }
        "pusher:signin" => sign_in(app, socket_id, &data_of(&message)?),
        event if event.starts_with("client-") => {
            let channel = message
                .channel
                .ok_or_else(|| Refusal::new("A client event needs a channel"))?;
            app.hub()
                .client_event(socket_id, &channel, event, message.data)
                .map_err(|(code, words)| Refusal { code, words })
        }
        event => Err(Refusal::new(format!("Unknown event {event:?}"))),
    }
}

/// Parses a message's data, which some clients write as a JSON string.
fn data_of<T: DeserializeOwned>(message: &ClientFrame<'_>) -> Result<T, Refusal> {
    let text = message.data.map(json::text_of).unwrap_or_default();
    json::object(text.as_bytes()).map_err(|error| {
        Refusal::new(format!(
            "The data of {} is malformed: {error}",
            message.event
        ))
    })
}

fn subscribe(app: &AppState, socket_id: &SocketId, asked: Subscribe) -> Result<(), Refusal> {
    let Subscribe {
        channel,
        auth,
        channel_data,
    } = asked;
    if let Some(user_id) = channel.strip_prefix("#server-to-user-") {
        if !app.hub().is_signed_in(socket_id, user_id) {
            return Err(Refusal::new(format!(
                "Not signed in as the user of {channel}"
            )));
        }
        return app
            .hub()
            .subscribe(socket_id, &channel, None)
            .map_err(Refusal::new);
    }
    let limits = &app.settings.limits.api;
    let name = ChannelName::new(channel.as_str())
        .and_then(|name| name.check_limits(limits).map(|()| name))
        .map_err(|error| Refusal::new(format!("Invalid channel name: {error}")))?;
    if name.kind() != ChannelKind::Public {
        let mut signed = format!("{socket_id}:{channel}");
        // On other channels, data that is signed could be part of another channel's name.
        if name.kind() == ChannelKind::Presence
            && let Some(data) = &channel_data
        {
            signed.push(':');
            signed.push_str(data);
        }
        check_auth(app, &signed, auth.as_deref().unwrap_or_default())?;
    }
    let member = match name.kind() {
        ChannelKind::Presence => Some(member_of(app, channel_data.as_deref())?),
        _ => None,
    };
    app.hub()
        .subscribe(socket_id, &channel, member)
        .map_err(Refusal::new)
}

fn member_of(app: &AppState, channel_data: Option<&str>) -> Result<Member, Refusal> {
    let data = channel_data
        .ok_or_else(|| Refusal::new("channel_data is required for presence channels"))?;
    let limit = app.settings.limits.api.presence_member_bytes;
    if data.len() > limit {
        let words = format!("The presence member has {} bytes, over {limit}", data.len());
        return Err(Refusal::new(words));
    }
    let refused = |error: String| Refusal::new(format!("Invalid channel_data: {error}"));
    let member: Member =
        json::object(data.as_bytes()).map_err(|error| refused(error.to_string()))?;
    UserId::new(member.user_id.0.as_str()).map_err(|error| refused(error.to_string()))?;
    Ok(member)
}

fn sign_in(app: &AppState, socket_id: &SocketId, asked: &SignIn) -> Result<(), Refusal> {
    let refused = |words: String| Refusal {
        code: Some(4009),
        words,
    };
    let signed = format!("{socket_id}::user::{}", asked.user_data);
    check_auth(app, &signed, &asked.auth).map_err(|refusal| refused(refusal.words))?;
    let user = user_of(app, &asked.user_data)
        .map_err(|error| refused(format!("Invalid user_data: {error}")))?;
    app.hub()
        .sign_in(socket_id, &user, &asked.user_data)
        .map_err(|words| refused(words.to_owned()))
}

fn user_of(app: &AppState, user_data: &str) -> Result<SignedIn, String> {
    let user: User = json::object(user_data.as_bytes()).map_err(|error| error.to_string())?;
    let limits = &app.settings.limits.api;
    let limit = limits.watchlist_ids;
    if user.watchlist.len() > limit {
        let count = user.watchlist.len();
        return Err(format!("the watchlist has {count} ids, over {limit}"));
    }
    let watched = user.watchlist.iter().map(|Id(id)| id);
    for id in watched.chain([&user.id.0]) {
        UserId::new(id.as_str())
            .and_then(|id| id.check_limits(limits))
            .map_err(|error| error.to_string())?;
    }
    Ok(SignedIn {
        id: user.id.0,
        watchlist: user.watchlist.into_iter().map(|Id(id)| id).collect(),
    })
}

/// Checks an auth signature of the form `key:signature`.
///
/// A wrong one is rejected with the hosted service's message.
fn check_auth(app: &AppState, signed: &str, auth: &str) -> Result<(), Refusal> {
    let (key, signature) = auth.split_once(':').unwrap_or_default();
    let is_right = app
        .app
        .all_credentials()
        .iter()
        .any(|one| one.key() == key && one.verify(&[signed], signature));
    if is_right {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "Invalid signature: Expected HMAC SHA256 hex digest of {signed}, but got {signature}"
    )))
}
