//! A trigger: one request, or several where there are more channels than one takes.

use std::future::IntoFuture;

use serde::Serialize;

use super::{CallFuture, Pusher};
use crate::api::{Trigger, TriggerResponse};
use crate::error::{Error, Partial};
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

    /// Does not deliver the event to this connection: the one whose request caused it. `None`
    /// excludes nobody.
    pub fn exclude(mut self, socket_id: impl Into<Option<SocketId>>) -> Self {
        self.trigger = self.trigger.map(|trigger| trigger.exclude(socket_id));
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
    pub fn extra(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
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
        let mut accepted = 0;
        for request in &requests {
            let channels = request.channel_names().len();
            match pusher.send(request).await {
                Ok(part) => answer.channels.extend(part.channels),
                Err(cause) => {
                    let names = requests.iter().flat_map(Trigger::channel_names);
                    let failed = accepted..accepted + channels;
                    let account = Partial::new(names, &failed, cause);
                    return Err(Error::Partial(Box::new(account)));
                }
            }
            accepted += channels;
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

#[cfg(feature = "encryption")]
fn sealed(pusher: &Pusher, trigger: Trigger) -> Result<Trigger, Error> {
    if !trigger.needs_sealing() {
        return Ok(trigger);
    }
    trigger.sealed(pusher.app().sealing_key()?, super::random_nonce()?)
}

#[cfg(not(feature = "encryption"))]
#[allow(clippy::unnecessary_wraps)] // The same call as with the feature.
fn sealed(_: &Pusher, trigger: Trigger) -> Result<Trigger, Error> {
    Ok(trigger)
}
