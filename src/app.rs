//! One Pusher app: all that is needed to build a request, sign a token or verify a webhook.

use std::sync::Arc;

use http::HeaderMap;
use url::Url;

use crate::address::Address;
use crate::api::{self, Request, SignedRequest};
use crate::auth::{self, ChannelAuth, UserAuth};
use crate::builder::Builder;
use crate::channel::{ChannelKind, ChannelName};
use crate::encryption::MasterKey;
use crate::error::Error;
use crate::limits::Limits;
use crate::socket_id::SocketId;
use crate::token::Token;
use crate::user::{PresenceMember, UserData};
use crate::webhook::Webhook;

/// An app's id, tokens, address, limits and encryption keys, checked once when it is built.
///
/// It is data: it reads no clock, no environment and no network. `Pusher` holds one, and the
/// functions of [`api`](crate::api) take one.
///
/// ```
/// use pusher_http::App;
///
/// let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8")
///     .cluster("eu")
///     .build_app()?;
/// assert_eq!(app.base_url().as_str(), "https://api-eu.pusher.com/");
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct App {
    pub(crate) id: String,
    /// The first one signs; all of them verify webhooks.
    pub(crate) tokens: Vec<Token>,
    pub(crate) address: Arc<Address>,
    pub(crate) limits: Limits,
    pub(crate) master_key: Option<MasterKey>,
    pub(crate) older_master_keys: Vec<MasterKey>,
}

// === Its parts ===
impl App {
    /// Starts the settings of an app from the three values that its "App Keys" page shows.
    #[must_use]
    pub fn builder(
        id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> Builder {
        Builder::new(id.into(), key.into(), secret.into())
    }

    /// The app's id, which stands in every path.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The token that signs requests and browsers' tokens.
    #[must_use]
    pub fn token(&self) -> &Token {
        // Never empty: only the builder makes an `App`.
        &self.tokens[0]
    }

    /// The tokens that webhooks are verified against, the signing one first.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The server's address: scheme, host, port, and the path prefix where there is one.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.address.url
    }

    /// The whole path of an endpoint of this app: `/apps/{app_id}` and after it `path`, which
    /// begins with a slash and is percent-encoded as on the wire.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        ["/apps/", &self.id, path].concat()
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The master key that data for encrypted channels is sealed with.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] when none is configured.
    pub fn sealing_key(&self) -> Result<&MasterKey, Error> {
        self.master_key.as_ref().ok_or_else(|| {
            Error::encryption("no master key is configured: set encryption_master_key_base64")
        })
    }

    /// The master keys that encrypted data is opened with: the one that seals, and the older ones.
    pub fn opening_keys(&self) -> impl Iterator<Item = &MasterKey> + Clone {
        self.master_key.iter().chain(&self.older_master_keys)
    }
}

// === Requests ===
impl App {
    /// Signs a request for a time in Unix seconds. Servers accept it for 600 seconds before and after.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a URL of more than 65,534 bytes.
    pub fn sign(&self, request: &Request, timestamp: u64) -> Result<SignedRequest, Error> {
        api::sign_request(self.token(), &self.address, request, timestamp)
    }
}

// === Browsers ===
impl App {
    /// The token with which a connection may subscribe to a private or an encrypted channel.
    ///
    /// Whether this user may join this channel is yours to decide, before this call.
    ///
    /// ```
    /// use pusher_http::{App, ChannelName, SocketId};
    ///
    /// let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8").build_app()?;
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
        let reject = |reason: &str| Err(Error::invalid("channel name", channel, reason));
        let token = self.token();
        match channel.kind() {
            ChannelKind::Private => Ok(auth::private_channel(token, socket_id, channel)),
            ChannelKind::Encrypted => {
                let secret = self.sealing_key()?.shared_secret(channel);
                Ok(auth::encrypted_channel(token, socket_id, channel, &secret))
            }
            ChannelKind::Public => reject("a public channel needs no authorization"),
            ChannelKind::Presence => {
                reject("a presence channel needs a member: authorize_presence_channel")
            }
        }
    }

    /// The token with which a connection may subscribe to a presence channel as this member.
    ///
    /// Whether this user may join this channel is yours to decide, before this call.
    ///
    /// ```
    /// use pusher_http::{App, ChannelName, PresenceMember, SocketId};
    /// use serde_json::json;
    ///
    /// let app = App::builder("3", "key", "secret").build_app()?;
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
        auth::presence_channel(
            self.token(),
            socket_id,
            channel,
            member.into(),
            &self.limits,
        )
    }

    /// The token with which a connection signs in as this user.
    ///
    /// ```
    /// use pusher_http::{App, SocketId, UserData};
    ///
    /// let app = App::builder("3", "key", "secret").build_app()?;
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
        auth::user(self.token(), socket_id, user, &self.limits)
    }
}

// === Webhooks ===
impl App {
    /// Verifies and parses a webhook of this app by its request's headers and raw body, and opens
    /// the data of client events on encrypted channels.
    ///
    /// ```
    /// use pusher_http::{App, WebhookEvent};
    /// use pusher_http::webhook::WebhookSignature;
    ///
    /// let app = App::builder("3", "key", "secret").build_app()?;
    /// let body = br#"{"time_ms":1403175510755,"events":[{"channel":"room","name":"channel_occupied"}]}"#;
    /// let headers = WebhookSignature::new(app.token(), body).headers(); // in a test of yours
    ///
    /// let webhook = app.webhook(&headers, body)?;
    /// for event in webhook.events {
    ///     match event {
    ///         WebhookEvent::ChannelOccupied { channel, .. } => assert_eq!(channel, "room"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Webhook::from_headers`].
    pub fn webhook(&self, headers: &HeaderMap, body: &[u8]) -> Result<Webhook, Error> {
        let webhook = Webhook::from_headers(self.tokens(), headers, body)?;
        Ok(webhook.decrypted(self.opening_keys()))
    }

    /// As [`webhook`](Self::webhook), by the values of the `X-Pusher-Key` and
    /// `X-Pusher-Signature` headers: for frameworks with a header map of their own.
    ///
    /// # Errors
    ///
    /// As [`Webhook::from_headers`].
    pub fn webhook_from_parts(
        &self,
        key: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<Webhook, Error> {
        let webhook = Webhook::from_parts(self.tokens(), key, signature, body)?;
        Ok(webhook.decrypted(self.opening_keys()))
    }
}
