//! A trigger: one request, or several where there are more channels than one takes.

use std::future::IntoFuture;

use bytes::Bytes;
use http::Response;
use serde::Serialize;

use super::deliver::{CallOptions, Delivery, call_options};
use super::parts::send_parts;
use super::trace::CallTrace;
use super::{CallFuture, Pusher};
use crate::api::{self, Endpoint as _, Trigger, TriggerResponse};
use crate::error::{Error, Partial};
use crate::event::Info;
use crate::json;
use crate::socket_id::SocketId;

/// A trigger that is sent when it is awaited.
#[must_use = "an event is sent when its trigger is awaited"]
#[derive(Debug)]
pub struct TriggerCall {
    pusher: Pusher,
    trigger: Result<Trigger, Error>,
    options: CallOptions,
    at_once: usize,
}

impl TriggerCall {
    pub(super) fn new(pusher: Pusher, trigger: Result<Trigger, Error>) -> Self {
        Self {
            pusher,
            trigger,
            options: CallOptions::default(),
            at_once: 1,
        }
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

    /// Has up to this many requests under way at the same time, where there are more channels than
    /// one request takes. Default: 1, in the order given. 0 counts as 1.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.at_once = requests;
        self
    }

    call_options!();

    async fn send(self) -> Result<TriggerResponse, Error> {
        let trigger = self.trigger?;
        let trace = CallTrace::new(Trigger::NAME, Some(trigger.channel_count()));
        let call = send_all(&self.pusher, trigger, self.options, self.at_once, &trace);
        trace.run(call).await
    }
}

async fn send_all(
    pusher: &Pusher,
    trigger: Trigger,
    options: CallOptions,
    at_once: usize,
    trace: &CallTrace,
) -> Result<TriggerResponse, Error> {
    trigger.check(pusher.app())?;
    let trigger = sealed(pusher, trigger)?;
    let delivery = Delivery::new(pusher, options, trace);
    let channels_per_request = pusher.app().limits().channels_per_trigger;
    if trigger.channel_count() <= channels_per_request {
        let request = trigger.into_request(pusher.app())?;
        let read = |response: &Response<Bytes>, signed_at| {
            api::read(Trigger::NAME, response, signed_at, |body| {
                json::object(body)
            })
        };
        return delivery.send_request(&request, read).await;
    }
    let requests = trigger.split(channels_per_request);
    let send = |place: usize| delivery.send(&requests[place]);
    let parts = send_parts(requests.len(), at_once, send).await;
    match parts.into_answers() {
        Ok(answers) => Ok(TriggerResponse {
            channels: answers.into_iter().flat_map(|part| part.channels).collect(),
        }),
        Err((outcomes, cause)) => {
            let of_channels = requests
                .iter()
                .zip(outcomes)
                .flat_map(|(request, outcome)| {
                    let names = request.channel_names().into_iter();
                    names.map(move |name| (name, outcome))
                });
            Err(Error::Partial(Box::new(Partial::new(of_channels, cause))))
        }
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
