//! Parses a verified body into typed events.
//!
//! Additions and changes that a server makes to an event are kept. A body is rejected only if it is
//! not a webhook at all.

use std::borrow::Cow;

use super::{ClientEvent, Webhook, WebhookEvent};
use crate::json::{self, Reader};
use crate::json_text::{Extra, JsonText};
use crate::socket_id::SocketId;

/// The limit between times in seconds and in milliseconds.
///
/// Below it, milliseconds would be before 1973. Above it, seconds would be after 5138.
const SECONDS_BELOW: u64 = 100_000_000_000;

const CLIENT_EVENT_FIELDS: [&str; 6] = ["name", "channel", "event", "data", "socket_id", "user_id"];

pub(super) fn webhook(body: &[u8]) -> Result<Webhook, serde_json::Error> {
    let mut time_ms = None;
    let mut events = None;
    json::object(body, |reader, key| match key.as_ref() {
        "time_ms" => json::set(&mut time_ms, reader, "a time in milliseconds", |json| {
            json.parse::<u64>().ok()
        }),
        "events" => {
            let read = read_events(reader)?;
            events.get_or_insert(read);
            Ok(())
        }
        _ => reader.raw().map(drop),
    })?;
    let time_ms: u64 = time_ms.ok_or_else(|| json::missing("time_ms"))?;
    let time_ms = if time_ms < SECONDS_BELOW {
        time_ms * 1_000
    } else {
        time_ms
    };
    let events = events.ok_or_else(|| json::missing("events"))?;
    Ok(Webhook { time_ms, events })
}

fn read_events(reader: &mut Reader<'_>) -> Result<Vec<WebhookEvent>, serde_json::Error> {
    let mut events = Vec::new();
    let mut fields = Fields::default();
    reader.array(|reader| {
        if reader.peek() != Some(b'{') {
            events.push(not_an_object(reader.raw()?));
            return Ok(());
        }
        fields.0.clear();
        reader.object(|reader, key| {
            fields.0.push((key, reader.raw()?));
            Ok(())
        })?;
        events.push(fields.event());
        Ok(())
    })?;
    Ok(events)
}

fn not_an_object(json: &str) -> WebhookEvent {
    let mut fields = Extra::default();
    fields.insert("event".to_owned(), JsonText::read(json));
    WebhookEvent::Unknown {
        name: String::new(),
        fields,
    }
}

/// An event's fields as received.
///
/// The values stay raw JSON, so one malformed value does not affect the others.
#[derive(Default)]
struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Fields<'a> {
    fn event(&self) -> WebhookEvent {
        let Some(name) = self.get("name").and_then(json::string) else {
            return WebhookEvent::Unknown {
                name: String::new(),
                fields: self.all_but(&[]),
            };
        };
        self.known_event(&name)
            .unwrap_or_else(|| WebhookEvent::Unknown {
                name: name.into_owned(),
                fields: self.all_but(&["name"]),
            })
    }

    /// Returns a known event if all its fields are well-formed, and `None` for anything else.
    fn known_event(&self, name: &str) -> Option<WebhookEvent> {
        let channel = self.string("channel")?;
        let extra = || self.all_but(&["name", "channel"]);
        let extra_but = |known: &str| self.all_but(&["name", "channel", known]);
        Some(match name {
            "channel_occupied" => WebhookEvent::ChannelOccupied {
                channel,
                extra: extra(),
            },
            "channel_vacated" => WebhookEvent::ChannelVacated {
                channel,
                extra: extra(),
            },
            "cache_miss" => WebhookEvent::CacheMiss {
                channel,
                extra: extra(),
            },
            "member_added" => WebhookEvent::MemberAdded {
                channel,
                user_id: self.id("user_id")?,
                extra: extra_but("user_id"),
            },
            "member_removed" => WebhookEvent::MemberRemoved {
                channel,
                user_id: self.id("user_id")?,
                extra: extra_but("user_id"),
            },
            "subscription_count" => WebhookEvent::SubscriptionCount {
                channel,
                subscription_count: json::count(self.get("subscription_count")?)?,
                extra: extra_but("subscription_count"),
            },
            "client_event" => WebhookEvent::ClientEvent(ClientEvent {
                channel,
                event: self.string("event")?,
                data: self.get("data").map(|json| json::text(json).into_owned()),
                socket_id: self.optional("socket_id", Self::socket_id)?,
                user_id: self.optional("user_id", Self::id)?,
                decrypted: false,
                extra: self.all_but(&CLIENT_EVENT_FIELDS),
            }),
            _ => return None,
        })
    }

    /// Returns a field that is present and not `null`.
    fn get(&self, name: &str) -> Option<&'a str> {
        let (_, json) = self.0.iter().find(|(key, _)| key == name)?;
        (*json != "null").then_some(*json)
    }

    fn string(&self, name: &str) -> Option<String> {
        json::string(self.get(name)?).map(Cow::into_owned)
    }

    fn id(&self, name: &str) -> Option<String> {
        json::id(self.get(name)?).map(Cow::into_owned)
    }

    fn socket_id(&self, name: &str) -> Option<SocketId> {
        SocketId::new(self.string(name)?).ok()
    }

    /// Returns `Some(None)` if the field is absent, `None` if it is malformed.
    #[allow(clippy::option_option)] // Absent and malformed are different cases.
    fn optional<T>(&self, name: &str, read: fn(&Self, &str) -> Option<T>) -> Option<Option<T>> {
        match self.get(name) {
            None => Some(None),
            Some(_) => read(self, name).map(Some),
        }
    }

    fn all_but(&self, known: &[&str]) -> Extra {
        let mut extra = Extra::default();
        for (key, json) in &self.0 {
            if !known.contains(&key.as_ref()) {
                extra.insert(key.clone().into_owned(), JsonText::read(json));
            }
        }
        extra
    }
}
