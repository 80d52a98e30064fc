//! The user data of a presence channel's member.

use serde::Serialize;

use crate::error::Error;
use crate::json::{self, ObjectWriter};
use crate::json_text::JsonText;
use crate::user_id::{IntoUserId, UserId};

/// A member of a presence channel: a user id, and information for the other members.
///
/// The size is checked when the member is authorized: at most 1,024 bytes of JSON by default.
///
/// ```
/// use pusher_http::PresenceMember;
/// use serde_json::json;
///
/// let member = PresenceMember::new("42")?.user_info(json!({"name": "Ada"}))?;
/// # let _ = member;
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows only the size of the user info, which may be private.
#[derive(Debug, Clone)]
pub struct PresenceMember {
    user_id: UserId,
    user_info: Option<JsonText>,
}

impl PresenceMember {
    /// Creates a member with this user id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed id.
    pub fn new(user_id: impl IntoUserId) -> Result<Self, Error> {
        Ok(Self {
            user_id: user_id.into_user_id()?,
            user_info: None,
        })
    }

    /// Sets the user info, as JSON. Every subscriber of the channel can see it.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] if `user_info` can't be serialised.
    pub fn user_info(mut self, user_info: impl Serialize) -> Result<Self, Error> {
        let user_info = JsonText::of(&user_info).map_err(Error::serialize("user_info"))?;
        self.user_info = Some(user_info);
        Ok(self)
    }

    pub(crate) fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Returns the `channel_data` text, which is signed and sent to the browser.
    pub(crate) fn channel_data(&self) -> Result<String, Error> {
        let user_info = self.user_info.as_ref().map(JsonText::as_str);
        let mut json = Vec::with_capacity(64 + user_info.unwrap_or_default().len());
        let mut member = ObjectWriter::new(&mut json);
        member.string("user_id", self.user_id.as_str());
        if let Some(user_info) = user_info {
            member.json("user_info", user_info.as_bytes());
        }
        member.end();
        json::into_string(json).map_err(Error::serialize("user"))
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
    fn omits_absent_user_info() {
        let member = PresenceMember::new("4\"2").unwrap();
        assert_eq!(member.channel_data().unwrap(), r#"{"user_id":"4\"2"}"#);
    }
}
