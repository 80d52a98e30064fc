//! The client and all its methods.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::execute::{CallOptions, Execution};
use super::settings::ClientSettings;
use super::trace::CallTrace;
use super::{Call, HttpClient, RetryPolicy, SendLimits, TriggerBatchCall, TriggerCall};
use crate::api::{
    ChannelQuery, ChannelsQuery, Endpoint, GenericCall, Request, SignedRequest,
    TerminateConnections, Trigger, UsersQuery,
};
use crate::app::App;
use crate::auth::{ChannelAuth, ChannelAuthRequest, UserAuth};
use crate::builder::Builder;
use crate::channel::{ChannelName, IntoChannelName, IntoChannels};
use crate::client::platform::SystemTime;
use crate::error::Error;
use crate::event::{IntoEvent, IntoEventData};
use crate::event_name::IntoEventName;
use crate::presence_member::PresenceMember;
use crate::socket_id::SocketId;
use crate::user_data::UserData;
use crate::user_id::IntoUserId;
use crate::webhook::Webhook;

/// A client for one Pusher app.
///
/// A backend needs only one. It is cheap to clone and can be shared between tasks. All clones share
/// their connections, with one pool for each tokio runtime.
///
/// Each call is a builder: set its options with methods, and `.await` it. Nothing is sent before
/// the `.await`.
///
/// ```no_run
/// # async fn notify(sender: pusher_http::SocketId) -> Result<(), pusher_http::Error> {
/// use pusher_http::Pusher;
///
/// let pusher = Pusher::builder("app-id", "key", "secret").cluster("eu").build()?;
/// pusher.trigger("room-1", "message", "hello").exclude(sender).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pusher {
    pub(super) shared: Arc<Shared>,
}

pub(super) struct Shared {
    app: App,
    pub(super) http_client: Arc<dyn HttpClient>,
    pub(super) limits: SendLimits,
    pub(super) deadline: Option<Duration>,
    pub(super) retry: RetryPolicy,
    webhook_window: Option<Duration>,
}

// === Construction ===
impl Pusher {
    /// Returns a builder with the three values from the app's "App Keys" page.
    pub fn builder(
        app_id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> Builder {
        App::builder(app_id, key, secret)
    }

    /// Creates a client from environment variables.
    ///
    /// It reads `PUSHER_URL`, or `PUSHER_APP_ID`, `PUSHER_KEY`, `PUSHER_SECRET` and the other
    /// variables that [`Builder::from_vars`](crate::Builder::from_vars) lists.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a variable is missing or malformed. It names the variable, never its
    /// value.
    pub fn from_env() -> Result<Self, Error> {
        Builder::from_env()?.build()
    }

    /// Creates a client from a URL such as `https://KEY:SECRET@api-eu.pusher.com/apps/ID`.
    ///
    /// See [`Builder::from_url`](crate::Builder::from_url).
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a part is missing or malformed. It names the part, never its value.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Builder::from_url(url)?.build()
    }

    /// The app, with its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.shared.app
    }

    /// Creates a client for an existing app, with default values for all other settings.
    ///
    /// ```
    /// use pusher_http::{App, Pusher};
    ///
    /// let app = App::builder("app-id", "key", "secret").cluster("eu").build_app()?;
    /// let pusher = Pusher::from_app(app)?;
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the HTTP client can't be created.
    pub fn from_app(app: App) -> Result<Self, Error> {
        Self::new(app, ClientSettings::default())
    }

    pub(crate) fn new(app: App, settings: ClientSettings) -> Result<Self, Error> {
        let ClientSettings {
            limits,
            deadline,
            retry,
            webhook_window,
            ..
        } = settings;
        Ok(Self {
            shared: Arc::new(Shared {
                http_client: settings.into_http_client(&app)?,
                app,
                limits,
                deadline,
                retry,
                webhook_window,
            }),
        })
    }
}

// === Events ===
impl Pusher {
    /// Triggers an event on one or more channels.
    ///
    /// The data is any serialisable value or an [`EventData`](crate::EventData), at most 10,240
    /// bytes.
    ///
    /// More than 100 channels are sent in several requests, in order. If one of them fails, the
    /// error is an [`Error::Partial`] with the outcome for each channel.
    ///
    /// Awaiting it gives a [`TriggerResponse`](crate::TriggerResponse).
    ///
    /// # Errors
    ///
    /// - Before the request: [`Error::Invalid`] for malformed names and for several channels if one
    ///   of them is encrypted, [`Error::Serialize`], [`Error::Limit`], [`Error::Encryption`] and
    ///   [`Error::Random`].
    /// - Network errors: [`Error::Api`], [`Error::Connect`], [`Error::Timeout`],
    ///   [`Error::Deadline`], [`Error::Transport`], [`Error::UnusableResponse`] and [`Error::Decode`].
    /// - [`Error::Partial`] if one of several requests failed.
    pub fn trigger<C, M, N, D>(&self, channels: C, event: N, data: D) -> TriggerCall
    where
        C: IntoChannels<M>,
        N: IntoEventName,
        D: IntoEventData,
    {
        TriggerCall::new(self.clone(), Trigger::new(channels, event, data))
    }

    /// Triggers any number of events, each on its own channel, in order.
    ///
    /// Each request carries up to ten events. Without events, no request is sent and the call
    /// succeeds.
    ///
    /// Pass one event as `[event]`. A bare `Result<Event, Error>` is a list of one event or none, so
    /// an error in it would be lost.
    ///
    /// Awaiting it gives a [`TriggerBatchResponse`](crate::TriggerBatchResponse).
    ///
    /// # Errors
    ///
    /// A [`BatchError`](super::BatchError) has the outcome of each event, and returns the events
    /// that were not accepted or may not have been. All events are checked before the first is
    /// sent. If one is rejected, none is sent.
    pub fn trigger_batch<I>(&self, events: I) -> TriggerBatchCall
    where
        I: IntoIterator<Item: IntoEvent>,
    {
        TriggerBatchCall::new(self.clone(), events)
    }

    /// Triggers an event on all connections of a user who signed in.
    ///
    /// Awaiting it gives a [`TriggerResponse`](crate::TriggerResponse).
    ///
    /// # Errors
    ///
    /// The errors of [`trigger`](Self::trigger).
    pub fn send_to_user<U, N, D>(&self, user_id: U, event: N, data: D) -> TriggerCall
    where
        U: IntoUserId,
        N: IntoEventName,
        D: IntoEventData,
    {
        TriggerCall::new(self.clone(), Trigger::to_user(user_id, event, data))
    }

    /// Closes all connections of a user who signed in.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed user id, and the network errors of
    /// [`trigger`](Self::trigger). The user ids `.` and `..` are also invalid here, since they
    /// can't be part of a path.
    pub fn terminate_user_connections<U: IntoUserId>(
        &self,
        user_id: U,
    ) -> Call<TerminateConnections> {
        Call::new(self.clone(), TerminateConnections::new(user_id))
    }
}

// === Queries ===
impl Pusher {
    /// Lists the occupied channels.
    ///
    /// Awaiting it gives a map from channel names to their [counts](crate::api::ChannelCounts).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for `info` that does not match the prefix, and the network errors of
    /// [`trigger`](Self::trigger).
    pub fn channels(&self) -> Call<ChannelsQuery> {
        Call::new(self.clone(), Ok(ChannelsQuery::new()))
    }

    /// Queries whether a channel is occupied, and the attributes requested by `info`.
    ///
    /// Awaiting it gives a [`ChannelState`](crate::api::ChannelState).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name or for `info` that does not match the channel, and
    /// the network errors of [`trigger`](Self::trigger).
    pub fn channel<C: IntoChannelName>(&self, channel: C) -> Call<ChannelQuery> {
        Call::new(self.clone(), ChannelQuery::new(channel))
    }

    /// Lists the users on a presence channel.
    ///
    /// Awaiting it gives a list of [users](crate::api::User).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a channel that is not a presence channel, and the network errors of
    /// [`trigger`](Self::trigger).
    pub fn users<C: IntoChannelName>(&self, channel: C) -> Call<UsersQuery> {
        Call::new(self.clone(), UsersQuery::new(channel))
    }
}

// === Any other endpoint ===
impl Pusher {
    /// Calls any other endpoint with `GET`. The `path` follows `/apps/{app_id}`.
    ///
    /// ```no_run
    /// # async fn f(pusher: pusher_http::Pusher) -> Result<(), pusher_http::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Connections { connections: u64 }
    ///
    /// let response: Connections = pusher.get("/connections").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed path or query key, [`Error::Decode`] if the response
    /// can't be deserialised as `T`, and the network errors of [`trigger`](Self::trigger).
    pub fn get<T>(&self, path: impl Into<Cow<'static, str>>) -> Call<GenericCall<T>>
    where
        T: DeserializeOwned + 'static,
    {
        Call::new(self.clone(), GenericCall::get(path))
    }

    /// Calls any other endpoint with `POST` and a JSON body.
    ///
    /// The `path` follows `/apps/{app_id}`.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get), and [`Error::Serialize`] if the body can't be serialised.
    pub fn post<T>(
        &self,
        path: impl Into<Cow<'static, str>>,
        body: impl Serialize,
    ) -> Call<GenericCall<T>>
    where
        T: DeserializeOwned + 'static,
    {
        Call::new(self.clone(), GenericCall::post(path, body))
    }

    /// Sends the request of any [`Endpoint`], including your own, and reads its response.
    ///
    /// It uses the client's deadline and retry policy. The other calls are built on it, but here
    /// nothing is split into several requests and nothing is encrypted.
    ///
    /// # Errors
    ///
    /// The errors of the endpoint, and the network errors of [`trigger`](Self::trigger).
    pub async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        self.send_with(CallOptions::default(), endpoint).await
    }

    pub(super) async fn send_with<E: Endpoint>(
        &self,
        options: CallOptions,
        endpoint: &E,
    ) -> Result<E::Response, Error> {
        let trace = CallTrace::new(E::NAME, None);
        let call = Execution::new(self, options, &trace);
        let sent = async { call.send(&endpoint.request(self.app())?, endpoint).await };
        trace.run(sent).await
    }

    /// Signs a request with the current time, without sending it.
    ///
    /// Use it if you need only the URL or the query string.
    ///
    /// ```
    /// # let pusher = pusher_http::Pusher::builder("3", "key", "secret").tls(false).build()?;
    /// use pusher_http::api::Request;
    ///
    /// let request = Request::get("/channels")?;
    /// let url = pusher.sign(&request)?.uri().to_string();
    /// # assert!(url.starts_with("http://api-mt1.pusher.com/apps/3/channels?auth_key=key&"));
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`App::sign`](crate::App::sign).
    pub fn sign(&self, request: &Request) -> Result<SignedRequest, Error> {
        self.app().sign(request, since_unix_epoch().as_secs())
    }
}

// === Browsers ===
impl Pusher {
    /// Authorizes a page's connection to subscribe to a channel of any kind.
    ///
    /// The connection and the channel are those of the page's request. See
    /// [`App::authorize`](crate::App::authorize).
    ///
    /// First check that this user may join this channel. This method does not check it.
    ///
    /// # Errors
    ///
    /// The errors of [`App::authorize`](crate::App::authorize).
    pub fn authorize(
        &self,
        request: &ChannelAuthRequest,
        member: impl Into<PresenceMember>,
    ) -> Result<ChannelAuth, Error> {
        self.app().authorize(request, member)
    }

    /// Authorizes a connection to subscribe to a private or an encrypted channel.
    ///
    /// See [`App::authorize_channel`](crate::App::authorize_channel).
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

    /// Authorizes a connection to subscribe to a presence channel as this member.
    ///
    /// See [`App::authorize_presence_channel`](crate::App::authorize_presence_channel).
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

    /// Signs a user in on a connection.
    ///
    /// See [`App::authenticate_user`](crate::App::authenticate_user).
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
}

// === Webhooks ===
impl Pusher {
    /// Verifies and parses a webhook; see [`App::webhook`](crate::App::webhook).
    ///
    /// If [`webhook_window`](crate::Builder::webhook_window) is set, webhooks that are too old or
    /// too far in the future are rejected.
    ///
    /// # Errors
    ///
    /// [`Error::Webhook`] if the webhook can't be trusted or can't be read.
    pub fn webhook(&self, headers: &HeaderMap, body: impl AsRef<[u8]>) -> Result<Webhook, Error> {
        self.in_window(self.app().webhook(headers, body.as_ref())?)
    }

    /// The same as [`webhook`](Self::webhook), for frameworks with their own header map.
    ///
    /// It takes the values of the `X-Pusher-Key` and `X-Pusher-Signature` headers.
    ///
    /// # Errors
    ///
    /// The errors of [`webhook`](Self::webhook).
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
            webhook.check_age(std::time::UNIX_EPOCH + since_unix_epoch(), window)?;
        }
        Ok(webhook)
    }
}

/// The current time as a duration since the Unix epoch, as the protocol uses it.
pub(super) fn since_unix_epoch() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default()
}

impl fmt::Debug for Pusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pusher")
            .field("app", self.app())
            .finish_non_exhaustive()
    }
}
