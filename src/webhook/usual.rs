//! Events as the service sends them, read in one pass: every known field has its usual type, comes
//! once, and belongs to its event. Anything else is an error here, and for [`parse`](super::parse)
//! to read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::{ClientEvent, Extra, WebhookEvent};
use crate::json::{Text, value_of};
use crate::socket_id::SocketId;

/// A body of such events: its time, and they.
pub(super) struct UsualBody {
    /// At most so many events are made room for at once.
    pub(super) room: usize,
}

struct UsualEvents {
    room: usize,
}

/// Read to where it stays: events are large, and each way through a `Result` would be a copy.
struct UsualEvent<'a>(&'a mut Vec<WebhookEvent>);

impl<'de> DeserializeSeed<'de> for UsualBody {
    type Value = (u64, Vec<WebhookEvent>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for UsualBody {
    type Value = (u64, Vec<WebhookEvent>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a webhook")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut time_ms, mut events) = (None, None);
        while let Some(Text(key)) = map.next_key()? {
            match key.as_ref() {
                "time_ms" => set(&mut time_ms, &mut map)?,
                "events" if events.is_none() => {
                    let room = self.room;
                    events = Some(map.next_value_seed(UsualEvents { room })?);
                }
                "events" => return Err(unusual()),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        time_ms.zip(events).ok_or_else(unusual)
    }
}

impl<'de> DeserializeSeed<'de> for UsualEvents {
    type Value = Vec<WebhookEvent>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for UsualEvents {
    type Value = Vec<WebhookEvent>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut events = Vec::with_capacity(self.room);
        while let Some(()) = seq.next_element_seed(UsualEvent(&mut events))? {}
        Ok(events)
    }
}

impl<'de> DeserializeSeed<'de> for UsualEvent<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for UsualEvent<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        while let Some(Text(key)) = map.next_key()? {
            match key.as_ref() {
                "name" => set(&mut fields.name, &mut map)?,
                "channel" => set(&mut fields.channel, &mut map)?,
                "user_id" => set(&mut fields.user_id, &mut map)?,
                "event" => set(&mut fields.event, &mut map)?,
                "data" => set(&mut fields.data, &mut map)?,
                "socket_id" => set(&mut fields.socket_id, &mut map)?,
                "subscription_count" => set(&mut fields.subscription_count, &mut map)?,
                _ => fields.extra.push((key, map.next_value()?)),
            }
        }
        fields.push_to(self.0).ok_or_else(unusual)
    }
}

#[derive(Default)]
struct Fields<'a> {
    name: Option<Text<'a>>,
    channel: Option<Text<'a>>,
    user_id: Option<Text<'a>>,
    event: Option<Text<'a>>,
    data: Option<Text<'a>>,
    socket_id: Option<Text<'a>>,
    subscription_count: Option<u64>,
    extra: Vec<(Cow<'a, str>, &'a RawValue)>,
}

fn set<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    field: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    match field.replace(map.next_value()?) {
        None => Ok(()),
        Some(_) => Err(unusual()),
    }
}

fn unusual<E: Error>() -> E {
    E::custom("an unusual event")
}

impl Fields<'_> {
    /// Adds the event; `None` where it is not as usual.
    fn push_to(self, events: &mut Vec<WebhookEvent>) -> Option<()> {
        let of_sender = self.event.is_some() || self.data.is_some() || self.socket_id.is_some();
        let of_count = self.subscription_count.is_some();
        let of_channel = !of_sender && !of_count && self.user_id.is_none();
        let of_member = !of_sender && !of_count;
        let channel = self.channel?.into_owned();
        let mut extra = Extra::new();
        for (key, value) in self.extra {
            extra.insert(key.into_owned(), value_of(value));
        }
        events.push(match self.name?.0.as_ref() {
            "channel_occupied" if of_channel => WebhookEvent::ChannelOccupied { channel, extra },
            "channel_vacated" if of_channel => WebhookEvent::ChannelVacated { channel, extra },
            "cache_miss" if of_channel => WebhookEvent::CacheMiss { channel, extra },
            "member_added" if of_member => WebhookEvent::MemberAdded {
                channel,
                user_id: self.user_id?.into_owned(),
                extra,
            },
            "member_removed" if of_member => WebhookEvent::MemberRemoved {
                channel,
                user_id: self.user_id?.into_owned(),
                extra,
            },
            "subscription_count" if !of_sender && self.user_id.is_none() => {
                WebhookEvent::SubscriptionCount {
                    channel,
                    subscription_count: self.subscription_count?,
                    extra,
                }
            }
            "client_event" if !of_count => {
                let socket_id = self.socket_id.map(|text| SocketId::new(text.0));
                WebhookEvent::ClientEvent(ClientEvent {
                    channel,
                    event: self.event?.into_owned(),
                    data: self.data.map(Text::into_owned),
                    socket_id: socket_id.transpose().ok()?,
                    user_id: self.user_id.map(Text::into_owned),
                    decrypted: false,
                    extra,
                })
            }
            _ => return None,
        });
        Some(())
    }
}
