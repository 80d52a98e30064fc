//! The error of a call that takes several requests, with the outcomes.

use std::fmt;

use super::{Error, Outcome};
use crate::channel::ChannelName;

/// The error of a failed call that takes several requests.
///
/// Such a call is a batch, or a trigger on more channels than fit into one request. The error has
/// the outcome of the event on each channel, and the cause.
///
/// Events with [`Outcome::NotAccepted`] can be sent again. If events with [`Outcome::Unknown`] are
/// sent again, they may arrive twice.
#[derive(Debug)]
pub struct Partial {
    outcomes: Vec<ChannelOutcome>,
    cause: Error,
}

/// The outcome of one event on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelOutcome {
    /// The channel.
    pub channel: ChannelName,
    /// The outcome of the event on this channel.
    pub outcome: Outcome,
}

impl Partial {
    #[cfg(feature = "client")]
    pub(crate) fn new<'c>(
        outcomes: impl IntoIterator<Item = (&'c ChannelName, Outcome)>,
        cause: Error,
    ) -> Self {
        let outcomes = outcomes
            .into_iter()
            .map(|(channel, outcome)| ChannelOutcome {
                channel: channel.clone(),
                outcome,
            });
        Self {
            outcomes: outcomes.collect(),
            cause,
        }
    }

    /// The outcome on each channel, in the order given.
    #[must_use]
    pub fn outcomes(&self) -> &[ChannelOutcome] {
        &self.outcomes
    }

    /// The channels with this outcome, in the order given.
    pub fn channels(&self, outcome: Outcome) -> impl Iterator<Item = &ChannelName> {
        let with_outcome = self
            .outcomes
            .iter()
            .filter(move |one| one.outcome == outcome);
        with_outcome.map(|one| &one.channel)
    }

    /// The error of the first failed request, in the order given, or of the check before them.
    #[must_use]
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// Returns the [cause](Self::cause) and drops the outcomes.
    #[must_use]
    pub fn into_cause(self) -> Error {
        self.cause
    }

    pub(super) fn is_untouched(&self) -> bool {
        self.outcomes
            .iter()
            .all(|one| one.outcome == Outcome::NotAccepted)
    }
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Outcome::write_counts(f, self.outcomes.iter().map(|one| one.outcome))
    }
}

impl std::error::Error for Partial {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

impl From<Partial> for Error {
    fn from(partial: Partial) -> Self {
        Self::Partial(Box::new(partial))
    }
}
