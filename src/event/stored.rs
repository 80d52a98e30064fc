//! An event as an outbox stores it: the fields of a batch's entry, and not sealed.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Event, EventData, Info};
use crate::channel::ChannelName;
use crate::event_name::EventName;
use crate::json_text::Extra;
use crate::socket_id::SocketId;

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Stored {
            channel: ChannelName,
            name: EventName,
            data: String,
            #[serde(default)]
            socket_id: Option<SocketId>,
            #[serde(default)]
            info: Info,
            #[serde(default)]
            extra: Extra,
        }

        let stored = Stored::deserialize(deserializer)?;
        let data = EventData::raw(stored.data);
        let event = Self::new(stored.channel, stored.name, data);
        let mut event = event.map_err(serde::de::Error::custom)?;
        event.message.socket_id = stored.socket_id;
        event.message.info = stored.info;
        event
            .message
            .set_extra(stored.extra)
            .map_err(serde::de::Error::custom)?;
        Ok(event)
    }
}

/// Not sealed, and without the fields that are not set.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        if self.message.is_sealed() {
            let reason = "a sealed event can't be stored: store it before it is sealed";
            return Err(serde::ser::Error::custom(reason));
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("channel", self.channel())?;
        map.serialize_entry("name", &self.name())?;
        map.serialize_entry("data", &self.data())?;
        if let Some(socket_id) = self.socket_id() {
            map.serialize_entry("socket_id", socket_id)?;
        }
        if !self.message.info.is_empty() {
            map.serialize_entry("info", &self.message.info)?;
        }
        if !self.message.extra().is_empty() {
            map.serialize_entry("extra", self.message.extra())?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_event_comes_back_whole() {
        let event = Event::new("private-a", "e", "é\"")
            .unwrap()
            .exclude(SocketId::new("1.2").unwrap())
            .info(Info::SUBSCRIPTION_COUNT | Info::USER_COUNT)
            .extra("idempotency_key", "k-1")
            .unwrap();
        let stored = serde_json::to_string(&event).unwrap();
        assert_eq!(
            stored,
            r#"{"channel":"private-a","name":"e","data":"\"é\\\"\"","socket_id":"1.2","info":"user_count,subscription_count","extra":{"idempotency_key":"\"k-1\""}}"#
        );
        assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), event);
        let bare = Event::new("a", "e", EventData::raw("")).unwrap();
        let stored = serde_json::to_string(&bare).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), bare);
    }

    #[test]
    fn a_stored_event_is_checked_when_it_comes_back() {
        for stored in [
            r#"{"channel":"a b","name":"e","data":""}"#,
            r#"{"channel":"a","name":"pusher:e","data":""}"#,
            r#"{"channel":"a","name":"e","data":1}"#,
            r#"{"channel":"a","name":"e","data":"","socket_id":"x"}"#,
            r#"{"channel":"a","name":"e","data":"","info":"x"}"#,
            r#"{"channel":"a","name":"e","data":"","channels":[]}"#,
            r#"{"channel":"a","name":"e","data":"","extra":{"channels":"[]"}}"#,
            r#"{"channel":"a","name":"e","data":"","extra":{"x":"not JSON"}}"#,
            r#"{"channel":"a","name":"e","data":"","extra":{"x":1}}"#,
            r#"{"channel":"a","name":"e"}"#,
        ] {
            assert!(serde_json::from_str::<Event>(stored).is_err(), "{stored}");
        }
    }
}
