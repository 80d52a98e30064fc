//! The error of a batch: the outcome of each event, and the events themselves.

use std::fmt;

use crate::error::{Error, Outcome, Partial};
use crate::event::Event;

/// A batch that failed: the outcome of each event, the events themselves, and the cause.
///
/// A caller can go on from it. The [`unsent`](Self::unsent) events were certainly not accepted:
/// sending them again loses none and duplicates none. The [`unknown`](Self::unknown) ones may have been
/// delivered: sending them again loses none and may duplicate some. The events of one request share its
/// outcome, so after a timeout, a broken connection or a 5xx all of them are unknown.
///
/// With `?` it becomes an [`Error`]: the [cause](Self::cause) if its outcome is that of all events that
/// were not left unsent, and otherwise an [`Error::Partial`], which keeps the outcomes and not the events.
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
    /// `None` in the place of an item that was malformed.
    events: Vec<Option<Event>>,
    outcomes: Vec<Outcome>,
    cause: Error,
    index: Option<usize>,
}

impl BatchError {
    pub(super) fn new(events: Vec<Event>, outcomes: Vec<Outcome>, cause: Error) -> Self {
        Self(Box::new(Failed {
            events: events.into_iter().map(Some).collect(),
            outcomes,
            cause,
            index: None,
        }))
    }

    /// Nothing was sent; `index` is the place of the event that is the reason, if one is.
    pub(super) fn not_sent(events: Vec<Option<Event>>, cause: Error, index: Option<usize>) -> Self {
        Self(Box::new(Failed {
            outcomes: vec![Outcome::NotAccepted; events.len()],
            events,
            cause: match index {
                Some(index) => cause.at_event(index),
                None => cause,
            },
            index,
        }))
    }

    /// Why the batch failed: the error of the first request, in the order of the events, that did,
    /// or of the check before all of them.
    #[must_use]
    pub fn cause(&self) -> &Error {
        &self.0.cause
    }

    /// Takes why the batch failed.
    #[must_use]
    pub fn into_cause(self) -> Error {
        self.0.cause
    }

    /// The place of the event because of which nothing was sent: one that is malformed or over a limit.
    /// `None` if it was not for an event.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.0.index
    }

    /// The events, in the order given; `None` in the place of an item that was malformed.
    #[must_use]
    pub fn events(&self) -> &[Option<Event>] {
        &self.0.events
    }

    /// The outcome of each event, in the order given.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.0.outcomes
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
        let events = self.0.events.iter().zip(&self.0.outcomes);
        events.filter_map(move |(event, of_event)| event.as_ref().filter(|_| *of_event == outcome))
    }

    /// Takes the [`unsent`](Self::unsent) events: sending them again duplicates none. The
    /// [`unknown`](Self::unknown) ones are dropped.
    #[must_use]
    pub fn into_unsent(self) -> Vec<Event> {
        self.into_those(|outcome| outcome == Outcome::NotAccepted)
    }

    /// Takes every event that is not known to be accepted, the [`unsent`](Self::unsent) and the
    /// [`unknown`](Self::unknown) ones, in the order given: sending them again loses none, and may
    /// duplicate those that are unknown.
    #[must_use]
    pub fn into_not_accepted(self) -> Vec<Event> {
        self.into_those(|outcome| outcome != Outcome::Accepted)
    }

    fn into_those(self, is_taken: impl Fn(Outcome) -> bool) -> Vec<Event> {
        self.into_parts()
            .filter_map(|(event, outcome)| event.filter(|_| is_taken(outcome)))
            .collect()
    }

    /// Each event and its outcome, in the order given; `None` in the place of an item that was malformed.
    pub fn into_parts(self) -> impl Iterator<Item = (Option<Event>, Outcome)> {
        self.0.events.into_iter().zip(self.0.outcomes)
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Outcome::write_counts(f, self.0.outcomes.iter().copied())
    }
}

/// Without the events, whose data may be private.
impl fmt::Debug for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError")
            .field("outcomes", &self.0.outcomes)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for BatchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.cause)
    }
}

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        let Failed {
            events,
            outcomes,
            cause,
            ..
        } = *error.0;
        // The cause says that nothing was done, or may have been, so it must not hide what was.
        let of_cause = cause.outcome();
        let is_whole = |outcome: &Outcome| *outcome == of_cause || *outcome == Outcome::NotAccepted;
        if outcomes.iter().all(is_whole) {
            return cause;
        }
        let channels = events.iter().flatten().map(Event::channel);
        Partial::new(channels.zip(outcomes), cause).into()
    }
}
