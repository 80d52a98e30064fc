//! From a verified body to typed events. Whatever a server adds to an event or changes in it is
//! kept: only a body that is no webhook at all is refused. What is as usual is read in one pass, by
//! `usual.rs`.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::usual::UsualBody;
use super::{ClientEvent, Extra, Webhook, WebhookEvent};
use crate::json::{self, Count, Id, Text, value_of};
use crate::socket_id::SocketId;

/// A time in milliseconds below this would lie before 1973, one in seconds after 5138.
const SECONDS_BELOW: u64 = 100_000_000_000;

/// About how many bytes an event has.
const USUAL_EVENT_BYTES: usize = 80;

/// More events than this are made room for as they come.
const MOST_ROOM: usize = 64;

const CLIENT_EVENT_FIELDS: [&str; 6] = ["name", "channel", "event", "data", "socket_id", "user_id"];

pub(super) fn webhook(body: &[u8]) -> Result<Webhook, serde_json::Error> {
    let (time_ms, events) = match usual(body) {
        Ok(usual) => usual,
        Err(_) => of_any_form(body)?,
    };
    let time_ms = if time_ms < SECONDS_BELOW {
        time_ms * 1_000
    } else {
        time_ms
    };
    Ok(Webhook { time_ms, events })
}

fn usual(body: &[u8]) -> Result<(u64, Vec<WebhookEvent>), serde_json::Error> {
    let room = (body.len() / USUAL_EVENT_BYTES).min(MOST_ROOM);
    json::object_by(UsualBody { room }, body)
}

fn of_any_form(body: &[u8]) -> Result<(u64, Vec<WebhookEvent>), serde_json::Error> {
    let body: Body = json::object(body)?;
    Ok((body.time_ms, body.events.into_iter().map(event).collect()))
}

#[derive(Deserialize)]
struct Body<'a> {
    time_ms: u64,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

/// An event of any form.
fn event(raw: &RawValue) -> WebhookEvent {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    match Fields::deserialize(&mut deserializer) {
        Ok(fields) => fields.event(),
        Err(_) => WebhookEvent::Unknown {
            name: String::new(),
            fields: Extra::from_iter([("event".to_owned(), value_of(raw))]),
        },
    }
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

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(Text(key)) = map.next_key()? {
                    fields.push((key, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bodies of whose events some are as the service sends them, and some are not.
    #[test]
    fn what_is_usual_is_read_as_what_may_have_any_form() {
        let usual_events = [
            r#"{"name":"channel_occupied","channel":"a"}"#,
            r#"{"channel":"\u0061","name":"channel_vacated"}"#,
            r#"{"name":"cache_miss","channel":"cache-a","more":{"x":[1,null]}}"#,
            r#"{"name":"member_added","channel":"presence-a","user_id":"\"é\u00e9"}"#,
            r#"{"name":"member_removed","user_id":"1","channel":"presence-a"}"#,
            r#"{"name":"subscription_count","channel":"a","subscription_count":18446744073709551615}"#,
            r#"{"name":"client_event","channel":"private-a","event":"client-e"}"#,
            r#"{"name":"client_event","channel":"presence-a","event":"client-e","data":"{}","socket_id":"1.2","user_id":"1","x":1,"x":2}"#,
        ];
        let unusual_events = [
            r#"{"name":"channel_occupied","channel":"a","channel":"b"}"#,
            r#"{"name":"channel_occupied","channel":"a","user_id":"1"}"#,
            r#"{"name":"channel_occupied","channel":1}"#,
            r#"{"name":"member_added","channel":"presence-a","user_id":7}"#,
            r#"{"name":"member_added","channel":"presence-a","user_id":null}"#,
            r#"{"name":"member_added","channel":"presence-a"}"#,
            r#"{"name":"subscription_count","channel":"a","subscription_count":"7"}"#,
            r#"{"name":"client_event","channel":"private-a","event":"client-e","data":{"x":1}}"#,
            r#"{"name":"client_event","channel":"private-a","event":"client-e","data":null}"#,
            r#"{"name":"client_event","channel":"private-a","event":"client-e","socket_id":"x"}"#,
            r#"{"name":"client_event","channel":"private-a","event":"client-e","subscription_count":1}"#,
            r#"{"name":"moon_landed","channel":"a"}"#,
            r#"{"channel":"a"}"#,
            "{}",
            r#"["a"]"#,
            "7",
        ];
        let body = |events: &[&str]| {
            format!(
                r#"{{"time_ms":1403175510755,"events":[{}]}}"#,
                events.join(",")
            )
        };
        for event in usual_events {
            let body = body(&[event]);
            let (_, events) = usual(body.as_bytes()).unwrap();
            assert_eq!(events, of_any_form(body.as_bytes()).unwrap().1, "{event}");
        }
        for event in unusual_events {
            let body = body(&[usual_events[0], event, usual_events[7]]);
            assert!(usual(body.as_bytes()).is_err(), "{event}");
            let webhook = webhook(body.as_bytes()).unwrap();
            assert_eq!(webhook.events, of_any_form(body.as_bytes()).unwrap().1);
            assert_eq!(webhook.events.len(), 3);
        }
    }

    /// Each kind in turn. Whoever adds one is asked here to read it both ways.
    fn following(event: &WebhookEvent) -> Option<&'static str> {
        Some(match event {
            WebhookEvent::ChannelOccupied { .. } => r#"{"name":"channel_vacated","channel":"a"}"#,
            WebhookEvent::ChannelVacated { .. } => r#"{"name":"cache_miss","channel":"cache-a"}"#,
            WebhookEvent::CacheMiss { .. } => {
                r#"{"name":"member_added","channel":"presence-a","user_id":"1"}"#
            }
            WebhookEvent::MemberAdded { .. } => {
                r#"{"name":"member_removed","channel":"presence-a","user_id":"1"}"#
            }
            WebhookEvent::MemberRemoved { .. } => {
                r#"{"name":"subscription_count","channel":"a","subscription_count":1}"#
            }
            WebhookEvent::SubscriptionCount { .. } => {
                r#"{"name":"client_event","channel":"private-a","event":"client-e"}"#
            }
            WebhookEvent::ClientEvent(_) => r#"{"name":"moon_landed","channel":"a"}"#,
            WebhookEvent::Unknown { .. } => return None,
        })
    }

    #[test]
    fn every_kind_of_event_is_read_both_ways() {
        let mut next = Some(r#"{"name":"channel_occupied","channel":"a"}"#);
        let mut names = Vec::new();
        while let Some(event) = next {
            let body = format!(r#"{{"time_ms":1,"events":[{event}]}}"#);
            let (_, events) = of_any_form(body.as_bytes()).unwrap();
            names.push(events[0].name().to_owned());
            next = following(&events[0]);
            match usual(body.as_bytes()) {
                Ok((_, usual)) => assert_eq!(usual, events),
                Err(_) => assert_eq!(next, None, "{event}"),
            }
        }
        assert_eq!(names.len(), 8, "{names:?}");
        assert_eq!(names[7], "moon_landed");
    }
}
