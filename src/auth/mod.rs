//! Tokens for browsers: who may subscribe to a channel, and who is signed in.
//!
//! The signatures are those of
//! [`auth-signatures`](https://pusher.com/docs/channels/library_auth_reference/auth-signatures/).

mod answer;
mod jsonp;
mod request;

pub use answer::{ChannelAuth, UserAuth};
pub use jsonp::JsonpCallback;
pub use request::{AuthParams, ChannelAuthRequest, UserAuthRequest};

use crate::app::App;
use crate::channel::{ChannelKind, ChannelName};
use crate::error::Error;
use crate::socket_id::SocketId;
use crate::user::{PresenceMember, UserData};

impl App {
    /// The token with which a connection may subscribe to a private or an encrypted channel.
    ///
    /// Whether this user may join this channel is yours to decide, before this call.
    ///
    /// ```
    /// use pusher_http::{App, ChannelName, SocketId};
    ///
    /// let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8").build()?;
    /// let auth = app.authorize_channel(
    ///     &SocketId::new("1234.1234")?,
    ///     &ChannelName::new("private-foobar")?,
    /// )?;
    /// assert_eq!(
    ///     auth.to_json(),
    ///     r#"{"auth":"278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"}"#,
    /// );
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a public channel, which needs no token, and for a presence
    /// channel, which needs a member; [`Error::Encryption`] for an encrypted channel without a
    /// master key.
    pub fn authorize_channel(
        &self,
        socket_id: &SocketId,
        channel: &ChannelName,
    ) -> Result<ChannelAuth, Error> {
        let refuse = |reason: &str| Err(Error::invalid("channel name", channel, reason));
        let shared_secret = match channel.kind() {
            ChannelKind::Private => None,
            ChannelKind::Encrypted => Some(self.sealing_key()?.shared_secret(channel).to_base64()),
            ChannelKind::Public => return refuse("a public channel needs no authorization"),
            ChannelKind::Presence => {
                return refuse("a presence channel needs a member: authorize_presence_channel");
            }
        };
        let auth = self
            .token()
            .auth_string(&[socket_id.as_str(), ":", channel.as_str()]);
        Ok(ChannelAuth::new(auth, None, shared_secret))
    }

    /// The token with which a connection may subscribe to a presence channel as this member.
    ///
    /// Whether this user may join this channel is yours to decide, before this call.
    ///
    /// ```
    /// use pusher_http::{App, ChannelName, PresenceMember, SocketId};
    /// use serde_json::json;
    ///
    /// let app = App::builder("3", "key", "secret").build()?;
    /// let auth = app.authorize_presence_channel(
    ///     &SocketId::new("1234.1234")?,
    ///     &ChannelName::new("presence-room-1")?,
    ///     PresenceMember::new("42").info(json!({"name": "Ada"}))?,
    /// )?;
    /// let channel_data = r#"{"user_id":"42","user_info":{"name":"Ada"}}"#;
    /// assert_eq!(auth.channel_data(), Some(channel_data));
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a channel of another kind and for a malformed user id,
    /// [`Error::Limit`] for a member of more than
    /// [`Limits::presence_member_bytes`](crate::Limits::presence_member_bytes) of JSON.
    pub fn authorize_presence_channel(
        &self,
        socket_id: &SocketId,
        channel: &ChannelName,
        member: impl Into<PresenceMember>,
    ) -> Result<ChannelAuth, Error> {
        if channel.kind() != ChannelKind::Presence {
            let reason = "it is no presence channel: only these have members";
            return Err(Error::invalid("channel name", channel, reason));
        }
        let channel_data = member.into().into_channel_data(self.limits())?;
        let auth = self.token().auth_string(&[
            socket_id.as_str(),
            ":",
            channel.as_str(),
            ":",
            &channel_data,
        ]);
        Ok(ChannelAuth::new(auth, Some(channel_data), None))
    }

    /// The token with which a connection signs in as this user.
    ///
    /// ```
    /// use pusher_http::{App, SocketId, UserData};
    ///
    /// let app = App::builder("3", "key", "secret").build()?;
    /// let user = UserData::new("42").watchlist(["7"]);
    /// let auth = app.authenticate_user(&SocketId::new("1234.1234")?, &user)?;
    /// assert_eq!(auth.user_data(), r#"{"id":"42","watchlist":["7"]}"#);
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed user id, [`Error::Limit`] for a watchlist of more than
    /// [`Limits::watchlist_ids`](crate::Limits::watchlist_ids).
    pub fn authenticate_user(
        &self,
        socket_id: &SocketId,
        user: &UserData,
    ) -> Result<UserAuth, Error> {
        let user_data = user.user_data(self.limits())?;
        let auth = self
            .token()
            .auth_string(&[socket_id.as_str(), "::user::", &user_data]);
        Ok(UserAuth::new(auth, user_data))
    }
}
