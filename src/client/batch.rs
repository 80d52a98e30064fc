//! A batch of any size: as many events in a request as one takes, and accounted for event by event.

use std::fmt;
use std::future::{IntoFuture, ready};

use super::deliver::{CallOptions, Delivery, call_options};
use super::parts::send_parts;
use super::trace::CallTrace;
use super::{CallFuture, Pusher};
use crate::api::{Endpoint as _, Request, TriggerBatch, TriggerBatchResponse};
use crate::app::App;
use crate::error::{Error, Outcome, Partial};
use crate::event::Event;

/// A batch that is sent when it is awaited.
#[must_use = "the events are sent when their batch is awaited"]
#[derive(Debug)]
pub struct TriggerBatchCall {
    pusher: Pusher,
    events: Vec<Event>,
    options: CallOptions,
    at_once: usize,
}

impl TriggerBatchCall {
    pub(super) fn new(pusher: Pusher, events: Vec<Event>) -> Self {
        Self {
            pusher,
            events,
            options: CallOptions::default(),
            at_once: 1,
        }
    }

    /// Has up to this many requests under way at the same time. Default: 1, and then the events
    /// are delivered in the order given; with more, no order is promised. The answer, or the error,
    /// tells of each event in the order given all the same. 0 counts as 1.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.at_once = requests;
        self
    }

    call_options!();

    /// The error of a batch of which nothing can be sent.
    #[cfg(feature = "blocking")]
    pub(crate) fn unsent(self, cause: Error) -> BatchError {
        BatchError::of_unsent(self.events, cause)
    }
}

impl IntoFuture for TriggerBatchCall {
    type Output = Result<TriggerBatchResponse, BatchError>;
    type IntoFuture = CallFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            pusher,
            events,
            options,
            at_once,
        } = self;
        let count = Some(events.len());
        if events.is_empty() || events.len() > pusher.app().limits().events_per_batch {
            return Box::pin(async move {
                let trace = CallTrace::new(TriggerBatch::NAME, count);
                let delivery = Delivery::new(&pusher, options, &trace);
                trace.run(send_several(events, &delivery, at_once)).await
            });
        }
        match request(pusher.app(), &events) {
            Ok(request) => Box::pin(async move {
                let trace = CallTrace::new(TriggerBatch::NAME, count);
                let delivery = Delivery::new(&pusher, options, &trace);
                let read =
                    |response: &_, signed_at| TriggerBatch::new(&events).read(response, signed_at);
                match trace.run(delivery.send_request(&request, read)).await {
                    Ok(answer) => Ok(answer),
                    Err(cause) => {
                        let outcomes = vec![cause.outcome(); events.len()];
                        Err(BatchError::new(events, outcomes, cause))
                    }
                }
            }),
            Err(cause) => Box::pin(async move {
                let trace = CallTrace::new(TriggerBatch::NAME, count);
                let refused = ready(Err(BatchError::of_unsent(events, cause)));
                trace.run(refused).await
            }),
        }
    }
}

async fn send_several(
    events: Vec<Event>,
    delivery: &Delivery<'_>,
    at_once: usize,
) -> Result<TriggerBatchResponse, BatchError> {
    let app = delivery.app();
    if let Err(cause) = check(app, &events) {
        return Err(BatchError::of_unsent(events, cause));
    }
    let events_per_request = app.limits().events_per_batch;
    let requests = events.len().div_ceil(events_per_request);
    let send = |place: usize| {
        let rest = &events[place * events_per_request..];
        let part = &rest[..rest.len().min(events_per_request)];
        async move {
            let read = |response: &_, signed_at| TriggerBatch::new(part).read(response, signed_at);
            delivery.send_request(&request(app, part)?, read).await
        }
    };
    match send_parts(requests, at_once, send).await {
        Ok(answers) => Ok(joined(answers)),
        Err((outcomes, cause)) => {
            let of_event = |event| outcomes[event / events_per_request];
            let outcomes = (0..events.len()).map(of_event).collect();
            Err(BatchError::new(events, outcomes, cause))
        }
    }
}

/// Everything that can be known before the first event is sent.
fn check(app: &App, events: &[Event]) -> Result<(), Error> {
    for (index, event) in events.iter().enumerate() {
        event.check(index, app.limits())?;
        if event.needs_sealing() {
            app.sealing_key()?;
        }
    }
    Ok(())
}

/// The request of as many events as one takes.
fn request(app: &App, events: &[Event]) -> Result<Request, Error> {
    let batch = TriggerBatch::new(events);
    if events.iter().any(Event::needs_sealing) {
        check(app, events)?;
        let sealed = batch.sealed(app.sealing_key()?, super::random_nonce)?;
        return sealed.request(app);
    }
    batch.request(app)
}

fn joined(answers: Vec<TriggerBatchResponse>) -> TriggerBatchResponse {
    let join = |mut all: TriggerBatchResponse, part: TriggerBatchResponse| {
        all.counts.extend(part.counts);
        all
    };
    answers.into_iter().reduce(join).unwrap_or_default()
}

/// A batch that failed: what became of each event, the events themselves, and why.
///
/// A caller can go on from it. The [`unsent`](Self::unsent) events were certainly not accepted:
/// sending them again loses none and doubles none. The [`unknown`](Self::unknown) ones may have been
/// delivered: sending them again loses none and may double some. The events of one request share its
/// outcome, so after a timeout, a broken connection or a 5xx all of them are unknown.
///
/// With `?` it becomes an [`Error`]: the [cause](Self::cause) where its outcome is that of all events
/// that were not left unsent, and otherwise an [`Error::Partial`], which keeps the account and not
/// the events.
///
/// ```no_run
/// # use pusher_http::{Error, Event, Pusher};
/// # async fn send(
/// #     pusher: Pusher, events: Vec<Event>, to_send: &mut Vec<Event>, put_aside: &mut Vec<Event>,
/// # ) {
/// if let Err(failure) = pusher.trigger_batch(events).await {
///     eprintln!("{failure}: {}", failure.cause());
///     let kept = match failure.cause() {
///         // Rejected before the network, as they would be each time.
///         Error::Invalid { .. } | Error::Limit { .. } => put_aside,
///         _ => to_send,
///     };
///     kept.extend(failure.into_not_accepted()); // Where twice is better than never.
/// }
/// # }
/// ```
pub struct BatchError(Box<Failed>);

struct Failed {
    events: Vec<Event>,
    account: Partial,
}

impl BatchError {
    fn of_unsent(events: Vec<Event>, cause: Error) -> Self {
        let outcomes = vec![Outcome::NotAccepted; events.len()];
        Self::new(events, outcomes, cause)
    }

    fn new(events: Vec<Event>, outcomes: Vec<Outcome>, cause: Error) -> Self {
        let channels = events.iter().map(|event| event.channel().to_string());
        let account = Partial::new(channels.zip(outcomes), cause);
        Self(Box::new(Failed { events, account }))
    }

    /// Why the batch failed: the error of the first request, in the order of the events, that did,
    /// or of the check before all of them.
    #[must_use]
    pub fn cause(&self) -> &Error {
        self.0.account.cause()
    }

    /// Takes why the batch failed.
    #[must_use]
    pub fn into_cause(self) -> Error {
        self.0.account.into_cause()
    }

    /// The events, in the order given.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.0.events
    }

    /// What became of each event, in the order given.
    pub fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.0.account.parts().iter().map(|(_, outcome)| *outcome)
    }

    /// The events that were certainly not accepted, which is [`Outcome::NotAccepted`], in the order
    /// given.
    pub fn unsent(&self) -> impl Iterator<Item = &Event> {
        self.with(Outcome::NotAccepted)
    }

    /// The events that may have been delivered, which is [`Outcome::Unknown`], in the order given.
    pub fn unknown(&self) -> impl Iterator<Item = &Event> {
        self.with(Outcome::Unknown)
    }

    fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Event> {
        self.events()
            .iter()
            .zip(self.outcomes())
            .filter(move |(_, of_event)| *of_event == outcome)
            .map(|(event, _)| event)
    }

    /// Takes the [`unsent`](Self::unsent) events: sending them again doubles none. The
    /// [`unknown`](Self::unknown) ones are dropped.
    #[must_use]
    pub fn into_unsent(self) -> Vec<Event> {
        self.into_those(|outcome| outcome == Outcome::NotAccepted)
    }

    /// Takes every event that is not known to be accepted, the [`unsent`](Self::unsent) and the
    /// [`unknown`](Self::unknown) ones, in the order given: sending them again loses none, and may
    /// double those that are unknown.
    #[must_use]
    pub fn into_not_accepted(self) -> Vec<Event> {
        self.into_those(|outcome| outcome != Outcome::Accepted)
    }

    fn into_those(self, is_taken: impl Fn(Outcome) -> bool) -> Vec<Event> {
        self.into_parts()
            .filter(|(_, outcome)| is_taken(*outcome))
            .map(|(event, _)| event)
            .collect()
    }

    /// Each event and what became of it, in the order given.
    pub fn into_parts(self) -> impl Iterator<Item = (Event, Outcome)> {
        let Failed { events, account } = *self.0;
        let outcomes: Vec<_> = account
            .parts()
            .iter()
            .map(|(_, outcome)| *outcome)
            .collect();
        events.into_iter().zip(outcomes)
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.account.fmt(f)
    }
}

/// Without the events, whose data may be private.
impl fmt::Debug for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BatchError").field(&self.0.account).finish()
    }
}

impl std::error::Error for BatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.cause())
    }
}

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        // The cause alone would say that nothing was done, or may have been, where something was.
        let of_cause = error.cause().outcome();
        let is_whole = |outcome| outcome == of_cause || outcome == Outcome::NotAccepted;
        if error.outcomes().all(is_whole) {
            error.into_cause()
        } else {
            Self::Partial(Box::new(error.0.account))
        }
    }
}
