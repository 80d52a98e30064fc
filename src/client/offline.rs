//! What a client does without the network: sign, authorize, verify.

use std::time::SystemTime;

use http::HeaderMap;

use super::{Pusher, unix_seconds};
use crate::api::{Request, SignedRequest};
use crate::auth::{ChannelAuth, UserAuth};
use crate::channel::ChannelName;
use crate::error::Error;
use crate::socket_id::SocketId;
use crate::user::{PresenceMember, UserData};
use crate::webhook::Webhook;

impl Pusher {
    /// Signs a request for now, without sending it: for its URL or query string alone.
    ///
    /// ```
    /// # let pusher = pusher_http::Pusher::builder("3", "key", "secret").build()?;
    /// use pusher_http::api::Request;
    ///
    /// let request = Request::get(pusher.app().path("/channels"))?;
    /// let url = pusher.sign(&request).url().to_string();
    /// # assert!(url.starts_with("https://api-mt1.pusher.com/apps/3/channels?auth_key=key&"));
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    #[must_use]
    pub fn sign(&self, request: &Request) -> SignedRequest {
        self.app().sign(request, unix_seconds())
    }

    /// The token with which a connection may subscribe to a private or an encrypted channel; see
    /// [`App::authorize_channel`](crate::App::authorize_channel).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn authorize_channel(
        &self,
        socket_id: &SocketId,
        channel: &ChannelName,
    ) -> Result<ChannelAuth, Error> {
        self.app().authorize_channel(socket_id, channel)
    }

    /// The token with which a connection may subscribe to a presence channel as this member; see
    /// [`App::authorize_presence_channel`](crate::App::authorize_presence_channel).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn authorize_presence_channel(
        &self,
        socket_id: &SocketId,
        channel: &ChannelName,
        member: impl Into<PresenceMember>,
    ) -> Result<ChannelAuth, Error> {
        self.app()
            .authorize_presence_channel(socket_id, channel, member)
    }

    /// The token with which a connection signs in as this user; see
    /// [`App::authenticate_user`](crate::App::authenticate_user).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn authenticate_user(
        &self,
        socket_id: &SocketId,
        user: &UserData,
    ) -> Result<UserAuth, Error> {
        self.app().authenticate_user(socket_id, user)
    }

    /// Verifies and parses a webhook; see [`App::webhook`](crate::App::webhook). With
    /// [`webhook_window`](super::PusherBuilder::webhook_window) set, an old one is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Webhook`] says why it can't be trusted, or read.
    pub fn webhook(&self, headers: &HeaderMap, body: impl AsRef<[u8]>) -> Result<Webhook, Error> {
        let webhook = self.app().webhook(headers, body.as_ref())?;
        if let Some(window) = self.shared.webhook_window {
            webhook.check_age(SystemTime::now(), window)?;
        }
        Ok(webhook)
    }
}
