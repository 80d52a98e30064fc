//! A client and all its methods.

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

/// A client of one Pusher app: the one value that a backend holds.
///
/// It is cheap to clone and shared freely between tasks; all clones share their connections, a pool
/// for each tokio runtime.
/// A call is a builder that is awaited: options are named where they are used, and nothing is
/// sent before the `.await`.
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

// === Its parts ===
impl Pusher {
    /// Starts the settings of a client from the three values that the app's "App Keys" page
    /// shows.
    pub fn builder(
        app_id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> Builder {
        App::builder(app_id, key, secret)
    }

    /// A client set up by the process's environment: `PUSHER_URL`, or `PUSHER_APP_ID`,
    /// `PUSHER_KEY`, `PUSHER_SECRET` and what else
    /// [`Builder::from_vars`](crate::Builder::from_vars) lists.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the variable that is missing or malformed, never its value.
    pub fn from_env() -> Result<Self, Error> {
        Builder::from_env()?.build()
    }

    /// A client set up by a URL such as `https://KEY:SECRET@api-eu.pusher.com/apps/ID`; see
    /// [`Builder::from_url`](crate::Builder::from_url).
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the part that is missing or malformed, never its value.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        Builder::from_url(url)?.build()
    }

    /// The app: its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.shared.app
    }

    /// A client of an app that was made before, with all other settings at their defaults.
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
    /// [`Error::Config`] when the HTTP client can't be made.
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
    /// Triggers an event on one channel or several, with any serialisable value, or an
    /// [`EventData`](crate::EventData), as its data: at most 10,240 bytes.
    ///
    /// More than 100 channels are sent in several requests, in order; when one of them fails,
    /// the error is [`Error::Partial`] and says what became of each channel.
    ///
    /// Awaiting it gives a [`TriggerResponse`](crate::TriggerResponse).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for malformed names and for several channels of which one is
    /// encrypted, [`Error::Serialize`], [`Error::Limit`], [`Error::Encryption`],
    /// [`Error::Random`], and what can go wrong on the network: [`Error::Api`],
    /// [`Error::Connect`], [`Error::Timeout`], [`Error::Deadline`], [`Error::Transport`],
    /// [`Error::Answer`], [`Error::Decode`].
    pub fn trigger<C, M, N, D>(&self, channels: C, event: N, data: D) -> TriggerCall
    where
        C: IntoChannels<M>,
        N: IntoEventName,
        D: IntoEventData,
    {
        TriggerCall::new(self.clone(), Trigger::new(channels, event, data))
    }

    /// Triggers any number of events, each for its own channel, in order: ten in each request. None
    /// at all is no request and no error.
    ///
    /// Awaiting it gives a [`TriggerBatchResponse`](crate::TriggerBatchResponse).
    ///
    /// # Errors
    ///
    /// [`BatchError`](super::BatchError) says of each event whether it was accepted, and hands back
    /// those that were not, or may not have been. All events are checked before the first is sent: one
    /// that is rejected stops them all.
    pub fn trigger_batch<I>(&self, events: I) -> TriggerBatchCall
    where
        I: IntoIterator<Item: IntoEvent>,
    {
        TriggerBatchCall::new(self.clone(), events)
    }

    /// Triggers an event for all connections of a user who signed in.
    ///
    /// Awaiting it gives a [`TriggerResponse`](crate::TriggerResponse).
    ///
    /// # Errors
    ///
    /// As [`trigger`](Self::trigger).
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
    /// [`Error::Invalid`] for a malformed user id (a single dot, or two, can't stand in a path),
    /// and what can go wrong on the network, as in [`trigger`](Self::trigger).
    pub fn terminate_user_connections<U: IntoUserId>(
        &self,
        user_id: U,
    ) -> Call<TerminateConnections> {
        Call::new(self.clone(), TerminateConnections::new(user_id))
    }
}

// === Queries ===
impl Pusher {
    /// Asks which channels are occupied.
    ///
    /// Awaiting it gives a map from channel names to their
    /// [counts](crate::api::ChannelCounts).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for `info` that does not fit the prefix, and what can go wrong on the
    /// network, as in [`trigger`](Self::trigger).
    pub fn channels(&self) -> Call<ChannelsQuery> {
        Call::new(self.clone(), Ok(ChannelsQuery::new()))
    }

    /// Asks whether a channel is occupied, and for what else `info` names.
    ///
    /// Awaiting it gives a [`ChannelState`](crate::api::ChannelState).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name and for `info` that does not fit the channel, and
    /// what can go wrong on the network, as in [`trigger`](Self::trigger).
    pub fn channel<C: IntoChannelName>(&self, channel: C) -> Call<ChannelQuery> {
        Call::new(self.clone(), ChannelQuery::new(channel))
    }

    /// Asks who is on a presence channel.
    ///
    /// Awaiting it gives a list of [users](crate::api::User).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a channel of another kind, and what can go wrong on the network,
    /// as in [`trigger`](Self::trigger).
    pub fn users<C: IntoChannelName>(&self, channel: C) -> Call<UsersQuery> {
        Call::new(self.clone(), UsersQuery::new(channel))
    }
}

// === Any other endpoint ===
impl Pusher {
    /// Calls any other endpoint with `GET`: `path` comes after `/apps/{app_id}`.
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
    /// [`Error::Invalid`] for a malformed path or query key, [`Error::Decode`] when the answer
    /// is no `T`, and what else can go wrong on the network, as in [`trigger`](Self::trigger).
    pub fn get<T>(&self, path: impl Into<Cow<'static, str>>) -> Call<GenericCall<T>>
    where
        T: DeserializeOwned + 'static,
    {
        Call::new(self.clone(), GenericCall::get(path))
    }

    /// Calls any other endpoint with `POST` and a JSON body: `path` comes after
    /// `/apps/{app_id}`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), and [`Error::Serialize`] when the body can't be serialised.
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

    /// Sends the request of any [`Endpoint`], yours among them, and reads its answer, with the
    /// client's own deadline and retries.
    ///
    /// It is what the calls are made of: nothing is split and nothing is sealed here.
    ///
    /// # Errors
    ///
    /// What the endpoint refuses, and what can go wrong on the network, as in
    /// [`trigger`](Self::trigger).
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

    /// Signs a request for now, without sending it: for its URL or query string alone.
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
    /// The error of [`App::sign`](crate::App::sign).
    pub fn sign(&self, request: &Request) -> Result<SignedRequest, Error> {
        self.app().sign(request, since_unix_epoch().as_secs())
    }
}

// === Browsers ===
impl Pusher {
    /// Authorizes the connection of a page's request to subscribe to its channel, whatever the channel's
    /// kind is; see [`App::authorize`](crate::App::authorize).
    ///
    /// Check first that this user may join this channel: that is not checked here.
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

    /// Authorizes a connection to subscribe to a private or an encrypted channel; see
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

    /// Authorizes a connection to subscribe to a presence channel as this member; see
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

    /// Signs a user in on a connection; see
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
}

// === Webhooks ===
impl Pusher {
    /// Verifies and parses a webhook; see [`App::webhook`](crate::App::webhook). With
    /// [`webhook_window`](crate::Builder::webhook_window) set, one from too long ago, or
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
            webhook.check_age(std::time::UNIX_EPOCH + since_unix_epoch(), window)?;
        }
        Ok(webhook)
    }
}

/// The time as the protocol has it.
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
