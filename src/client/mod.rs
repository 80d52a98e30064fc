//! The client that a backend holds: it reads the clock, draws nonces, reads the environment, and
//! sends what [`api`](crate::api) builds.

mod batch;
mod builder;
mod call;
mod transport;
mod trigger;

pub use batch::{BatchError, TriggerBatchCall};
pub use builder::PusherBuilder;
pub use call::{Call, CallFuture};
pub use trigger::TriggerCall;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{
    ChannelQuery, ChannelsQuery, Endpoint, GenericCall, IntoChannels, Request, SignedRequest,
    TerminateConnections, Trigger, UsersQuery,
};
use crate::app::App;
use crate::auth::{ChannelAuth, UserAuth};
use crate::channel::ChannelName;
use crate::error::Error;
use crate::event::{Event, IntoEventData};
use crate::event_name::EventName;
use crate::socket_id::SocketId;
use crate::user::{PresenceMember, UserData, UserId};
use crate::webhook::Webhook;
use transport::Transport;

/// A client of one Pusher app: the one value that a backend holds.
///
/// It is cheap to clone and shared freely between tasks; all clones use one connection pool.
/// A call is a builder that is awaited: options are named where they are used, and nothing is
/// sent before the `.await`.
///
/// ```no_run
/// # async fn notify() -> Result<(), pusher_http::Error> {
/// use pusher_http::Pusher;
///
/// let pusher = Pusher::builder("app-id", "key", "secret").cluster("eu").build()?;
/// pusher.trigger("room-1", "message", "hello").exclude("1234.5678").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Pusher {
    shared: Arc<Shared>,
}

struct Shared {
    app: App,
    transport: Transport,
    webhook_window: Option<Duration>,
}

impl Pusher {
    /// Starts the settings of a client from the three values that the app's "App Keys" page
    /// shows.
    #[must_use]
    pub fn builder(
        app_id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> PusherBuilder {
        App::builder(app_id, key, secret).into()
    }

    /// A client set up by the process's environment: `PUSHER_URL`, or `PUSHER_APP_ID`,
    /// `PUSHER_KEY`, `PUSHER_SECRET` and what else [`App::from_vars`] lists.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the variable that is missing or malformed, never its value.
    pub fn from_env() -> Result<Self, Error> {
        PusherBuilder::from(App::from_vars(|name| std::env::var(name).ok())?).build()
    }

    /// A client set up by a URL such as `https://KEY:SECRET@api-eu.pusher.com/apps/ID`; see
    /// [`App::from_url`].
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the part that is missing or malformed, never its value.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        PusherBuilder::from(App::from_url(url)?).build()
    }

    /// The app: its id, key, address and limits.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.shared.app
    }

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
    /// encrypted, [`Error::Serialize`], [`Error::Limit`], [`Error::Encryption`], and what can
    /// go wrong on the network: [`Error::Api`], [`Error::Connect`], [`Error::Timeout`],
    /// [`Error::Transport`], [`Error::Decode`].
    pub fn trigger<C, N, D>(&self, channels: C, event: N, data: D) -> TriggerCall
    where
        C: IntoChannels,
        N: TryInto<EventName, Error: Into<Error>>,
        D: IntoEventData,
    {
        TriggerCall::new(self.clone(), Trigger::new(channels, event, data))
    }

    /// Triggers any number of events, each for its own channel, in order: ten in each request.
    ///
    /// Awaiting it gives a [`TriggerBatchResponse`](crate::TriggerBatchResponse).
    ///
    /// # Errors
    ///
    /// [`BatchError`] says of each event whether it was accepted, and hands back those that
    /// were not. All events are checked before the first is sent.
    pub fn trigger_batch(&self, events: impl IntoIterator<Item = Event>) -> TriggerBatchCall {
        TriggerBatchCall::new(self.clone(), events.into_iter().collect())
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
        U: TryInto<UserId, Error: Into<Error>>,
        N: TryInto<EventName, Error: Into<Error>>,
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
    pub fn terminate_user_connections<U>(&self, user_id: U) -> Call<TerminateConnections>
    where
        U: TryInto<UserId, Error: Into<Error>>,
    {
        let user_id = user_id.try_into().map_err(Into::into);
        Call::new(self.clone(), user_id.map(TerminateConnections::new))
    }

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
    pub fn channel<C>(&self, channel: C) -> Call<ChannelQuery>
    where
        C: TryInto<ChannelName, Error: Into<Error>>,
    {
        let channel = channel.try_into().map_err(Into::into);
        Call::new(self.clone(), channel.map(ChannelQuery::new))
    }

    /// Asks who is on a presence channel.
    ///
    /// Awaiting it gives a list of [users](crate::api::User).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a channel of another kind, and what can go wrong on the network,
    /// as in [`trigger`](Self::trigger).
    pub fn users<C>(&self, channel: C) -> Call<UsersQuery>
    where
        C: TryInto<ChannelName, Error: Into<Error>>,
    {
        let channel = channel.try_into().map_err(Into::into);
        Call::new(self.clone(), channel.map(UsersQuery::new))
    }

    /// Calls any other endpoint with `GET`: `path` comes after `/apps/{app_id}`.
    ///
    /// ```no_run
    /// # async fn f(pusher: pusher_http::Pusher) -> Result<(), pusher_http::Error> {
    /// let answer: serde_json::Value = pusher.get("/channels").query("info", "").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed path or query key, [`Error::Decode`] when the answer
    /// is no `T`, and what else can go wrong on the network, as in [`trigger`](Self::trigger).
    pub fn get<T>(&self, path: impl Into<String>) -> Call<GenericCall<T>>
    where
        T: DeserializeOwned + 'static,
    {
        Call::new(self.clone(), Ok(GenericCall::get(path)))
    }

    /// Calls any other endpoint with `POST` and a JSON body: `path` comes after
    /// `/apps/{app_id}`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), and [`Error::Serialize`] when the body can't be serialised.
    pub fn post<T, B>(&self, path: impl Into<String>, body: &B) -> Call<GenericCall<T>>
    where
        T: DeserializeOwned + 'static,
        B: Serialize + ?Sized,
    {
        Call::new(self.clone(), GenericCall::post(path, body))
    }

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
    /// [`App::authorize_channel`].
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
    /// [`App::authorize_presence_channel`].
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
    /// [`App::authenticate_user`].
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

    /// Verifies and parses a webhook; see [`App::webhook`]. With
    /// [`webhook_window`](PusherBuilder::webhook_window) set, an old one is refused.
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

    /// Sends one request and reads its answer.
    async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        let request = endpoint.request(self.app())?;
        let signed_at = unix_seconds();
        let signed = self.app().sign(&request, signed_at);
        let response = self.shared.transport.send(signed).await?;
        endpoint.read(&response, signed_at)
    }
}

impl fmt::Debug for Pusher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pusher")
            .field("app", self.app())
            .finish_non_exhaustive()
    }
}

fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(feature = "encryption")]
fn random_nonce() -> Result<[u8; crate::encryption::NONCE_BYTES], Error> {
    let mut nonce = [0; crate::encryption::NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|error| Error::Random {
        source: error.into(),
    })?;
    Ok(nonce)
}

#[cfg(feature = "encryption")]
fn sealing_key(app: &App) -> Result<&crate::encryption::MasterKey, Error> {
    app.master_keys().first().ok_or_else(|| {
        Error::encryption("no master key is configured: set encryption_master_key_base64")
    })
}
