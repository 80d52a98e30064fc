//! A trigger: one request, or several where there are more channels than one takes.

use std::future::{IntoFuture, ready};

use bytes::Bytes;
use http::Response;
use serde::Serialize;

use super::deliver::{CallOptions, Delivery, call_options};
use super::parts::send_parts;
use super::trace::CallTrace;
use super::{CallFuture, Pusher};
use crate::api::{self, Endpoint as _, Request, Trigger, TriggerResponse};
use crate::error::{Error, Partial};
use crate::event::Info;
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
}

/// All that can be done before the network, so that what is awaited is small.
fn prepare(pusher: &Pusher, mut trigger: Trigger) -> Result<Prepared, Error> {
    let app = pusher.app();
    let channels_per_request = app.limits().channels_per_trigger;
    if trigger.channel_count() <= channels_per_request {
        if trigger.needs_sealing() {
            trigger.check(app)?;
            trigger = trigger.sealed(app.sealing_key()?, super::random_nonce()?)?;
        }
        return trigger.into_request(app).map(Prepared::One);
    }
    trigger.check(app)?;
    Ok(Prepared::Several(trigger.split(channels_per_request)))
}

/// The requests of a trigger.
enum Prepared {
    One(Request),
    Several(Vec<Trigger>),
}

fn read(response: &Response<Bytes>, signed_at: u64) -> Result<TriggerResponse, Error> {
    api::read(Trigger::NAME, response, signed_at, TriggerResponse::parse)
}

async fn send_several(
    requests: &[Trigger],
    delivery: &Delivery<'_>,
    at_once: usize,
) -> Result<TriggerResponse, Error> {
    let send = |place: usize| delivery.send(&requests[place]);
    match send_parts(requests.len(), at_once, send).await {
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
        let Self {
            pusher,
            trigger,
            options,
            at_once,
        } = self;
        let trigger = match trigger {
            Ok(trigger) => trigger,
            Err(error) => return Box::pin(ready(Err(error))),
        };
        let channels = Some(trigger.channel_count());
        match prepare(&pusher, trigger) {
            Ok(Prepared::One(request)) => Box::pin(async move {
                let trace = CallTrace::new(Trigger::NAME, channels);
                let delivery = Delivery::new(&pusher, options, &trace);
                trace.run(delivery.send_request(&request, read)).await
            }),
            Ok(Prepared::Several(requests)) => Box::pin(async move {
                let trace = CallTrace::new(Trigger::NAME, channels);
                let delivery = Delivery::new(&pusher, options, &trace);
                let call = send_several(&requests, &delivery, at_once);
                trace.run(call).await
            }),
            Err(error) => Box::pin(async move {
                let trace = CallTrace::new(Trigger::NAME, channels);
                trace.run(ready(Err(error))).await
            }),
        }
    }
}
