//! The events that a webhook tells of.

use std::fmt;

use crate::json_text::Extra;
use crate::socket_id::SocketId;

use crate::channel::{ChannelKind, ChannelName};
use crate::encryption::MasterKey;

/// One event of a webhook.
///
/// Channels are plain texts here, since some servers also name `#server-to-user-..` channels:
/// make a [`ChannelName`](crate::ChannelName) of one where you go on with it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WebhookEvent {
    /// The first connection subscribed to the channel.
    #[non_exhaustive]
    ChannelOccupied {
        /// The channel.
        channel: String,
        /// Undocumented fields.
        extra: Extra,
    },
    /// The last connection left the channel.
    #[non_exhaustive]
    ChannelVacated {
        /// The channel.
        channel: String,
        /// Undocumented fields.
        extra: Extra,
    },
    /// A user's first connection joined the presence channel.
    #[non_exhaustive]
    MemberAdded {
        /// The presence channel.
        channel: String,
        /// The user's id, as it was authorized.
        user_id: String,
        /// Undocumented fields.
        extra: Extra,
    },
    /// A user's last connection left the presence channel.
    #[non_exhaustive]
    MemberRemoved {
        /// The presence channel.
        channel: String,
        /// The user's id, as it was authorized.
        user_id: String,
        /// Undocumented fields.
        extra: Extra,
    },
    /// A browser sent an event to the others on its channel.
    ClientEvent(ClientEvent),
    /// Somebody subscribed to a cache channel that has nothing to replay.
    #[non_exhaustive]
    CacheMiss {
        /// The cache channel.
        channel: String,
        /// Undocumented fields.
        extra: Extra,
    },
    /// The number of subscribers changed.
    #[non_exhaustive]
    SubscriptionCount {
        /// The channel.
        channel: String,
        /// How many connections are subscribed.
        subscription_count: u64,
        /// Undocumented fields.
        extra: Extra,
    },
    /// An event that this crate does not know, or a known one without the fields it should have.
    #[non_exhaustive]
    Unknown {
        /// The event's name; empty where it has none.
        name: String,
        /// All its other fields. An event that is no object stands here as the field `event`.
        fields: Extra,
    },
}

/// An event that a browser sent to the others on its channel.
///
/// `Debug` shows the data's size alone: it may be private.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ClientEvent {
    /// The channel: private, encrypted or presence.
    pub channel: String,
    /// The event's name, which begins with `client-`.
    pub event: String,
    /// The data as text: what a JSON string holds, or the JSON text of any other value.
    /// `None` where there is none.
    pub data: Option<String>,
    /// The connection that sent it.
    pub socket_id: Option<SocketId>,
    /// On presence channels the user who sent it; some servers leave it out.
    pub user_id: Option<String>,
    /// Whether the data came encrypted and was opened with a key of this app: only then is it
    /// sure that nobody between read or made it.
    pub decrypted: bool,
    /// Undocumented fields.
    pub extra: Extra,
}

impl WebhookEvent {
    /// The event's name as the service has it, such as `member_added`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::ChannelOccupied { .. } => "channel_occupied",
            Self::ChannelVacated { .. } => "channel_vacated",
            Self::MemberAdded { .. } => "member_added",
            Self::MemberRemoved { .. } => "member_removed",
            Self::ClientEvent(_) => "client_event",
            Self::CacheMiss { .. } => "cache_miss",
            Self::SubscriptionCount { .. } => "subscription_count",
            Self::Unknown { name, .. } => name,
        }
    }

    /// The channel it happened on; `None` for an unknown event that names none.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        match self {
            Self::ChannelOccupied { channel, .. }
            | Self::ChannelVacated { channel, .. }
            | Self::MemberAdded { channel, .. }
            | Self::MemberRemoved { channel, .. }
            | Self::CacheMiss { channel, .. }
            | Self::SubscriptionCount { channel, .. }
            | Self::ClientEvent(ClientEvent { channel, .. }) => Some(channel),
            Self::Unknown { fields, .. } => fields.plain_string("channel"),
        }
    }
}

impl fmt::Debug for ClientEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientEvent")
            .field("channel", &self.channel)
            .field("event", &self.event)
            .field("data_bytes", &self.data.as_ref().map(String::len))
            .field("socket_id", &self.socket_id)
            .field("user_id", &self.user_id)
            .field("decrypted", &self.decrypted)
            .field("extra", &self.extra)
            .finish()
    }
}

impl ClientEvent {
    /// The data as a value of type `T`, for data that is JSON.
    ///
    /// # Errors
    ///
    /// What the JSON parser says; no data is read as `null`.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.data.as_deref().unwrap_or("null"))
    }

    pub(super) fn decrypt<'k>(&mut self, keys: impl IntoIterator<Item = &'k MasterKey>) {
        if let Ok(channel) = ChannelName::new(self.channel.as_str())
            && channel.kind() == ChannelKind::Encrypted
            && let Some(data) = &self.data
            && let Some(opened) = keys
                .into_iter()
                .find_map(|key| key.shared_secret(&channel).open(data))
        {
            self.data = Some(opened);
            self.decrypted = true;
        }
    }
}
