//! `GET /channels`, `GET /channels/{channel}` and `GET /channels/{channel}/users`.

use serde_json::{Map, Value, json};

use super::query::parameter;
use super::refusal::Refusal;
use crate::app_state::AppState;
use pusher_http::{ChannelKind, ChannelName};

pub(super) fn list(app: &AppState, query: &str) -> Result<String, Refusal> {
    let prefix = parameter(query, "filter_by_prefix").unwrap_or_default();
    let info = parameter(query, "info").unwrap_or_default();
    let wants_users = attributes(&info).any(|attribute| attribute == "user_count");
    if let Some(unknown) = attributes(&info).find(|attribute| *attribute != "user_count") {
        return Err(Refusal::bad_request(format!("Unknown attribute {unknown}")));
    }
    if wants_users && !prefix.starts_with("presence-") {
        let words = "user_count may only be requested for presence channels - please supply \
                     filter_by_prefix beginning with presence-";
        return Err(Refusal::bad_request(words));
    }
    let hub = app.hub();
    let channels: Map<_, _> = hub
        .occupied(&prefix)
        .filter(|channel| !channel.starts_with('#'))
        .map(|channel| {
            let state = if wants_users {
                json!({"user_count": hub.counts(channel).users})
            } else {
                json!({})
            };
            (channel.to_owned(), state)
        })
        .collect();
    Ok(json!({"channels": channels}).to_string())
}

pub(super) fn state(app: &AppState, channel: &str, query: &str) -> Result<String, Refusal> {
    let name = checked(app, channel)?;
    let is_presence = name.kind() == ChannelKind::Presence;
    let hub = app.hub();
    let counts = hub.counts(channel);
    let mut state = json!({"occupied": counts.subscriptions > 0});
    let info = parameter(query, "info").unwrap_or_default();
    for attribute in attributes(&info) {
        state[attribute] = match attribute {
            "user_count" if is_presence => json!(counts.users),
            "subscription_count" if !is_presence => json!(counts.subscriptions),
            "cache" if name.is_cache() => hub
                .cached(channel)
                .map_or(Value::Null, |(data, ttl)| json!({"data": data, "ttl": ttl})),
            _ => {
                let words = format!("Cannot retrieve {attribute} of the channel {channel}");
                return Err(Refusal::bad_request(words));
            }
        };
    }
    Ok(state.to_string())
}

pub(super) fn users(app: &AppState, channel: &str) -> Result<String, Refusal> {
    if checked(app, channel)?.kind() != ChannelKind::Presence {
        let words = "Users can only be retrieved for presence channels";
        return Err(Refusal::bad_request(words));
    }
    let users: Vec<_> = app
        .hub()
        .user_ids(channel)
        .into_iter()
        .map(|id| json!({"id": id}))
        .collect();
    Ok(json!({"users": users}).to_string())
}

fn checked(app: &AppState, channel: &str) -> Result<ChannelName, Refusal> {
    let limits = &app.settings.limits.api;
    ChannelName::new(channel)
        .and_then(|name| name.check_limits(limits).map(|()| name))
        .map_err(|_| Refusal::bad_request(format!("Invalid channel name: {channel}")))
}

fn attributes(info: &str) -> impl Iterator<Item = &str> {
    info.split(',').filter(|attribute| !attribute.is_empty())
}
