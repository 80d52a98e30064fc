//! Users: their ids, and what a presence channel and a sign-in say of them.

use std::fmt;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::Error;
use crate::limits::{self, Limits};
use crate::text_type::text_type;

/// The most characters a user id has
/// ([`presence-channels`](https://pusher.com/docs/channels/using_channels/presence-channels/)).
pub const MAX_USER_ID_CHARS: usize = 128;

/// A checked user id: 1 to 128 characters, any of them.
///
/// ```
/// use pusher_http::UserId;
///
/// assert!(UserId::new("a/b c?é").is_ok());
/// assert!(UserId::new("").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

text_type!(UserId, "a user id");

impl From<&UserId> for String {
    fn from(user_id: &UserId) -> Self {
        user_id.0.clone()
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        /// The number in decimal digits.
        impl From<$number> for UserId {
            fn from(number: $number) -> Self {
                Self(number.to_string())
            }
        }
    )*};
}

from_number!(i32, i64, u32, u64);

impl UserId {
    fn check(text: &str) -> Result<(), Error> {
        if text.is_empty() {
            return Err(Error::invalid("user id", text, "it is empty"));
        }
        if text.len() > MAX_USER_ID_CHARS && text.chars().count() > MAX_USER_ID_CHARS {
            let reason = format!(
                "it has {} characters, over the {MAX_USER_ID_CHARS} allowed",
                text.chars().count()
            );
            return Err(Error::invalid("user id", text, reason));
        }
        Ok(())
    }
}

/// Who a subscriber of a presence channel is: a user id, and what the others may know of them.
///
/// The id is checked when the member is authorized, and so is the size: at most 1,024 bytes of
/// JSON by default.
///
/// ```
/// use pusher_http::PresenceMember;
/// use serde_json::json;
///
/// let member = PresenceMember::new("42").info(json!({"name": "Ada"}))?;
/// # let _ = member;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
pub struct PresenceMember {
    /// The JSON that is signed and handed to the browser.
    channel_data: Vec<u8>,
    /// Where in it the user id ends.
    user_id_end: usize,
    /// A user id that is none, to be refused when the member is authorized.
    malformed_user_id: Option<String>,
}

/// What a member's JSON begins with.
const USER_ID: &[u8] = br#"{"user_id":"#;

impl PresenceMember {
    /// A member with this user id, 1 to 128 characters.
    #[must_use]
    pub fn new(user_id: impl AsRef<str>) -> Self {
        let user_id = user_id.as_ref();
        // Room for a user_info of the usual size.
        let mut channel_data = Vec::with_capacity(user_id.len() + 128);
        channel_data.extend_from_slice(USER_ID);
        // A text has no way to fail.
        let _ = serde_json::to_writer(&mut channel_data, user_id);
        let user_id_end = channel_data.len();
        channel_data.push(b'}');
        Self {
            channel_data,
            user_id_end,
            malformed_user_id: UserId::check(user_id).is_err().then(|| user_id.to_owned()),
        }
    }

    /// What every subscriber of the channel gets to know of this user, as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] when `user_info` can't be serialised.
    pub fn info(mut self, user_info: impl Serialize) -> Result<Self, Error> {
        self.channel_data.truncate(self.user_id_end);
        self.channel_data.extend_from_slice(br#","user_info":"#);
        serde_json::to_writer(&mut self.channel_data, &user_info)
            .map_err(Error::serialize("user_info"))?;
        self.channel_data.push(b'}');
        Ok(self)
    }

    /// The `channel_data` text that is signed and handed to the browser.
    pub(crate) fn into_channel_data(self, limits: &Limits) -> Result<String, Error> {
        if let Some(user_id) = &self.malformed_user_id {
            UserId::check(user_id)?;
        }
        limits::check(
            "presence member in bytes",
            self.channel_data.len(),
            limits.presence_member_bytes,
            || {
                let user_id = &self.channel_data[USER_ID.len()..self.user_id_end];
                format!("user {}", String::from_utf8_lossy(user_id))
            },
        )?;
        String::from_utf8(self.channel_data)
            .map_err(serde::ser::Error::custom)
            .map_err(Error::serialize("user_info"))
    }
}

impl fmt::Debug for PresenceMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PresenceMember")
            .field(&String::from_utf8_lossy(&self.channel_data))
            .finish()
    }
}

impl From<&PresenceMember> for PresenceMember {
    fn from(member: &PresenceMember) -> Self {
        member.clone()
    }
}

/// Who signs in on a connection: a user id, what the client may know, whom the user watches.
///
/// The id is checked when the user is authenticated, and so is the watchlist: at most 100 ids
/// by default.
///
/// ```
/// use pusher_http::UserData;
/// use serde_json::json;
///
/// let user = UserData::new("42").info(json!({"name": "Ada"}))?.watchlist(["7", "9"]);
/// # let _ = user;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct UserData {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_info: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    watchlist: Vec<String>,
}

impl UserData {
    /// A user with this id, 1 to 128 characters.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            user_info: None,
            watchlist: Vec::new(),
        }
    }

    /// What the client gets to know of its user, as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] when `user_info` can't be serialised.
    pub fn info(mut self, user_info: impl Serialize) -> Result<Self, Error> {
        let user_info = to_raw_value(&user_info).map_err(Error::serialize("user_info"))?;
        self.user_info = Some(user_info);
        Ok(self)
    }

    /// The ids of the users whose going online and offline this user's client is told of.
    #[must_use]
    pub fn watchlist<I: Into<String>>(mut self, user_ids: impl IntoIterator<Item = I>) -> Self {
        self.watchlist = user_ids.into_iter().map(Into::into).collect();
        self
    }

    /// The `user_data` text that is signed and handed to the browser.
    pub(crate) fn user_data(&self, limits: &Limits) -> Result<String, Error> {
        UserId::check(&self.id)?;
        limits::check(
            "watchlist in user ids",
            self.watchlist.len(),
            limits.watchlist_ids,
            || format!("user {:?}", self.id),
        )?;
        for id in &self.watchlist {
            UserId::check(id)
                .map_err(|error| Error::invalid("watchlist", id, error.to_string()))?;
        }
        serde_json::to_string(self).map_err(Error::serialize("user_data"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_is_counted_in_characters() {
        assert!(UserId::new("é".repeat(128)).is_ok());
        assert!(UserId::new("é".repeat(129)).is_err());
    }

    #[test]
    fn absent_parts_are_left_out() {
        let limits = Limits::default();
        let member = PresenceMember::new("42")
            .into_channel_data(&limits)
            .unwrap();
        assert_eq!(member, r#"{"user_id":"42"}"#);
        let user = UserData::new("42").user_data(&limits).unwrap();
        assert_eq!(user, r#"{"id":"42"}"#);
    }

    #[test]
    fn all_parts_stand_in_the_documented_order() {
        let limits = Limits::default();
        let user = UserData::new("42")
            .watchlist(["7", "9"])
            .info(serde_json::json!({"name": "Ada"}))
            .unwrap();
        assert_eq!(
            user.user_data(&limits).unwrap(),
            r#"{"id":"42","user_info":{"name":"Ada"},"watchlist":["7","9"]}"#
        );
    }
}
