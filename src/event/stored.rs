//! The serde form of an event, for an outbox.
//!
//! It has the fields of a batch entry, with unencrypted data.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::options::check_extra_name;
use super::{Event, EventData, EventOptions, Info};
use crate::channel::ChannelName;
use crate::event_name::EventName;
use crate::json_text::Extra;
use crate::socket_id::SocketId;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    channel: ChannelName,
    name: EventName,
    data: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    socket_id: Option<SocketId>,
    #[serde(default, skip_serializing_if = "is_empty")]
    info: Info,
    #[serde(default, skip_serializing_if = "Extra::is_empty")]
    extra: Extra,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // Serde requires this signature.
fn is_empty(info: &Info) -> bool {
    info.is_empty()
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        for (name, _) in stored.extra.iter() {
            check_extra_name(name).map_err(de::Error::custom)?;
        }
        Ok(Self {
            channel: stored.channel,
            name: stored.name,
            data: EventData::raw(stored.data),
            is_encrypted: false,
            options: EventOptions {
                socket_id: stored.socket_id,
                info: stored.info,
                extra: stored.extra,
            },
        })
    }
}

/// Omits the fields that are not set.
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_encrypted {
            let reason = "an encrypted event can't be stored: store it before it is encrypted";
            return Err(ser::Error::custom(reason));
        }
        let options = self.options.clone();
        let stored = Stored {
            channel: self.channel.clone(),
            name: self.name.clone(),
            data: self.data.text().map_err(ser::Error::custom)?,
            socket_id: options.socket_id,
            info: options.info,
            extra: options.extra,
        };
        stored.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_event_round_trips() {
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
    fn rejects_malformed_stored_events() {
        for stored in [
            r#"{"channel":"a b","name":"e","data":""}"#,
            r#"{"channel":"a","name":"pusher:e","data":""}"#,
            r#"{"channel":"a","name":"e","data":1}"#,
            r#"{"channel":"a","name":"e","data":"","socket_id":"x"}"#,
            r#"{"channel":"a","name":"e","data":"","info":"x"}"#,
            r#"{"channel":"a","name":"e","data":"","channels":[]}"#,
            r#"{"channel":"a","name":"e","data":"","extra":{"channels":"[]"}}"#,
            r#"{"channel":"a","name":"e","data":"","extra":{"Data":"1"}}"#,
            r#"{"channel":"a","name":"e","data":"","extra":{"x":"not JSON"}}"#,
            r#"{"channel":"a","name":"e","data":"","extra":{"x":1}}"#,
            r#"{"channel":"a","name":"e"}"#,
        ] {
            assert!(serde_json::from_str::<Event>(stored).is_err(), "{stored}");
        }
    }
}
