//! What became of each part when a call of several requests fails.

use std::fmt;

use super::{Error, Outcome};

/// The account of a call of several requests that failed: a batch, or a trigger to more channels
/// than one request takes.
///
/// Its parts are the event on each channel, in the order given. Those with
/// [`Outcome::NotAccepted`] can be sent again; those with [`Outcome::Unknown`] may arrive twice
/// when they are.
#[derive(Debug)]
pub struct Partial {
    parts: Vec<(String, Outcome)>,
    cause: Error,
}

impl Partial {
    /// The account of a call that failed for `cause`: each part's channel name and outcome, in the
    /// order given.
    #[must_use]
    pub fn new(parts: impl IntoIterator<Item = (String, Outcome)>, cause: Error) -> Self {
        Self {
            parts: parts.into_iter().collect(),
            cause,
        }
    }

    /// Each part's channel name and outcome, in the order given.
    #[must_use]
    pub fn parts(&self) -> &[(String, Outcome)] {
        &self.parts
    }

    /// The channels of the parts with this outcome, in the order given.
    pub fn channels(&self, outcome: Outcome) -> impl Iterator<Item = &str> {
        self.parts
            .iter()
            .filter(move |(_, of_part)| *of_part == outcome)
            .map(|(channel, _)| channel.as_str())
    }

    /// The error of the first request, in the order given, that failed, or of the check before all
    /// of them.
    #[must_use]
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// Takes the error of the request that failed.
    #[must_use]
    pub fn into_cause(self) -> Error {
        self.cause
    }

    pub(super) fn is_untouched(&self) -> bool {
        self.parts
            .iter()
            .all(|(_, outcome)| *outcome == Outcome::NotAccepted)
    }
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |outcome| self.channels(outcome).count();
        write!(
            f,
            "of {} events {} were accepted, {} were not, {} are unknown",
            self.parts.len(),
            count(Outcome::Accepted),
            count(Outcome::NotAccepted),
            count(Outcome::Unknown),
        )
    }
}

impl std::error::Error for Partial {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
