//! From a verified body to typed events. Whatever a server adds or changes is kept: only a body
//! that is no webhook at all is refused.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ClientEvent, Extra, Webhook, WebhookEvent};
use crate::json::{self, Count, Id};
use crate::socket_id::SocketId;

/// A time in milliseconds below this would lie before 1973, one in seconds after 5138.
const SECONDS_BELOW: u64 = 100_000_000_000;

const CLIENT_EVENT_FIELDS: [&str; 6] = ["name", "channel", "event", "data", "socket_id", "user_id"];

pub(super) fn webhook(body: &[u8]) -> Result<Webhook, serde_json::Error> {
    // One pass where all events are objects, as they should be.
    let (time_ms, events) = if let Ok(body) = json::object::<Body<Events>>(body) {
        (body.time_ms, body.events.0)
    } else {
        let body: Body<Vec<&RawValue>> = json::object(body)?;
        (body.time_ms, body.events.into_iter().map(event).collect())
    };
    let time_ms = if time_ms < SECONDS_BELOW {
        time_ms * 1_000
    } else {
        time_ms
    };
    Ok(Webhook { time_ms, events })
}

#[derive(Deserialize)]
struct Body<E> {
    time_ms: u64,
    events: E,
}

/// The events of a body in which each is an object.
struct Events(Vec<WebhookEvent>);

impl<'de> Deserialize<'de> for Events {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EventsVisitor;

        impl<'de> Visitor<'de> for EventsVisitor {
            type Value = Events;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("events")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Events, A::Error> {
                let mut events = Vec::new();
                let mut fields = Fields::default();
                while let Some(event) = seq.next_element_seed(&mut fields)? {
                    events.push(event);
                }
                Ok(Events(events))
            }
        }

        deserializer.deserialize_seq(EventsVisitor)
    }
}

/// An event of any form.
fn event(raw: &RawValue) -> WebhookEvent {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    Fields::default()
        .deserialize(&mut deserializer)
        .unwrap_or_else(|_| WebhookEvent::Unknown {
            name: String::new(),
            fields: Extra::from_iter([("event".to_owned(), value_of(raw))]),
        })
}

/// A value; one that is too deep or too large for that is kept as its JSON text.
fn value_of(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| Value::String(raw.get().to_owned()))
}

/// An event's fields as they came, each value still JSON text, so that one that is out of form
/// spoils nothing else.
#[derive(Default)]
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
    fn event(&self) -> WebhookEvent {
        let Some(name) = self.text("name") else {
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

    /// A known event whose fields all have their form; `None` for anything else.
    fn known_event(&self, name: &str) -> Option<WebhookEvent> {
        let channel = self.text("channel")?;
        let extra = || self.all_but(&["name", "channel"]);
        let extra_but = |known: &str| self.all_but(&["name", "channel", known]);
        Some(match name {
            "channel_occupied" => WebhookEvent::ChannelOccupied {
                channel: channel.into_owned(),
                extra: extra(),
            },
            "channel_vacated" => WebhookEvent::ChannelVacated {
                channel: channel.into_owned(),
                extra: extra(),
            },
            "cache_miss" => WebhookEvent::CacheMiss {
                channel: channel.into_owned(),
                extra: extra(),
            },
            "member_added" => WebhookEvent::MemberAdded {
                channel: channel.into_owned(),
                user_id: self.id("user_id")?,
                extra: extra_but("user_id"),
            },
            "member_removed" => WebhookEvent::MemberRemoved {
                channel: channel.into_owned(),
                user_id: self.id("user_id")?,
                extra: extra_but("user_id"),
            },
            "subscription_count" => WebhookEvent::SubscriptionCount {
                channel: channel.into_owned(),
                subscription_count: self.read::<Count>("subscription_count")?.0,
                extra: extra_but("subscription_count"),
            },
            "client_event" => WebhookEvent::ClientEvent(ClientEvent {
                channel: channel.into_owned(),
                event: self.text("event")?.into_owned(),
                data: self.get("data").map(json::text_of),
                socket_id: self.optional("socket_id", Self::read::<SocketId>)?,
                user_id: self.optional("user_id", Self::id)?,
                decrypted: false,
                extra: self.all_but(&CLIENT_EVENT_FIELDS),
            }),
            _ => return None,
        })
    }

    /// A field that is there and not `null`.
    fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| *value)
            .filter(|value| value.get() != "null")
    }

    fn read<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        json::string(self.get(name)?.get())
    }

    fn id(&self, name: &str) -> Option<String> {
        match self.text(name) {
            Some(id) => Some(id.into_owned()),
            None => self.read::<Id>(name).map(|Id(id)| id),
        }
    }

    /// `Some(None)` where the field is absent, `None` where it is out of form.
    #[allow(clippy::option_option)] // Two ways of not being there, and they differ.
    fn optional<T>(&self, name: &str, read: fn(&Self, &str) -> Option<T>) -> Option<Option<T>> {
        match self.get(name) {
            None => Some(None),
            Some(_) => read(self, name).map(Some),
        }
    }

    fn all_but(&self, known: &[&str]) -> Extra {
        self.0
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_ref()))
            .map(|(key, value)| (key.clone().into_owned(), value_of(value)))
            .collect()
    }
}

/// The event of an object; the list of fields is used for one event after the other.
impl<'de> DeserializeSeed<'de> for &mut Fields<'de> {
    type Value = WebhookEvent;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Fields<'de> {
    type Value = WebhookEvent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        /// A key, borrowed where it has no escapes.
        #[derive(Deserialize)]
        struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

        self.0.clear();
        while let Some(Key(key)) = map.next_key()? {
            self.0.push((key, map.next_value()?));
        }
        Ok(self.event())
    }
}
