//! The counts of a channel, which the responses of several endpoints contain.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::json::{self, Reader};

/// The counts of one channel.
///
/// A count is `None` if it was not requested, or if the channel does not have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChannelCounts {
    /// Number of users on the presence channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_count: Option<u64>,
    /// Number of subscribed connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_count: Option<u64>,
}

impl ChannelCounts {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, serde_json::Error> {
        let mut counts = Self::default();
        reader.object(|reader, key| counts.read_field(&key, reader))?;
        Ok(counts)
    }

    /// Reads one field of an object that contains counts and other fields.
    pub(super) fn read_field(
        &mut self,
        key: &str,
        reader: &mut Reader<'_>,
    ) -> Result<(), serde_json::Error> {
        let count = match key {
            "user_count" => &mut self.user_count,
            "subscription_count" => &mut self.subscription_count,
            _ => return reader.raw().map(drop),
        };
        *count = reader.value("a count", json::optional_count)?;
        Ok(())
    }

    /// Reads an object that maps channel names to counts.
    pub(super) fn read_by_channel(
        reader: &mut Reader<'_>,
    ) -> Result<BTreeMap<String, Self>, serde_json::Error> {
        let mut channels = BTreeMap::new();
        reader.object_or_empty_array(|reader, name| {
            channels.insert(name.into_owned(), Self::read(reader)?);
            Ok(())
        })?;
        Ok(channels)
    }
}
