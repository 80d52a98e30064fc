//! What answers of several endpoints have in common.

use serde::{Deserialize, Serialize};

use crate::json;

/// The counts of one channel; what was not asked for, or does not fit the channel, is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChannelCounts {
    /// How many users are on the presence channel.
    #[serde(
        default,
        deserialize_with = "json::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_count: Option<u64>,
    /// How many connections are subscribed.
    #[serde(
        default,
        deserialize_with = "json::optional_count",
        skip_serializing_if = "Option::is_none"
    )]
    pub subscription_count: Option<u64>,
}

/// The usual answer to a trigger or a batch, which needs no parser.
pub(super) const NO_COUNTS: &[u8] = b"{}";
