//! From a verified body to typed events. Whatever a server adds or changes is kept: only a body
//! that is no webhook at all is refused.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ClientEvent, Extra, Webhook, WebhookEvent};
use crate::json::{self, Count, Id};
use crate::socket_id::SocketId;

/// A time in milliseconds below this would lie before 1973, one in seconds after 5138.
const SECONDS_BELOW: u64 = 100_000_000_000;

#[derive(Deserialize)]
struct Body<'a> {
    time_ms: u64,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

pub(super) fn webhook(body: &[u8]) -> Result<Webhook, serde_json::Error> {
    let body: Body<'_> = json::object(body)?;
    let time_ms = if body.time_ms < SECONDS_BELOW {
        body.time_ms * 1_000
    } else {
        body.time_ms
    };
    Ok(Webhook {
        time_ms,
        events: body.events.into_iter().map(event).collect(),
    })
}

fn event(raw: &RawValue) -> WebhookEvent {
    let Ok(fields) = serde_json::from_str::<Fields<'_>>(raw.get()) else {
        return WebhookEvent::Unknown {
            name: String::new(),
            fields: Extra::from_iter([("event".to_owned(), value_of(raw))]),
        };
    };
    match fields.read::<String>("name") {
        Some(name) => known_event(&name, &fields).unwrap_or_else(|| WebhookEvent::Unknown {
            name,
            fields: fields.all_but(&["name"]),
        }),
        None => WebhookEvent::Unknown {
            name: String::new(),
            fields: fields.all_but(&[]),
        },
    }
}

/// A value; one that is too deep or too large for that is kept as its JSON text.
fn value_of(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| Value::String(raw.get().to_owned()))
}

/// A known event whose fields all have their form; `None` for anything else.
fn known_event(name: &str, fields: &Fields<'_>) -> Option<WebhookEvent> {
    let channel = fields.read("channel")?;
    let extra = |known: &[&str]| fields.all_but(&[&["name", "channel"], known].concat());
    Some(match name {
        "channel_occupied" => WebhookEvent::ChannelOccupied {
            channel,
            extra: extra(&[]),
        },
        "channel_vacated" => WebhookEvent::ChannelVacated {
            channel,
            extra: extra(&[]),
        },
        "cache_miss" => WebhookEvent::CacheMiss {
            channel,
            extra: extra(&[]),
        },
        "member_added" => WebhookEvent::MemberAdded {
            channel,
            user_id: fields.read::<Id>("user_id")?.0,
            extra: extra(&["user_id"]),
        },
        "member_removed" => WebhookEvent::MemberRemoved {
            channel,
            user_id: fields.read::<Id>("user_id")?.0,
            extra: extra(&["user_id"]),
        },
        "subscription_count" => WebhookEvent::SubscriptionCount {
            channel,
            subscription_count: fields.read::<Count>("subscription_count")?.0,
            extra: extra(&["subscription_count"]),
        },
        "client_event" => WebhookEvent::ClientEvent(ClientEvent {
            channel,
            event: fields.read("event")?,
            data: fields.get("data").map(json::text_of),
            socket_id: fields.read_optional::<SocketId>("socket_id")?,
            user_id: fields.read_optional::<Id>("user_id")?.map(|Id(id)| id),
            decrypted: false,
            extra: extra(&["event", "data", "socket_id", "user_id"]),
        }),
        _ => return None,
    })
}

/// An event's fields as they came, each value still JSON text, so that one that is out of form
/// spoils nothing else.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Fields<'a> {
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

    /// `Some(None)` where the field is absent, `None` where it is out of form.
    #[allow(clippy::option_option)] // Two ways of not being there, and they differ.
    fn read_optional<T: Deserialize<'a>>(&self, name: &str) -> Option<Option<T>> {
        match self.get(name) {
            None => Some(None),
            Some(_) => self.read(name).map(Some),
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

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A key, borrowed where it has no escapes.
        #[derive(Deserialize)]
        struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(6);
                while let Some(Key(key)) = map.next_key()? {
                    fields.push((key, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}
