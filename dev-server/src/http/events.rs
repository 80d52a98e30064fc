//! `POST /events` and `POST /batch_events`.

use std::collections::HashSet;

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use crate::app_state::AppState;
use crate::record::RecordedEvent;
use pusher_http::EventName;
use pusher_http::SocketId;
use pusher_http::{ChannelKind, ChannelName};

#[derive(Deserialize)]
struct Trigger {
    name: String,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    channels: Option<Vec<String>>,
    data: String,
    #[serde(default)]
    socket_id: Option<SocketId>,
    #[serde(default)]
    info: Option<String>,
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    batch: Vec<&'a RawValue>,
}

pub(super) fn trigger(app: &AppState, body: &[u8]) -> Result<String, Refusal> {
    let trigger: Trigger = parsed(body)?;
    let mut channels = check(app, &trigger)?;
    let limit = app.settings.limits.api.channels_per_trigger;
    if channels.len() > limit {
        let words = format!("Cannot trigger to more than {limit} channels");
        return Err(Refusal::bad_request(words));
    }
    // The API reference speaks of unique channels, so duplicates are removed.
    let mut named = HashSet::new();
    channels.retain(|channel| named.insert(channel.clone()));
    deliver(app, &trigger, &channels);
    let Some(info) = &trigger.info else {
        return Ok("{}".to_owned());
    };
    let counts: Map<_, _> = channels
        .iter()
        .map(|channel| (channel.clone(), counts(app, channel, info)))
        .collect();
    Ok(json!({"channels": counts}).to_string())
}

pub(super) fn trigger_batch(app: &AppState, body: &[u8]) -> Result<String, Refusal> {
    let Batch { batch } = parsed(body)?;
    let limit = app.settings.limits.api.events_per_batch;
    if batch.len() > limit {
        let words = format!("Batch too large ({} > {limit})", batch.len());
        return Err(Refusal::bad_request(words));
    }
    let batch: Vec<Trigger> = batch
        .into_iter()
        .map(|event| parsed(event.get().as_bytes()))
        .collect::<Result<_, _>>()?;
    // An event of a batch has one channel. A list of channels would get around the limits of both
    // batches and triggers.
    if batch.iter().any(|trigger| trigger.channels.is_some()) {
        let words = "An event of a batch has a channel, and no channels";
        return Err(Refusal::bad_request(words));
    }
    let checked: Vec<_> = batch
        .iter()
        .map(|trigger| check(app, trigger))
        .collect::<Result<_, _>>()?;
    for (trigger, channels) in batch.iter().zip(&checked) {
        deliver(app, trigger, channels);
    }
    if batch.iter().all(|trigger| trigger.info.is_none()) {
        return Ok("{}".to_owned());
    }
    let counts: Vec<_> = batch
        .iter()
        .zip(&checked)
        .map(
            |(trigger, channels)| match (&trigger.info, channels.first()) {
                (Some(info), Some(channel)) => counts(app, channel, info),
                _ => json!({}),
            },
        )
        .collect();
    Ok(json!({"batch": counts}).to_string())
}

fn parsed<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    crate::json::object(body)
        .map_err(|error| Refusal::bad_request(format!("The body is malformed: {error}")))
}

/// Checks a trigger as the service does, and returns its channels.
fn check(app: &AppState, trigger: &Trigger) -> Result<Vec<String>, Refusal> {
    let refuse = |words: String| Err(Refusal::bad_request(words));
    let channels = match (&trigger.channel, &trigger.channels) {
        (Some(channel), None) => vec![channel.clone()],
        (None, Some(channels)) if !channels.is_empty() => channels.clone(),
        _ => return refuse("channel or channels is required".to_owned()),
    };
    for channel in &channels {
        let is_a_users = channel
            .strip_prefix("#server-to-user-")
            .is_some_and(|id| !id.is_empty());
        let limits = &app.settings.limits.api;
        let is_valid = || ChannelName::new(channel.as_str())?.check_limits(limits);
        if !is_a_users && is_valid().is_err() {
            return refuse(format!("Invalid channel name: {channel}"));
        }
    }
    let name_chars = trigger.name.chars().count();
    if name_chars == 0 || name_chars > EventName::MAX_CHARS {
        return refuse(format!("The event's name has {name_chars} characters"));
    }
    if trigger.name.starts_with("pusher:") || trigger.name.starts_with("pusher_internal:") {
        return refuse(format!("Reserved event name: {}", trigger.name));
    }
    let limit = app.settings.limits.api.event_data_bytes;
    if trigger.data.len() > limit {
        let words =
            format!("The data content of this event exceeds the allowed maximum ({limit} bytes)");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, words));
    }
    Ok(channels)
}

fn deliver(app: &AppState, trigger: &Trigger, channels: &[String]) {
    for channel in channels {
        let recorded = RecordedEvent {
            app_id: app.app.id().to_owned(),
            channel: channel.clone(),
            name: trigger.name.clone(),
            data: opened(app, channel, &trigger.data),
            excluded: trigger.socket_id.as_ref().map(ToString::to_string),
            info: trigger.info.clone(),
        };
        let mut hub = app.hub();
        // Recorded while the hub is locked, so that the records have the order of delivery.
        app.records.event(recorded);
        hub.trigger(
            channel,
            &trigger.name,
            &trigger.data,
            trigger.socket_id.as_ref(),
        );
    }
}

/// Returns an event's data as a test wants to see it: decrypted, if possible.
fn opened(app: &AppState, channel: &str, data: &str) -> String {
    if ChannelKind::of(channel) != ChannelKind::Encrypted {
        return data.to_owned();
    }
    ChannelName::new(channel)
        .ok()
        .and_then(|name| {
            let keys = app.app.decryption_keys();
            keys.map(|key| key.shared_secret(&name))
                .find_map(|secret| secret.open(data))
        })
        .unwrap_or_else(|| data.to_owned())
}

/// Returns the requested attributes that the channel has.
fn counts(app: &AppState, channel: &str, info: &str) -> Value {
    let counts = app.hub().counts(channel);
    let is_presence = ChannelKind::of(channel) == ChannelKind::Presence;
    let mut answer = Map::new();
    for attribute in info.split(',') {
        match attribute {
            "user_count" if is_presence => {
                answer.insert(attribute.to_owned(), json!(counts.users));
            }
            "subscription_count" if !is_presence => {
                answer.insert(attribute.to_owned(), json!(counts.subscriptions));
            }
            _ => {}
        }
    }
    Value::Object(answer)
}
