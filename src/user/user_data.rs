//! What a sign-in says of a user.

use serde::Serialize;

use super::UserId;
use crate::error::Error;
use crate::json_text::JsonText;
use crate::limits::{self, Limits};

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
#[derive(Debug, Clone)]
pub struct UserData {
    id: String,
    user_info: Option<JsonText>,
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
        let user_info = JsonText::of(&user_info).map_err(Error::serialize("user_info"))?;
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
        self.json().map_err(Error::serialize("user_data"))
    }

    fn json(&self) -> Result<String, serde_json::Error> {
        let id = serde_json::to_string(&self.id)?;
        let mut json = format!(r#"{{"id":{id}"#);
        if let Some(user_info) = &self.user_info {
            json.push_str(r#","user_info":"#);
            json.push_str(user_info.as_str());
        }
        if !self.watchlist.is_empty() {
            json.push_str(r#","watchlist":"#);
            json.push_str(&serde_json::to_string(&self.watchlist)?);
        }
        json.push('}');
        Ok(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_parts_are_left_out() {
        let user = UserData::new("42").user_data(&Limits::default()).unwrap();
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
