//! Calls that take one request: a builder that is awaited.

use std::borrow::Cow;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::Pusher;
use super::execute::{CallOptions, call_options};
use crate::api::{ChannelQuery, ChannelsQuery, Endpoint, GenericCall};
use crate::error::Error;
use crate::event::Info;

/// The future of a call. It borrows nothing, so it can be spawned.
pub type CallFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A call that is sent when it is awaited.
#[must_use = "a call is sent when it is awaited"]
#[derive(Debug)]
pub struct Call<E> {
    pusher: Pusher,
    endpoint: Result<E, Error>,
    options: CallOptions,
}

impl<E> Call<E> {
    pub(super) fn new(pusher: Pusher, endpoint: Result<E, Error>) -> Self {
        Self {
            pusher,
            endpoint,
            options: CallOptions::default(),
        }
    }

    call_options!();

    fn map(mut self, change: impl FnOnce(E) -> E) -> Self {
        self.endpoint = self.endpoint.map(change);
        self
    }
}

impl Call<ChannelsQuery> {
    /// Lists only channels whose name begins with this prefix, such as `presence-room-`.
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        self.map(|query| query.prefix(prefix))
    }

    /// Asks for [`Info::USER_COUNT`], which needs a prefix that begins with `presence-`.
    pub fn info(self, info: Info) -> Self {
        self.map(|query| query.info(info))
    }
}

impl Call<ChannelQuery> {
    /// Asks for additional attributes of the channel.
    ///
    /// Use [`Info::USER_COUNT`] on presence channels, [`Info::SUBSCRIPTION_COUNT`] on all others,
    /// and [`Info::CACHE`] on cache channels.
    pub fn info(self, info: Info) -> Self {
        self.map(|query| query.info(info))
    }
}

impl<T: serde::de::DeserializeOwned> Call<GenericCall<T>> {
    /// Adds a query parameter.
    ///
    /// The key may contain `a-z 0-9 _ - .`. The value may be any text and is encoded on the wire.
    pub fn query(self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        Self {
            endpoint: self.endpoint.and_then(|call| call.query(key, value)),
            ..self
        }
    }
}

impl<E> IntoFuture for Call<E>
where
    E: Endpoint + Send + Sync + 'static,
{
    type Output = Result<E::Response, Error>;
    type IntoFuture = CallFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.pusher.send_with(self.options, &self.endpoint?).await })
    }
}
