//! The user data of a sign-in.

use serde::Serialize;

use crate::error::Error;
use crate::json::{self, ObjectWriter, push_list, push_string};
use crate::json_text::JsonText;
use crate::limits::Limits;
use crate::user_id::{IntoUserId, UserId};

/// A user who signs in on a connection: an id, user info and a watchlist.
///
/// The user info is what the client may know about its user. The watchlist has the ids of the users
/// that this user watches.
///
/// The id and the length of the watchlist are checked when the user is authenticated: at most 100
/// ids by default.
///
/// ```
/// use pusher_http::UserData;
/// use serde_json::json;
///
/// let user = UserData::new("42")?
///     .user_info(json!({"name": "Ada"}))?
///     .watchlist(["7", "9"])?;
/// # let _ = user;
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows only the size of the user info, which may be private.
#[derive(Debug, Clone)]
pub struct UserData {
    id: UserId,
    user_info: Option<JsonText>,
    watchlist: Vec<UserId>,
}

impl UserData {
    /// Creates a user with this id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed id.
    pub fn new(id: impl IntoUserId) -> Result<Self, Error> {
        Ok(Self {
            id: id.into_user_id()?,
            user_info: None,
            watchlist: Vec::new(),
        })
    }

    /// Sets the user info, as JSON. The user's client can see it.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] if `user_info` can't be serialised.
    pub fn user_info(mut self, user_info: impl Serialize) -> Result<Self, Error> {
        let user_info = JsonText::of(&user_info).map_err(Error::serialize("user_info"))?;
        self.user_info = Some(user_info);
        Ok(self)
    }

    /// Sets the watchlist.
    ///
    /// This user's client is notified about the online status of the users with these ids
    /// ([watchlist events](https://pusher.com/docs/channels/using_channels/watchlist-events/)). A bare
    /// `Result` or `Option` is a list of one id or none.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed id.
    pub fn watchlist<I>(mut self, user_ids: I) -> Result<Self, Error>
    where
        I: IntoIterator<Item: IntoUserId>,
    {
        let ids = user_ids.into_iter().enumerate().map(|(index, id)| {
            let id = id.into_user_id();
            id.map_err(|error| error.within(&format!("id {index} of the watchlist")))
        });
        self.watchlist = ids.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Returns the `user_data` text, which is signed and sent to the browser.
    pub(crate) fn user_data(&self) -> Result<String, Error> {
        let mut json = Vec::with_capacity(128);
        let mut user = ObjectWriter::new(&mut json);
        user.string("id", self.id.as_str());
        if let Some(user_info) = &self.user_info {
            user.json("user_info", user_info.as_str().as_bytes());
        }
        if !self.watchlist.is_empty() {
            let ids = self.watchlist.iter().map(UserId::as_str);
            push_list(user.field("watchlist"), ids, push_string);
        }
        user.end();
        json::into_string(json).map_err(Error::serialize("user"))
    }

    /// Checks the limits.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Error> {
        for id in std::iter::once(&self.id).chain(&self.watchlist) {
            id.check_limits(limits)?;
        }
        let (ids, max) = (self.watchlist.len(), limits.watchlist_ids);
        if ids > max {
            let context = format!("user {:?}", self.id.as_str());
            return Err(Error::limit("watchlist in user ids", ids, max, context));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omits_absent_fields() {
        let user = UserData::new("42").unwrap();
        assert_eq!(user.user_data().unwrap(), r#"{"id":"42"}"#);
    }

    #[test]
    fn fields_are_in_the_documented_order() {
        let user = UserData::new(42)
            .and_then(|user| user.watchlist(["7", "9"]))
            .and_then(|user| user.user_info(serde_json::json!({"name": "Ada"})))
            .unwrap();
        assert_eq!(
            user.user_data().unwrap(),
            r#"{"id":"42","user_info":{"name":"Ada"},"watchlist":["7","9"]}"#
        );
    }
}
