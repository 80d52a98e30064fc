//! A batch of any size: sent in order, as many events in a request as one takes, and accounted
//! for event by event.

use std::fmt;
use std::future::IntoFuture;
use std::ops::Range;

use super::{CallFuture, Pusher};
use crate::api::{TriggerBatch, TriggerBatchResponse};
use crate::error::{Error, Outcome, Partial};
use crate::event::Event;

/// A batch that is sent when it is awaited.
#[must_use = "the events are sent when their batch is awaited"]
#[derive(Debug)]
pub struct TriggerBatchCall {
    pusher: Pusher,
    events: Vec<Event>,
}

impl TriggerBatchCall {
    pub(super) fn new(pusher: Pusher, events: Vec<Event>) -> Self {
        Self { pusher, events }
    }

    async fn send(self) -> Result<TriggerBatchResponse, BatchError> {
        let Self { pusher, events } = self;
        if let Err(cause) = check(&pusher, &events) {
            return Err(BatchError::new(events, &(0..0), cause));
        }
        let mut answer = TriggerBatchResponse::default();
        answer.counts.reserve_exact(events.len());
        let events_per_request = pusher.app().limits().events_per_batch;
        for start in (0..events.len()).step_by(events_per_request) {
            let end = events.len().min(start + events_per_request);
            match send_one(&pusher, &events[start..end]).await {
                Ok(part) => answer.counts.extend(part.counts),
                Err(cause) => return Err(BatchError::new(events, &(start..end), cause)),
            }
        }
        Ok(answer)
    }
}

impl IntoFuture for TriggerBatchCall {
    type Output = Result<TriggerBatchResponse, BatchError>;
    type IntoFuture = CallFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Everything that can be known before the first event is sent.
fn check(pusher: &Pusher, events: &[Event]) -> Result<(), Error> {
    for (index, event) in events.iter().enumerate() {
        event.check(index, pusher.app().limits())?;
        #[cfg(feature = "encryption")]
        if event.needs_sealing() {
            pusher.app().sealing_key()?;
        }
    }
    Ok(())
}

async fn send_one(pusher: &Pusher, events: &[Event]) -> Result<TriggerBatchResponse, Error> {
    let batch = TriggerBatch::new(events);
    #[cfg(feature = "encryption")]
    let batch = if events.iter().any(Event::needs_sealing) {
        batch.sealed(pusher.app().sealing_key()?, super::random_nonce)?
    } else {
        batch
    };
    pusher.send(&batch).await
}

/// A batch that failed: what became of each event, the events themselves, and why.
///
/// A caller can go on from it: the events of [`into_unsent`](Self::into_unsent) were certainly
/// not accepted, so sending them again loses none and doubles none. Those whose outcome is
/// [`Outcome::Unknown`] may have been delivered.
///
/// With `?` it becomes an [`Error`]: the [cause](Self::cause) where no event was accepted, and
/// otherwise an [`Error::Partial`], which keeps the account and not the events.
///
/// ```no_run
/// # async fn send(pusher: pusher_http::Pusher, events: Vec<pusher_http::Event>) {
/// if let Err(failure) = pusher.trigger_batch(events).await {
///     eprintln!("{failure}: {}", failure.cause());
///     if failure.cause().is_retryable() {
///         let later = failure.into_unsent();
///         # let _ = later;
///     }
/// }
/// # }
/// ```
pub struct BatchError(Box<Failed>);

struct Failed {
    events: Vec<Event>,
    account: Partial,
}

impl BatchError {
    fn new(events: Vec<Event>, failed: &Range<usize>, cause: Error) -> Self {
        let channels = events.iter().map(|event| event.channel().to_string());
        let account = Partial::new(channels, failed, cause);
        Self(Box::new(Failed { events, account }))
    }

    /// Why the batch failed: the error of the request that did, or of the check before all of
    /// them.
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

    /// The events that were certainly not accepted, in the order given: to be sent again, or
    /// mended first where [`cause`](Self::cause) is about one of them.
    #[must_use]
    pub fn into_unsent(self) -> Vec<Event> {
        self.into_events(Outcome::NotAccepted)
    }

    /// The events with this outcome, in the order given.
    #[must_use]
    pub fn into_events(self, outcome: Outcome) -> Vec<Event> {
        let Failed { events, account } = *self.0;
        events
            .into_iter()
            .zip(account.parts())
            .filter(|(_, (_, of_event))| *of_event == outcome)
            .map(|(event, _)| event)
            .collect()
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
        if error.outcomes().any(|outcome| outcome == Outcome::Accepted) {
            Self::Partial(Box::new(error.0.account))
        } else {
            error.into_cause()
        }
    }
}
