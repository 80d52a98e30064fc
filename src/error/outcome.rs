//! Methods that describe a failed call.
//!
//! They return whether the service acted, how it responded, and whether to retry.

use std::fmt;
use std::time::Duration;

use super::{ApiErrorKind, Error};

/// Whether the service accepted an event or a whole call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The service responded with success.
    Accepted,
    /// The service certainly did not act: nothing was sent, or the request was rejected.
    NotAccepted,
    /// The request may have arrived, but there was no clear response.
    ///
    /// If it is sent again, events may be duplicated.
    Unknown,
}

impl Outcome {
    /// Writes a sentence with the number of events for each outcome.
    pub(crate) fn write_counts(
        f: &mut fmt::Formatter<'_>,
        outcomes: impl Iterator<Item = Self>,
    ) -> fmt::Result {
        let (mut accepted, mut not_accepted, mut unknown) = (0, 0, 0);
        for outcome in outcomes {
            match outcome {
                Self::Accepted => accepted += 1,
                Self::NotAccepted => not_accepted += 1,
                Self::Unknown => unknown += 1,
            }
        }
        let count = accepted + not_accepted + unknown;
        write!(
            f,
            "of {count} events {accepted} were accepted, {not_accepted} were not, {unknown} are unknown"
        )
    }
}

impl Error {
    /// Returns whether the service acted on the failed call.
    ///
    /// The outcome is [`Outcome::Unknown`] if the call may have arrived but got no clear response:
    /// after a timeout, a broken connection, a 303, a 408, a 5xx, a status that the API does not
    /// use, or a response that can't be read.
    ///
    /// An [`Error::Partial`] is `NotAccepted` if all its parts are, and `Unknown` otherwise. The
    /// [`Partial`](super::Partial) has the outcome of each part. An error is never `Accepted`.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Api(error) => error.outcome(),
            Self::Partial(partial) if partial.is_untouched() => Outcome::NotAccepted,
            Self::Partial(_)
            | Self::UnusableResponse { .. }
            | Self::Timeout { .. }
            | Self::Transport { .. }
            | Self::Decode { .. } => Outcome::Unknown,
            Self::Invalid { .. }
            | Self::Limit { .. }
            | Self::Config { .. }
            | Self::Serialize { .. }
            | Self::Encryption { .. }
            | Self::Random { .. }
            | Self::Webhook(_)
            | Self::Connect { .. }
            | Self::Deadline { .. } => Outcome::NotAccepted,
        }
    }

    /// Returns whether the same call can succeed later.
    ///
    /// This is `true` for connection errors, timeouts, a deadline that was too short, 408, 429 and
    /// 5xx.
    ///
    /// If a trigger is sent again, events may be delivered twice, unless the
    /// [`outcome`](Self::outcome) is [`Outcome::NotAccepted`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::Deadline { .. }
            | Self::Transport { .. } => true,
            Self::Api(error) => error.is_retryable(),
            Self::Partial(partial) => partial.cause().is_retryable(),
            _ => false,
        }
    }

    /// Returns the HTTP status of the response, if the service responded.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(error) => Some(error.status()),
            Self::Decode { status, .. } => Some(*status),
            Self::Partial(partial) => partial.cause().status(),
            _ => None,
        }
    }

    /// Returns the kind of the error response, if the service sent one.
    #[must_use]
    pub fn api_kind(&self) -> Option<ApiErrorKind> {
        match self {
            Self::Api(error) => Some(error.kind()),
            Self::Partial(partial) => partial.cause().api_kind(),
            _ => None,
        }
    }

    /// Returns how long the service asks to wait before the next attempt, if it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after(),
            Self::Partial(partial) => partial.cause().retry_after(),
            _ => None,
        }
    }
}
