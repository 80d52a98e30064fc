//! `GET /channels/{channel}/users`: the users on a presence channel.

use serde::Serialize;

use super::{Endpoint, Request};
use crate::app::App;
use crate::channel::{ChannelKind, ChannelName, IntoChannelName};
use crate::error::Error;
use crate::json::{self, Reader};

/// Queries the users on a presence channel.
///
/// ```
/// use pusher_http::api::{Endpoint, UsersQuery};
/// use pusher_http::App;
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let query = UsersQuery::new("presence-room-1")?;
/// let signed_at = 1_353_088_179; // Unix seconds
/// let request = app.sign(&query.request(&app)?, signed_at)?.into_http();
/// assert_eq!(request.uri().path(), "/apps/3/channels/presence-room-1/users");
///
/// let body = r#"{"users":[{"id":"42"}]}"#;
/// let users = query.read(&http::Response::new(body.into()), signed_at)?;
/// assert_eq!(users[0].id, "42");
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct UsersQuery {
    channel: ChannelName,
}

/// A user on a presence channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct User {
    /// The id that the user was authorized with.
    pub id: String,
}

impl User {
    fn read(reader: &mut Reader<'_>) -> Result<Self, serde_json::Error> {
        let mut id = None;
        reader.object(|reader, key| match key.as_ref() {
            "id" => json::set(&mut id, reader, "an id", json::id),
            _ => reader.raw().map(drop),
        })?;
        let id = id.ok_or_else(|| json::missing("id"))?.into_owned();
        Ok(Self { id })
    }
}

impl UsersQuery {
    /// Queries the users on `channel`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name, or a channel that is not a presence channel.
    pub fn new(channel: impl IntoChannelName) -> Result<Self, Error> {
        let channel = channel.into_channel_name()?;
        if channel.kind() != ChannelKind::Presence {
            let reason = "only presence channels know their users";
            return Err(Error::invalid("channel name", &channel, reason));
        }
        Ok(Self { channel })
    }
}

impl Endpoint for UsersQuery {
    const NAME: &'static str = "users";
    type Response = Vec<User>;

    fn request(&self, app: &App) -> Result<Request, Error> {
        self.channel.check_limits(app.limits())?;
        Request::get(format!("/channels/{}/users", self.channel))
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        let mut users = None;
        json::object(body, |reader, key| match key.as_ref() {
            "users" => {
                let mut list = Vec::new();
                reader.array(|reader| {
                    list.push(User::read(reader)?);
                    Ok(())
                })?;
                users.get_or_insert(list);
                Ok(())
            }
            _ => reader.raw().map(drop),
        })?;
        users.ok_or_else(|| json::missing("users"))
    }
}
