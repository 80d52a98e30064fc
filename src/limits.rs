//! The hosted service's limits, as defaults that can be raised.

use crate::error::Error;

/// The limits that are checked, or split by, before the network.
///
/// The defaults are those of Pusher's hosted multi-tenant clusters. Dedicated clusters and
/// self-hosted servers raise them; set yours with
/// [`Builder::limits`](crate::Builder::limits). The lengths of names are part of the
/// protocol and are not limits of this kind. A limit that is added is a minor release, since the
/// struct can be written out.
///
/// ```
/// use pusher_http::Limits;
///
/// let limits = Limits { event_data_bytes: 100_000, ..Limits::default() };
/// assert_eq!(limits.events_per_batch, 10);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one event's data as sent, after encryption: 10,240
    /// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
    pub event_data_bytes: usize,
    /// Channels in one trigger request: 100
    /// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
    /// More are sent in several requests. At least 1.
    pub channels_per_trigger: usize,
    /// Events in one batch request: 10
    /// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
    /// More are sent in several requests. At least 1.
    pub events_per_batch: usize,
    /// Bytes of a presence member's `{"user_id","user_info"}`: 1,024
    /// ([`presence-channels`](https://pusher.com/docs/channels/using_channels/presence-channels/)).
    pub presence_member_bytes: usize,
    /// Ids in a user's watchlist: 100
    /// ([`watchlist-events`](https://pusher.com/docs/channels/using_channels/watchlist-events/)).
    pub watchlist_ids: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            event_data_bytes: 10_240,
            channels_per_trigger: 100,
            events_per_batch: 10,
            presence_member_bytes: 1_024,
            watchlist_ids: 100,
        }
    }
}

/// Refuses what is over a limit. `limit` is its name with the unit, and `context` says which of
/// several things it is.
pub(crate) fn check(
    limit: &'static str,
    actual: usize,
    max: usize,
    context: impl FnOnce() -> String,
) -> Result<(), Error> {
    if actual <= max {
        return Ok(());
    }
    Err(Error::limit(limit, actual, max, context()))
}
