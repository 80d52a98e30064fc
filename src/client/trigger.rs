//! Triggering one event, in several requests if it has too many channels for one.

use std::future::IntoFuture;

use super::execute::{CallOptions, Execution, call_options, send_all};
use super::trace::CallTrace;
use super::{CallFuture, Pusher, random_nonce};
use crate::api::{Endpoint as _, Trigger, TriggerResponse};
use crate::error::{Error, Partial};
use crate::event::event_options_of_call;

/// A trigger of an event that is sent when it is awaited.
#[must_use = "an event is sent when its trigger is awaited"]
#[derive(Debug)]
pub struct TriggerCall {
    pusher: Pusher,
    trigger: Result<Trigger, Error>,
    options: CallOptions,
    concurrency: usize,
}

impl TriggerCall {
    pub(super) fn new(pusher: Pusher, trigger: Result<Trigger, Error>) -> Self {
        Self {
            pusher,
            trigger,
            options: CallOptions::default(),
            concurrency: 1,
        }
    }

    event_options_of_call!();

    /// Sets the maximum number of requests in flight at the same time. Default: 1.
    ///
    /// It matters only if there are more channels than fit into one request. With 1, the requests
    /// are sent in the order given. 0 counts as 1.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    call_options!();
}

impl IntoFuture for TriggerCall {
    type Output = Result<TriggerResponse, Error>;
    type IntoFuture = CallFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let trigger = self.trigger?;
            let trace = CallTrace::new(Trigger::NAME, Some(trigger.channels().len().max(1)));
            let call = Execution::new(&self.pusher, self.options, &trace);
            trace.run(send(&call, trigger, self.concurrency)).await
        })
    }
}

async fn send(
    call: &Execution<'_>,
    mut trigger: Trigger,
    concurrency: usize,
) -> Result<TriggerResponse, Error> {
    let app = call.app();
    trigger.check(app)?;
    if trigger.needs_encryption() {
        trigger = trigger.encrypted(app.encryption_key()?, random_nonce()?)?;
    }
    let channels = trigger.channels();
    let per_request = app.limits().channels_per_trigger;
    // An event to a user has no channels, but takes one request.
    let requests = channels.len().div_ceil(per_request).max(1);
    let chunk = |place: usize| channels.chunks(per_request).nth(place).unwrap_or_default();
    let trigger = &trigger;
    let send = |place| async move {
        let request = trigger.request_for(chunk(place))?;
        call.send(&request, trigger).await
    };
    let join = |all: &mut TriggerResponse, next: TriggerResponse| {
        all.channels.extend(next.channels);
    };
    match send_all(requests, concurrency, send, join).await {
        Err((outcomes, cause)) if requests > 1 => {
            let of_channel = |place: usize| outcomes[place / per_request];
            let outcomes = (0..channels.len()).map(of_channel);
            Err(Partial::new(channels.iter().zip(outcomes), cause).into())
        }
        result => result.map_err(|(_, cause)| cause),
    }
}
