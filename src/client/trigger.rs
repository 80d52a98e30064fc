//! A trigger: one request, or several where there are more channels than one takes.

use std::future::IntoFuture;

use serde::Serialize;

use super::{CallFuture, Pusher};
use crate::api::{Trigger, TriggerResponse};
use crate::error::{Error, Outcome, Partial};
use crate::event::Info;
use crate::socket_id::SocketId;

/// A trigger that is sent when it is awaited.
#[must_use = "an event is sent when its trigger is awaited"]
#[derive(Debug)]
pub struct TriggerCall {
    pusher: Pusher,
    trigger: Result<Trigger, Error>,
}

impl TriggerCall {
    pub(super) fn new(pusher: Pusher, trigger: Result<Trigger, Error>) -> Self {
        Self { pusher, trigger }
    }

    /// Does not deliver the event to this connection: the one whose request caused it. A
    /// malformed socket id is an error when the call is awaited.
    pub fn exclude<S>(mut self, socket_id: S) -> Self
    where
        S: TryInto<SocketId, Error: Into<Error>>,
    {
        self.trigger = self.trigger.and_then(|trigger| trigger.exclude(socket_id));
        self
    }

    /// Asks for counts of the channels in the answer. The hosted service bills such an event as
    /// two messages.
    pub fn info(mut self, info: Info) -> Self {
        self.trigger = self.trigger.map(|trigger| trigger.info(info));
        self
    }

    /// Adds a field that the hosted service does not know, for servers that extend the protocol,
    /// such as Sockudo's `idempotency_key`. A name that the protocol uses is an error when the
    /// call is awaited.
    pub fn extra<T: Serialize + ?Sized>(mut self, name: impl Into<String>, value: &T) -> Self {
        self.trigger = self.trigger.and_then(|trigger| trigger.extra(name, value));
        self
    }

    async fn send(self) -> Result<TriggerResponse, Error> {
        let Self { pusher, trigger } = self;
        let trigger = trigger?;
        trigger.check(pusher.app())?;
        let trigger = sealed(&pusher, trigger)?;
        let mut requests = trigger.split(pusher.app().limits().channels_per_trigger);
        if requests.len() == 1 {
            return pusher.send(&requests.remove(0)).await;
        }
        let mut answer = TriggerResponse::default();
        for (sent, request) in requests.iter().enumerate() {
            match pusher.send(request).await {
                Ok(part) => answer.channels.extend(part.channels),
                Err(cause) => return Err(partial(&requests, sent, cause)),
            }
        }
        Ok(answer)
    }
}

impl IntoFuture for TriggerCall {
    type Output = Result<TriggerResponse, Error>;
    type IntoFuture = CallFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The account of a trigger whose request number `failed` failed.
fn partial(requests: &[Trigger], failed: usize, cause: Error) -> Error {
    let outcome_of_failed = cause.outcome();
    let parts = requests
        .iter()
        .enumerate()
        .flat_map(|(request, trigger)| {
            let outcome = match request.cmp(&failed) {
                std::cmp::Ordering::Less => Outcome::Accepted,
                std::cmp::Ordering::Equal => outcome_of_failed,
                std::cmp::Ordering::Greater => Outcome::NotAccepted,
            };
            trigger
                .channel_names()
                .into_iter()
                .map(move |channel| (channel, outcome))
        })
        .collect();
    Error::Partial(Box::new(Partial::new(parts, cause)))
}

#[cfg(feature = "encryption")]
fn sealed(pusher: &Pusher, trigger: Trigger) -> Result<Trigger, Error> {
    if !trigger.needs_sealing() {
        return Ok(trigger);
    }
    trigger.sealed(super::sealing_key(pusher.app())?, super::random_nonce()?)
}

#[cfg(not(feature = "encryption"))]
#[allow(clippy::unnecessary_wraps)] // The same call as with the feature.
fn sealed(_: &Pusher, trigger: Trigger) -> Result<Trigger, Error> {
    Ok(trigger)
}
