//! A webhook's body as typed events, in one pass: what the straight-line code reads.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};

#[derive(Deserialize)]
pub(crate) struct Webhook<T> {
    #[allow(dead_code)] // A user's handler would look at it.
    pub(crate) time_ms: u64,
    pub(crate) events: Vec<Event<T>>,
}

#[derive(Serialize)]
#[allow(clippy::enum_variant_names)] // The service calls one of them so.
#[serde(tag = "name", rename_all = "snake_case")]
pub(crate) enum Event<T> {
    ChannelOccupied {
        channel: T,
    },
    ChannelVacated {
        channel: T,
    },
    MemberAdded {
        channel: T,
        user_id: T,
    },
    MemberRemoved {
        channel: T,
        user_id: T,
    },
    ClientEvent {
        channel: T,
        event: T,
        data: T,
        socket_id: T,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_id: Option<T>,
    },
    Unknown {
        unknown: String,
    },
}

/// A text that is borrowed where it has no escapes.
#[derive(Deserialize, Serialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Any event.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct Fields<'a, T> {
    #[serde(borrow)]
    name: Text<'a>,
    channel: T,
    user_id: Option<T>,
    event: Option<T>,
    data: Option<T>,
    socket_id: Option<T>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Event<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::<T>::deserialize(deserializer)?;
        let channel = fields.channel;
        Ok(match (fields.name.0.as_ref(), fields.user_id) {
            ("channel_occupied", _) => Self::ChannelOccupied { channel },
            ("channel_vacated", _) => Self::ChannelVacated { channel },
            ("member_added", Some(user_id)) => Self::MemberAdded { channel, user_id },
            ("member_removed", Some(user_id)) => Self::MemberRemoved { channel, user_id },
            ("client_event", user_id)
                if let (Some(event), Some(data), Some(socket_id)) =
                    (fields.event, fields.data, fields.socket_id) =>
            {
                Self::ClientEvent {
                    channel,
                    event,
                    data,
                    socket_id,
                    user_id,
                }
            }
            (name, _) => Self::Unknown {
                unknown: name.to_owned(),
            },
        })
    }
}
