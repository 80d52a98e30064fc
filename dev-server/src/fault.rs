//! Faults that a test asks a local server to play on its next calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;

/// What goes wrong with a call of the HTTP API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Answers with this status at once; the call has no effect. A number that no answer has as
    /// its status, which is any but 200 to 999, is answered by 500 and words that say so.
    Status(u16),
    /// As [`Status`](Self::Status), and with a `Retry-After` of so many seconds.
    RetryAfter(u16, u64),
    /// Waits so long before it does anything.
    Delay(Duration),
    /// Breaks the connection before the body is read; the call has no effect.
    ResetBeforeRead,
    /// Breaks the connection after the call has had its effect, in place of the answer.
    ResetAfterRead,
    /// Answers 200 with what is no JSON, after the call has had its effect.
    Garbage,
    /// Has the server's clock go wrong by so many seconds, forward or back, for this call: its
    /// timestamp check and its `Date` header.
    ClockOff(i64),
}

impl Fault {
    /// The status that is answered in place of the call's own answer.
    ///
    /// # Errors
    ///
    /// What is wrong with the status that was asked for.
    pub(super) fn status(self) -> Option<Result<StatusCode, String>> {
        let (Self::Status(number) | Self::RetryAfter(number, _)) = self else {
            return None;
        };
        let status = StatusCode::from_u16(number)
            .ok()
            .filter(|status| !status.is_informational())
            .ok_or_else(|| format!("no answer has the status {number}: a fault's is 200 to 999"));
        Some(status)
    }
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    planned: Mutex<VecDeque<Planned>>,
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    times: usize,
    played: usize,
    /// Which `PlannedFault` it is of.
    plan: Arc<()>,
}

impl Planned {
    fn is_due(&self) -> bool {
        self.played < self.times
    }
}

/// A fault that is planned for the next call.
#[derive(Debug)]
pub struct PlannedFault<'a> {
    faults: &'a Faults,
    plan: Arc<()>,
}

impl PlannedFault<'_> {
    /// Plays the fault on so many calls, those on which it was played already among them.
    /// Default: 1.
    pub fn times(self, times: usize) {
        for planned in &mut *self.faults.planned() {
            if Arc::ptr_eq(&planned.plan, &self.plan) {
                planned.times = times;
            }
        }
    }
}

impl Faults {
    pub(super) fn plan(&self, fault: Fault) -> PlannedFault<'_> {
        let plan = Arc::new(());
        self.planned().push_back(Planned {
            fault,
            times: 1,
            played: 0,
            plan: plan.clone(),
        });
        PlannedFault { faults: self, plan }
    }

    /// The fault for the call that has just come, if one is planned.
    pub(super) fn next(&self) -> Option<Fault> {
        let mut planned = self.planned();
        // As long as its `PlannedFault` is there, a plan may still be prolonged.
        planned.retain(|plan| plan.is_due() || Arc::strong_count(&plan.plan) > 1);
        let first = planned.iter_mut().find(|plan| plan.is_due())?;
        first.played += 1;
        Some(first.fault)
    }

    fn planned(&self) -> MutexGuard<'_, VecDeque<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
