//! What became of each part when a call of several requests fails.

use std::fmt;

use super::{Error, Outcome};

/// The account of a call that takes several requests and failed: a trigger to more channels than
/// one request takes, or a batch.
///
/// The parts stand in the order in which they were given, each with its channel and outcome.
/// Parts with [`Outcome::NotAccepted`] can be sent again; those with [`Outcome::Unknown`] may
/// arrive twice when they are.
#[derive(Debug)]
pub struct Partial {
    parts: Vec<(String, Outcome)>,
    cause: Error,
}

impl Partial {
    /// The account of a call whose parts, each with its channel, ended so, because of `cause`.
    #[must_use]
    pub fn new(parts: Vec<(String, Outcome)>, cause: Error) -> Self {
        Self { parts, cause }
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

    /// The error of the first request that failed.
    #[must_use]
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// Takes the error of the first request that failed.
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
        write!(
            f,
            "of {} parts {} were accepted, {} were not, {} are unknown",
            self.parts.len(),
            self.channels(Outcome::Accepted).count(),
            self.channels(Outcome::NotAccepted).count(),
            self.channels(Outcome::Unknown).count(),
        )
    }
}

impl std::error::Error for Partial {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
