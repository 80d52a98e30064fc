//! The events that a webhook reports.

use std::fmt;

use crate::json_text::Extra;
use crate::socket_id::SocketId;

use crate::channel::{ChannelKind, ChannelName};
use crate::encryption::MasterKey;

/// An event of a webhook.
///
/// Channels are plain strings here, since some servers also name `#server-to-user-..` channels.
/// Create a [`ChannelName`](crate::ChannelName) from the string if you need one.
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
        /// The user's id, as authorized.
        user_id: String,
        /// Undocumented fields.
        extra: Extra,
    },
    /// A user's last connection left the presence channel.
    #[non_exhaustive]
    MemberRemoved {
        /// The presence channel.
        channel: String,
        /// The user's id, as authorized.
        user_id: String,
        /// Undocumented fields.
        extra: Extra,
    },
    /// A browser sent an event to the other subscribers of its channel.
    ClientEvent(ClientEvent),
    /// A connection subscribed to a cache channel that has no event to replay.
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
        /// Number of subscribed connections.
        subscription_count: u64,
        /// Undocumented fields.
        extra: Extra,
    },
    /// An event that this crate does not know, or a known event without its required fields.
    #[non_exhaustive]
    Unknown {
        /// The event's name; empty if it has none.
        name: String,
        /// All other fields. If the event is not an object, its value is in the field `event`.
        fields: Extra,
    },
}

/// An event that a browser sent to the other subscribers of its channel.
///
/// `Debug` shows only the size of the data, which may be private.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ClientEvent {
    /// The channel, which is private, encrypted or presence.
    pub channel: String,
    /// The event's name, which begins with `client-`.
    pub event: String,
    /// The data as text: the content of a JSON string, or the JSON text of any other value.
    ///
    /// `None` if there is no data.
    pub data: Option<String>,
    /// The connection that sent it.
    pub socket_id: Option<SocketId>,
    /// The user who sent it, on presence channels. Some servers omit it.
    pub user_id: Option<String>,
    /// Whether the data was decrypted with a key of this app.
    ///
    /// Only then is it certain that nobody in between read or forged the data.
    pub decrypted: bool,
    /// Undocumented fields.
    pub extra: Extra,
}

impl WebhookEvent {
    /// Returns the event's name as the service sends it, such as `member_added`.
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

    /// Returns the event's channel. `None` for an unknown event without a channel.
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
    /// Parses the data as a `T`, if it is JSON.
    ///
    /// # Errors
    ///
    /// The errors of the JSON parser. Missing data is parsed as `null`.
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
