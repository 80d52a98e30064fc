//! The measurements of a round, as a row of the table.

use std::fmt::{self, Display};
use std::time::Duration;

/// Resident memory in KiB, if the system reports it.
#[derive(Clone, Copy)]
pub(crate) struct Memory(Option<u32>);

impl Memory {
    pub(crate) fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Self(line.and_then(|line| line.split_whitespace().next()?.parse().ok()))
    }
}

impl Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(kib) => format!("{:.1}", f64::from(kib) / 1024.0).fmt(f),
            None => "?".fmt(f),
        }
    }
}

/// The measurements of one round.
///
/// Times, and memory: before the sockets connect, with them, after the events, and after the
/// sockets have left.
pub(crate) struct Figures {
    pub(crate) joining: Duration,
    pub(crate) triggering: Duration,
    pub(crate) delivering: Duration,
    pub(crate) leaving: Duration,
    pub(crate) deliveries: usize,
    pub(crate) memory: [Memory; 4],
}

pub(crate) const HEADINGS: [&str; 2] = [
    "       |             seconds              | deliveries |      resident memory in MiB",
    " round |  join  trigger  deliver   leave  |  a second  |  before  sockets   events     left",
];

impl Figures {
    pub(crate) fn row(&self, round: usize) -> String {
        let [before, sockets, events, left] = self.memory;
        #[allow(clippy::cast_precision_loss)] // A rate for people to read.
        let rate = self.deliveries as f64 / self.delivering.as_secs_f64();
        format!(
            " {round:>5} | {:>5.1} {:>8.1} {:>8.1} {:>7.1}  | {rate:>10.0} | {before:>7} {sockets:>8} {events:>8} {left:>8}",
            self.joining.as_secs_f64(),
            self.triggering.as_secs_f64(),
            self.delivering.as_secs_f64(),
            self.leaving.as_secs_f64(),
        )
    }
}
