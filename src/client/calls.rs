//! The calls of a client: each gives a builder that is awaited.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Call, Pusher, TriggerBatchCall, TriggerCall};
use crate::api::{
    ChannelQuery, ChannelsQuery, GenericCall, IntoChannels, TerminateConnections, Trigger,
    UsersQuery,
};
use crate::channel::ChannelName;
use crate::error::Error;
use crate::event::{Event, IntoEventData};
use crate::event_name::EventName;
use crate::text_type::CheckedText;
use crate::user::UserId;

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
    pub fn trigger<C, N, D>(&self, channels: C, event: N, data: D) -> TriggerCall
    where
        C: IntoChannels,
        N: CheckedText<EventName>,
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
    /// those that were not. All events are checked before the first is sent: one that is refused
    /// stops them all.
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
        N: CheckedText<EventName>,
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
    pub fn post<T>(&self, path: impl Into<String>, body: impl Serialize) -> Call<GenericCall<T>>
    where
        T: DeserializeOwned + 'static,
    {
        Call::new(self.clone(), GenericCall::post(path, body))
    }
}
