//! What a client does without the network: sign, authorize, verify.

use http::HeaderMap;

use super::{Pusher, host, unix_seconds};
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
    /// # let pusher = pusher_http::Pusher::builder("3", "key", "secret").tls(false).build()?;
    /// use pusher_http::api::Request;
    ///
    /// let request = Request::get(pusher.app().path("/channels"))?;
    /// let url = pusher.sign(&request)?.uri().to_string();
    /// # assert!(url.starts_with("http://api-mt1.pusher.com/apps/3/channels?auth_key=key&"));
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The error of [`App::sign`](crate::App::sign).
    pub fn sign(&self, request: &Request) -> Result<SignedRequest, Error> {
        self.app().sign(request, unix_seconds())
    }

    /// The token with which a connection may subscribe to a private or an encrypted channel; see
    /// [`App::authorize_channel`](crate::App::authorize_channel).
    ///
    /// # Errors
    ///
    /// The errors of [`App::authorize_channel`](crate::App::authorize_channel).
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
    /// The errors of [`App::authorize_presence_channel`](crate::App::authorize_presence_channel).
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
    /// The errors of [`App::authenticate_user`](crate::App::authenticate_user).
    pub fn authenticate_user(
        &self,
        socket_id: &SocketId,
        user: &UserData,
    ) -> Result<UserAuth, Error> {
        self.app().authenticate_user(socket_id, user)
    }

    /// Verifies and parses a webhook; see [`App::webhook`](crate::App::webhook). With
    /// [`webhook_window`](super::PusherBuilder::webhook_window) set, one from too long ago, or
    /// from the future, is refused.
    ///
    /// # Errors
    ///
    /// [`Error::Webhook`] says why it can't be trusted, or read.
    pub fn webhook(&self, headers: &HeaderMap, body: impl AsRef<[u8]>) -> Result<Webhook, Error> {
        self.in_window(self.app().webhook(headers, body.as_ref())?)
    }

    /// As [`webhook`](Self::webhook), by the values of the `X-Pusher-Key` and
    /// `X-Pusher-Signature` headers: for frameworks with a header map of their own.
    ///
    /// # Errors
    ///
    /// As [`webhook`](Self::webhook).
    pub fn webhook_from_parts(
        &self,
        key: Option<&str>,
        signature: Option<&str>,
        body: impl AsRef<[u8]>,
    ) -> Result<Webhook, Error> {
        let body = body.as_ref();
        self.in_window(self.app().webhook_from_parts(key, signature, body)?)
    }

    fn in_window(&self, webhook: Webhook) -> Result<Webhook, Error> {
        if let Some(window) = self.shared.webhook_window {
            webhook.check_age(host::system_time(), window)?;
        }
        Ok(webhook)
    }
}
