//! Faults that a test makes a server play on its next calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;

/// A way in which a call of the HTTP API goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Responds with this status at once. The call has no effect.
    ///
    /// A response has a status of 200 to 999. For any other number, the server responds with 500
    /// and a message that says so.
    Status(u16),
    /// The same as [`Status`](Self::Status), with a `Retry-After` of this many seconds.
    RetryAfter(u16, u64),
    /// Waits this long before doing anything.
    Delay(Duration),
    /// Breaks the connection before the body is read; the call has no effect.
    ResetBeforeRead,
    /// Breaks the connection after the call has had its effect, instead of responding.
    ResetAfterRead,
    /// Responds with 200 and a body that is not JSON, after the call has had its effect.
    Garbage,
    /// Shifts the server's clock by this many seconds, forward or back, for this call.
    ///
    /// This applies to its timestamp check and its `Date` header.
    ClockOff(i64),
}

impl Fault {
    /// Returns the status to respond with instead of the call's own response.
    ///
    /// # Errors
    ///
    /// A message that says what is wrong with the requested status.
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
    /// Identifies the `PlannedFault` that this belongs to.
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
    /// Sets the total number of calls that the fault is played on. Default: 1.
    ///
    /// Calls on which it has already been played count too.
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

    /// Returns the fault for the call that has just arrived, if one is planned.
    pub(super) fn next(&self) -> Option<Fault> {
        let mut planned = self.planned();
        // While its `PlannedFault` exists, a plan may still be extended.
        planned.retain(|plan| plan.is_due() || Arc::strong_count(&plan.plan) > 1);
        let first = planned.iter_mut().find(|plan| plan.is_due())?;
        first.played += 1;
        Some(first.fault)
    }

    fn planned(&self) -> MutexGuard<'_, VecDeque<Planned>> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
