//! The limits of the hosted service, as defaults that can be raised.

/// Limits that are checked, or used to split requests, before anything is sent.
///
/// The defaults are those of Pusher's hosted multi-tenant clusters. Dedicated clusters and
/// self-hosted servers have higher limits. Set them with
/// [`Builder::limits`](crate::Builder::limits).
///
/// ```
/// use pusher_http::Limits;
///
/// let limits = Limits::default().event_data_bytes(100_000).channel_name_chars(200);
/// assert_eq!(limits.event_data_bytes, 100_000);
/// assert_eq!(limits.events_per_batch, 10);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Limits {
    /// Bytes in the data of one event as sent, after encryption. Default: 10,240
    /// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
    pub event_data_bytes: usize,
    /// Channels in one trigger request. Default: 100
    /// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
    ///
    /// More channels are sent in several requests. Must be at least 1.
    pub channels_per_trigger: usize,
    /// Events in one batch request. Default: 10
    /// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
    ///
    /// More events are sent in several requests. Must be at least 1.
    pub events_per_batch: usize,
    /// Bytes in a presence member's `{"user_id","user_info"}`. Default: 1,024
    /// ([`presence-channels`](https://pusher.com/docs/channels/using_channels/presence-channels/)).
    pub presence_member_bytes: usize,
    /// Ids in a user's watchlist. Default: 100
    /// ([`watchlist-events`](https://pusher.com/docs/channels/using_channels/watchlist-events/)).
    pub watchlist_ids: usize,
    /// Characters in a channel name, including prefixes. Default: 164
    /// ([`channels`](https://pusher.com/docs/channels/using_channels/channels/#channel-naming-conventions)).
    ///
    /// Soketi, Sockudo and Laravel Reverb accept 200.
    pub channel_name_chars: usize,
    /// Whether a channel name may contain `:`. Default: no.
    ///
    /// Sockudo's namespaces use it.
    ///
    /// Allow them only for a server that signs `channel_data` on presence channels only. A server that
    /// also signs it on private channels can take the authorization of `private-a:1` for that of
    /// `private-a` with the data `1`.
    pub channel_name_colons: bool,
    /// Whether the id of a user who signs in may have any character.
    ///
    /// Default: no, only the characters of channel names
    /// ([`authenticating-users`](https://pusher.com/docs/channels/server_api/authenticating-users/)).
    pub user_id_any_chars: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event_data_bytes: 10_240,
            channels_per_trigger: 100,
            events_per_batch: 10,
            presence_member_bytes: 1_024,
            watchlist_ids: 100,
            channel_name_chars: 164,
            channel_name_colons: false,
            user_id_any_chars: false,
        }
    }
}

macro_rules! setters {
    ($($limit:ident: $value:ty),+ $(,)?) => {
        impl Limits {$(
            #[doc = concat!("Sets [`", stringify!($limit), "`](field@Self::", stringify!($limit), ").")]
            pub fn $limit(mut self, $limit: $value) -> Self {
                self.$limit = $limit;
                self
            }
        )+}
    };
}

setters! {
    event_data_bytes: usize,
    channels_per_trigger: usize,
    events_per_batch: usize,
    presence_member_bytes: usize,
    watchlist_ids: usize,
    channel_name_chars: usize,
    channel_name_colons: bool,
    user_id_any_chars: bool,
}
