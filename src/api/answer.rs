//! What answers of several endpoints have in common.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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

/// `{"channels":{"<name>":{..}}}`; servers in PHP write an empty object as `[]`.
#[derive(Deserialize)]
pub(super) struct CountsByChannel {
    #[serde(deserialize_with = "object_or_empty_array")]
    pub(super) channels: BTreeMap<String, ChannelCounts>,
}

pub(super) fn object_or_empty_array<'de, D, T>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct ObjectOrEmptyArray<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectOrEmptyArray<T> {
        type Value = BTreeMap<String, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object, or an empty array for an empty one")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = BTreeMap::new();
            while let Some((key, value)) = map.next_entry()? {
                entries.insert(key, value);
            }
            Ok(entries)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            match seq.next_element::<IgnoredAny>()? {
                None => Ok(BTreeMap::new()),
                Some(_) => Err(A::Error::custom("an array that is not empty")),
            }
        }
    }

    deserializer.deserialize_any(ObjectOrEmptyArray(PhantomData))
}
