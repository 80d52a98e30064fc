//! A Pusher app: builds requests, authorizes browsers and verifies webhooks.

use std::sync::Arc;

use http::HeaderMap;
use url::Url;

use crate::api::{Address, Request, SignedRequest};
use crate::auth::{self, ChannelAuth, ChannelAuthRequest, UserAuth};
use crate::builder::Builder;
use crate::channel::{ChannelKind, ChannelName};
use crate::credentials::Credentials;
use crate::encryption::MasterKey;
use crate::error::Error;
use crate::limits::Limits;
use crate::presence_member::PresenceMember;
use crate::socket_id::SocketId;
use crate::user_data::UserData;
use crate::webhook::Webhook;

/// An app's id, credentials, address, limits and encryption keys, checked when it is built.
///
/// It is pure data and does not access the clock, the environment or the network. `Pusher` contains
/// an `App`, and the functions of [`api`](crate::api) take one.
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
    /// The first one signs requests. All of them verify webhooks.
    pub(crate) credentials: Vec<Credentials>,
    pub(crate) address: Arc<Address>,
    pub(crate) limits: Limits,
    pub(crate) master_key: Option<MasterKey>,
    pub(crate) older_master_keys: Vec<MasterKey>,
}

// === Its parts ===
impl App {
    /// Starts building an app from the three values that its "App Keys" page shows.
    pub fn builder(
        id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> Builder {
        Builder::new(id.into(), key.into(), secret.into())
    }

    /// Returns the app's id, which is part of every path.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the credentials used to sign requests and to authorize browsers.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        // Never empty: only the builder constructs an `App`.
        &self.credentials[0]
    }

    /// Returns the credentials used to verify webhooks, with the signing credentials first.
    #[must_use]
    pub fn all_credentials(&self) -> &[Credentials] {
        &self.credentials
    }

    /// Returns the server's address: scheme, host, port, and the path prefix if there is one.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.address.url
    }

    /// Returns the limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the master key that encrypts data for encrypted channels.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] if no key is configured.
    pub fn encryption_key(&self) -> Result<&MasterKey, Error> {
        self.master_key.as_ref().ok_or_else(|| {
            Error::encryption("no master key is configured: set encryption_master_key_base64")
        })
    }

    /// Returns the master keys for decryption: the one that encrypts, and the older ones.
    pub fn decryption_keys(&self) -> impl Iterator<Item = &MasterKey> + Clone {
        self.master_key.iter().chain(&self.older_master_keys)
    }
}

// === Requests ===
impl App {
    /// Signs a request for a time in Unix seconds.
    ///
    /// Servers accept the request for 600 seconds before and after this time.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a URL of more than 65,534 bytes.
    pub fn sign(&self, request: &Request, timestamp: u64) -> Result<SignedRequest, Error> {
        SignedRequest::new(self, request, timestamp)
    }
}

// === Browsers ===
impl App {
    /// Authorizes the connection of a page's request to subscribe to its channel.
    ///
    /// The channel can be of any kind. The member is used only on a presence channel.
    ///
    /// Before you call this method, check that this user may join this channel. That is not checked
    /// here.
    ///
    /// ```
    /// use pusher_http::{App, ChannelAuthRequest, PresenceMember};
    ///
    /// let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8").build_app()?;
    /// let user_id = 42; // From your session.
    ///
    /// let request = ChannelAuthRequest::from_form(b"socket_id=1234.1234&channel_name=private-foobar")?;
    /// let auth = app.authorize(&request, PresenceMember::new(user_id)?)?;
    /// assert_eq!(
    ///     auth.to_json(),
    ///     r#"{"auth":"278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"}"#,
    /// );
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`authorize_channel`](Self::authorize_channel). On a presence channel, those
    /// of [`authorize_presence_channel`](Self::authorize_presence_channel).
    pub fn authorize(
        &self,
        request: &ChannelAuthRequest,
        member: impl Into<PresenceMember>,
    ) -> Result<ChannelAuth, Error> {
        let (socket_id, channel) = (&request.socket_id, &request.channel_name);
        match channel.kind() {
            ChannelKind::Presence => self.authorize_presence_channel(socket_id, channel, member),
            _ => self.authorize_channel(socket_id, channel),
        }
    }

    /// Authorizes a connection to subscribe to a private or an encrypted channel.
    ///
    /// Before you call this method, check that this user may join this channel. That is not checked
    /// here.
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
    ///     auth.auth(),
    ///     "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
    /// );
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a public channel, which needs no authorization, for a presence
    /// channel, which needs a member, and for a name outside the [limits](Limits).
    /// [`Error::Encryption`] for an encrypted channel without a master key.
    pub fn authorize_channel(
        &self,
        socket_id: &SocketId,
        channel: &ChannelName,
    ) -> Result<ChannelAuth, Error> {
        channel.check_limits(&self.limits)?;
        let secret = if channel.kind() == ChannelKind::Encrypted {
            Some(self.encryption_key()?.shared_secret(channel))
        } else {
            auth::check_kind(channel, ChannelKind::Private)?;
            None
        };
        let credentials = self.credentials();
        Ok(auth::without_member(
            credentials,
            socket_id,
            channel,
            secret.as_ref(),
        ))
    }

    /// Authorizes a connection to subscribe to a presence channel as this member.
    ///
    /// Before you call this method, check that this user may join this channel. That is not checked
    /// here.
    ///
    /// ```
    /// use pusher_http::{App, ChannelName, PresenceMember, SocketId};
    /// use serde_json::json;
    ///
    /// let app = App::builder("3", "key", "secret").build_app()?;
    /// let auth = app.authorize_presence_channel(
    ///     &SocketId::new("1234.1234")?,
    ///     &ChannelName::new("presence-room-1")?,
    ///     PresenceMember::new("42")?.user_info(json!({"name": "Ada"}))?,
    /// )?;
    /// let channel_data = r#"{"user_id":"42","user_info":{"name":"Ada"}}"#;
    /// assert_eq!(auth.channel_data(), Some(channel_data));
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a channel of another kind, or a name outside the [limits](Limits).
    /// [`Error::Limit`] for a member with more than
    /// [`Limits::presence_member_bytes`](field@Limits::presence_member_bytes) of JSON.
    pub fn authorize_presence_channel(
        &self,
        socket_id: &SocketId,
        channel: &ChannelName,
        member: impl Into<PresenceMember>,
    ) -> Result<ChannelAuth, Error> {
        channel.check_limits(&self.limits)?;
        let member = member.into();
        let auth = auth::presence_channel(self.credentials(), socket_id, channel, &member)?;
        let bytes = auth.channel_data().map_or(0, str::len);
        let (limit, max) = (
            "presence member in bytes",
            self.limits.presence_member_bytes,
        );
        if bytes > max {
            let context = format!("user {:?}", member.user_id().as_str());
            return Err(Error::limit(limit, bytes, max, context));
        }
        Ok(auth)
    }

    /// Authenticates a user on a connection.
    ///
    /// ```
    /// use pusher_http::{App, SocketId, UserData};
    ///
    /// let app = App::builder("3", "key", "secret").build_app()?;
    /// let user = UserData::new("42")?.watchlist(["7"])?;
    /// let auth = app.authenticate_user(&SocketId::new("1234.1234")?, &user)?;
    /// assert_eq!(auth.user_data(), r#"{"id":"42","watchlist":["7"]}"#);
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a user id with characters that the [limits](Limits) exclude.
    /// [`Error::Limit`] for a watchlist with more than
    /// [`Limits::watchlist_ids`](field@Limits::watchlist_ids) ids.
    pub fn authenticate_user(
        &self,
        socket_id: &SocketId,
        user: &UserData,
    ) -> Result<UserAuth, Error> {
        user.check(&self.limits)?;
        auth::user(self.credentials(), socket_id, user)
    }
}

// === Webhooks ===
impl App {
    /// Verifies and parses a webhook of this app, given its request's headers and raw body.
    ///
    /// Also decrypts the data of client events on encrypted channels.
    ///
    /// ```
    /// use pusher_http::{App, WebhookEvent};
    /// use pusher_http::webhook::WebhookSignature;
    ///
    /// let app = App::builder("3", "key", "secret").build_app()?;
    /// let body = br#"{"time_ms":1403175510755,"events":[{"channel":"room","name":"channel_occupied"}]}"#;
    /// let headers = WebhookSignature::new(app.credentials(), body).headers(); // in a test of yours
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
    /// The errors of [`Webhook::from_headers`].
    pub fn webhook(&self, headers: &HeaderMap, body: &[u8]) -> Result<Webhook, Error> {
        let webhook = Webhook::from_headers(self.all_credentials(), headers, body)?;
        Ok(webhook.decrypted(self.decryption_keys()))
    }

    /// The same as [`webhook`](Self::webhook), given the values of two headers.
    ///
    /// The headers are `X-Pusher-Key` and `X-Pusher-Signature`. Use it for frameworks with a header
    /// map of their own.
    ///
    /// # Errors
    ///
    /// The errors of [`Webhook::from_headers`].
    pub fn webhook_from_parts(
        &self,
        key: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
    ) -> Result<Webhook, Error> {
        let webhook = Webhook::from_parts(self.all_credentials(), key, signature, body)?;
        Ok(webhook.decrypted(self.decryption_keys()))
    }
}
