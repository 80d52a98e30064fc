//! The attributes of a channel that a call can request.

use std::fmt;
use std::ops::BitOr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Channel attributes that a call requests, joined with `|`.
///
/// Each call and each [kind of channel](crate::ChannelKind) has its own attributes. A query with an
/// attribute that does not fit is rejected before it is sent. A trigger is sent anyway, and its
/// response has the counts that the service returns.
///
/// | attribute | trigger, batch | `channels` | `channel` |
/// |---|---|---|---|
/// | `USER_COUNT` | presence channels | prefix `presence-` | presence channels |
/// | `SUBSCRIPTION_COUNT` | not presence channels | no | not presence channels |
/// | `CACHE` | no | no | cache channels |
///
/// ```
/// use pusher_http::Info;
///
/// let info = Info::SUBSCRIPTION_COUNT | Info::CACHE;
/// assert_eq!(info.to_string(), "subscription_count,cache");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Info(u8);

impl Info {
    /// No attributes.
    pub const NONE: Self = Self(0);
    /// Number of users on a presence channel.
    pub const USER_COUNT: Self = Self(1);
    /// Number of subscribed connections. On the hosted service, it must be enabled first.
    pub const SUBSCRIPTION_COUNT: Self = Self(2);
    /// The last event of a cache channel, with its time to live.
    pub const CACHE: Self = Self(4);

    const NAMES: [(Self, &'static str); 3] = [
        (Self::USER_COUNT, "user_count"),
        (Self::SUBSCRIPTION_COUNT, "subscription_count"),
        (Self::CACHE, "cache"),
    ];

    /// Returns whether all attributes of `other` are included.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns whether no attributes are requested.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Info {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Writes the names as the API expects them, separated by commas.
impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Self::NAMES.iter().filter(|(info, _)| self.contains(*info));
        for (place, (_, name)) in names.enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl Serialize for Info {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Info {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut info = Self::NONE;
        for attribute in text.split(',').filter(|attribute| !attribute.is_empty()) {
            let known = Self::NAMES.iter().find(|(_, name)| *name == attribute);
            let unknown = || D::Error::custom(format!("unknown attribute {attribute:?}"));
            info = info | known.ok_or_else(unknown)?.0;
        }
        Ok(info)
    }
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Info({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_fixed_order() {
        let all = Info::CACHE | Info::SUBSCRIPTION_COUNT | Info::USER_COUNT;
        assert_eq!(all.to_string(), "user_count,subscription_count,cache");
        assert_eq!(Info::NONE.to_string(), "");
        assert!(all.contains(Info::CACHE) && !Info::CACHE.contains(all));
    }
}
