//! What an error says of the call that failed: whether the service acted, what it answered, and
//! whether to send it again.

use std::fmt;
use std::time::Duration;

use super::{ApiErrorKind, Error};

/// What the service did with an event, or with a whole call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The service answered with success.
    Accepted,
    /// The service certainly did not act: nothing was sent, or it refused.
    NotAccepted,
    /// The request may have arrived and there was no clear answer. Sending it again may double it.
    Unknown,
}

impl Outcome {
    /// How many events have which outcome, as a sentence.
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
    /// Whether the service acted on the call that failed.
    ///
    /// [`Outcome::Unknown`] is for calls that may have arrived without a clear answer: a timeout,
    /// a broken connection, a 303, a 408, a 5xx, a status that the API does not have, or an answer
    /// that can't be read. An [`Error::Partial`] is `NotAccepted` where all its parts are, and
    /// `Unknown` otherwise: ask the [`Partial`](super::Partial) for each part. No error is
    /// `Accepted`.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Api(error) => error.outcome(),
            Self::Partial(partial) if partial.is_untouched() => Outcome::NotAccepted,
            Self::Partial(_)
            | Self::Answer { .. }
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

    /// Whether the same call can succeed later: connection trouble, timeouts, a deadline that was
    /// too short, 408, 429 and 5xx.
    ///
    /// A retry of a trigger may deliver an event twice unless [`outcome`](Self::outcome) is
    /// [`Outcome::NotAccepted`].
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

    /// The HTTP status that the service answered with, where it answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(error) => Some(error.status()),
            Self::Decode { status, .. } => Some(*status),
            Self::Partial(partial) => partial.cause().status(),
            _ => None,
        }
    }

    /// The kind of the service's refusal, where it refused.
    #[must_use]
    pub fn api_kind(&self) -> Option<ApiErrorKind> {
        match self {
            Self::Api(error) => Some(error.kind()),
            Self::Partial(partial) => partial.cause().api_kind(),
            _ => None,
        }
    }

    /// How long the service asks to wait before the next attempt, where it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after(),
            Self::Partial(partial) => partial.cause().retry_after(),
            _ => None,
        }
    }
}
