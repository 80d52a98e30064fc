//! What a presence channel says of a user.

use std::fmt;

use serde::Serialize;

use super::UserId;
use crate::error::Error;
use crate::limits::{self, Limits};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_info_is_left_out() {
        let member = PresenceMember::new("42")
            .into_channel_data(&Limits::default())
            .unwrap();
        assert_eq!(member, r#"{"user_id":"42"}"#);
    }
}
