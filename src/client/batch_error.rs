//! The error of a batch, with the events and their outcomes.

use std::fmt;

use crate::error::{Error, Outcome, Partial};
use crate::event::Event;

/// The error of a batch: the outcome of each event, the events themselves, and the cause.
///
/// A caller can recover from it:
///
/// - The [`unsent`](Self::unsent) events were certainly not accepted. If they are sent again, no
///   event is lost or duplicated.
/// - The [`unknown`](Self::unknown) events may have been delivered. If they are sent again, no
///   event is lost, but some may be duplicated.
///
/// The events of one request share its outcome. After a timeout, a broken connection or a 5xx, all
/// of them are unknown.
///
/// The `?` operator converts it to an [`Error`]. The result is the [cause](Self::cause) if every
/// event is either unsent or has the outcome of the cause. Otherwise it is an [`Error::Partial`],
/// which keeps the outcomes but not the events.
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
    /// `None` for a malformed item.
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

    /// Nothing was sent. `index` is the index of the event that is the reason, if there is one.
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

    /// Why the batch failed.
    ///
    /// This is the error of the first failed request, in the order of the events, or the error of
    /// the check before all requests.
    #[must_use]
    pub fn cause(&self) -> &Error {
        &self.0.cause
    }

    /// Returns the [cause](Self::cause) and drops the events.
    #[must_use]
    pub fn into_cause(self) -> Error {
        self.0.cause
    }

    /// The index of the event that was rejected before the network, so that nothing was sent.
    ///
    /// Such an event is malformed, is over a limit, or is for an encrypted channel without a master key.
    /// `None` if the batch failed for another reason.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        self.0.index
    }

    /// The events, in the order given, with `None` for a malformed item.
    #[must_use]
    pub fn events(&self) -> &[Option<Event>] {
        &self.0.events
    }

    /// The outcome of each event, in the order given.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.0.outcomes
    }

    /// The events that were certainly not accepted, in the order given.
    ///
    /// Their outcome is [`Outcome::NotAccepted`].
    pub fn unsent(&self) -> impl Iterator<Item = &Event> {
        self.with(Outcome::NotAccepted)
    }

    /// The events that may have been delivered, in the order given.
    ///
    /// Their outcome is [`Outcome::Unknown`].
    pub fn unknown(&self) -> impl Iterator<Item = &Event> {
        self.with(Outcome::Unknown)
    }

    fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Event> {
        let events = self.0.events.iter().zip(&self.0.outcomes);
        events.filter_map(move |(event, of_event)| event.as_ref().filter(|_| *of_event == outcome))
    }

    /// Returns the [`unsent`](Self::unsent) events, which can be sent again without duplicates.
    ///
    /// The [`unknown`](Self::unknown) events are dropped.
    #[must_use]
    pub fn into_unsent(self) -> Vec<Event> {
        self.into_those(|outcome| outcome == Outcome::NotAccepted)
    }

    /// Returns every event that is not known to be accepted, in the order given.
    ///
    /// These are the [`unsent`](Self::unsent) and the [`unknown`](Self::unknown) events. If they
    /// are sent again, no event is lost, but the unknown ones may be duplicated.
    #[must_use]
    pub fn into_not_accepted(self) -> Vec<Event> {
        self.into_those(|outcome| outcome != Outcome::Accepted)
    }

    fn into_those(self, is_taken: impl Fn(Outcome) -> bool) -> Vec<Event> {
        self.into_parts()
            .filter_map(|(event, outcome)| event.filter(|_| is_taken(outcome)))
            .collect()
    }

    /// Each event with its outcome, in the order given, with `None` for a malformed item.
    pub fn into_parts(self) -> impl Iterator<Item = (Option<Event>, Outcome)> {
        self.0.events.into_iter().zip(self.0.outcomes)
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Outcome::write_counts(f, self.0.outcomes.iter().copied())
    }
}

/// Leaves out the events, since their data may be private.
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
        // The cause has only one outcome, not accepted or unknown. It must not hide that some
        // events were accepted.
        let of_cause = cause.outcome();
        let is_whole = |outcome: &Outcome| *outcome == of_cause || *outcome == Outcome::NotAccepted;
        // A batch of which nothing was sent is not accepted, whatever its items' own errors say.
        let is_true = of_cause == Outcome::NotAccepted || outcomes.contains(&of_cause);
        if is_true && outcomes.iter().all(is_whole) {
            return cause;
        }
        let outcomes = events.iter().zip(outcomes);
        let outcomes =
            outcomes.filter_map(|(event, outcome)| Some((event.as_ref()?.channel(), outcome)));
        Partial::new(outcomes, cause).into()
    }
}
