//! Batches of any size, split into requests, with an outcome for each event.

use std::borrow::Cow;
use std::future::IntoFuture;

use super::execute::{CallOptions, Execution, call_options, send_all};
use super::trace::CallTrace;
use super::{BatchError, CallFuture, Pusher, random_nonce};
use crate::api::{Endpoint as _, TriggerBatch, TriggerBatchResponse};
use crate::app::App;
use crate::error::Error;
use crate::event::{Event, IntoEvent, IntoSocketId};

/// A batch of events that is sent when it is awaited.
#[must_use = "the events are sent when their batch is awaited"]
#[derive(Debug)]
pub struct TriggerBatchCall {
    pusher: Pusher,
    /// `None` for a malformed item.
    events: Vec<Option<Event>>,
    /// The index and the error of the first malformed item.
    malformed: Option<(usize, Error)>,
    options: CallOptions,
    concurrency: usize,
}

impl TriggerBatchCall {
    pub(super) fn new(pusher: Pusher, items: impl IntoIterator<Item: IntoEvent>) -> Self {
        let mut malformed = None;
        let items = items.into_iter().enumerate();
        let events = items.map(|(index, item)| {
            let event = item.into_event();
            event
                .map_err(|error| malformed.get_or_insert((index, error)))
                .ok()
        });
        let events = events.collect();
        Self {
            pusher,
            events,
            malformed,
            options: CallOptions::default(),
            concurrency: 1,
        }
    }

    /// Excludes a connection from all events, usually the one whose request caused them.
    ///
    /// If there is no socket id, each event keeps its own exclusion.
    pub fn exclude(mut self, socket_id: impl IntoSocketId) -> Self {
        if let Some(socket_id) = socket_id.into_socket_id() {
            for event in self.events.iter_mut().flatten() {
                event.set_excluded(&socket_id);
            }
        }
        self
    }

    /// Sets the maximum number of requests in flight at the same time. Default: 1.
    ///
    /// With 1, the events are delivered in the order given. With more, the order of delivery is not
    /// guaranteed. The response or the error always lists the events in the order given. 0 counts
    /// as 1.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    call_options!();

    /// The error for a batch that can't be sent.
    #[cfg(feature = "blocking")]
    pub(crate) fn not_sent(self, cause: Error) -> BatchError {
        BatchError::not_sent(self.events, cause, None)
    }
}

impl IntoFuture for TriggerBatchCall {
    type Output = Result<TriggerBatchResponse, BatchError>;
    type IntoFuture = CallFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let trace = CallTrace::new(TriggerBatch::NAME, Some(self.events.len()));
            let call = Execution::new(&self.pusher, self.options, &trace);
            let sent = async {
                match self.malformed {
                    None => {
                        let events = self.events.into_iter().flatten().collect();
                        send(&call, events, self.concurrency).await
                    }
                    Some((index, cause)) => {
                        Err(BatchError::not_sent(self.events, cause, Some(index)))
                    }
                }
            };
            trace.run(sent).await
        })
    }
}

async fn send(
    call: &Execution<'_>,
    events: Vec<Event>,
    concurrency: usize,
) -> Result<TriggerBatchResponse, BatchError> {
    let app = call.app();
    for (index, event) in events.iter().enumerate() {
        if let Err(cause) = check(app, event) {
            let events = events.into_iter().map(Some).collect();
            return Err(BatchError::not_sent(events, cause, Some(index)));
        }
    }
    let per_request = app.limits().events_per_batch;
    let requests = events.len().div_ceil(per_request);
    let chunk = |place: usize| events.chunks(per_request).nth(place).unwrap_or_default();
    let send = |place| async move {
        let events = encrypted(app, chunk(place))?;
        let batch = TriggerBatch::new(&events);
        call.send(&batch.unchecked_request()?, &batch).await
    };
    let join = |all: &mut TriggerBatchResponse, mut next: TriggerBatchResponse| {
        if all.counts.is_empty() {
            *all = next;
        } else {
            all.counts.append(&mut next.counts);
        }
    };
    match send_all(requests, concurrency, send, join).await {
        Ok(response) => Ok(response),
        Err((outcomes, cause)) => {
            let of_event = |index: usize| outcomes[index / per_request];
            let outcomes = (0..events.len()).map(of_event).collect();
            Err(BatchError::new(events, outcomes, cause))
        }
    }
}

/// Checks everything that can be checked before the first event is sent.
fn check(app: &App, event: &Event) -> Result<(), Error> {
    event.check(app.limits())?;
    if event.needs_encryption() {
        app.encryption_key()?;
    }
    Ok(())
}

/// Encrypts the events for encrypted channels and leaves the others unchanged.
fn encrypted<'e>(app: &App, events: &'e [Event]) -> Result<Cow<'e, [Event]>, Error> {
    let mut events = Cow::Borrowed(events);
    if events.iter().any(Event::needs_encryption) {
        for event in events.to_mut() {
            if event.needs_encryption() {
                *event = event
                    .clone()
                    .encrypted(app.encryption_key()?, random_nonce()?)?;
            }
        }
    }
    Ok(events)
}
