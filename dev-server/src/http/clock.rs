//! The server's clock, which a fault can set wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::fault::Fault;

/// The last second that a date can show, both in a header and in a message.
const LAST_SECOND: u64 = 253_402_300_799;

/// Returns the server's time in Unix seconds, which is wrong if a fault says so.
pub(super) fn now(fault: Option<Fault>) -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    match fault {
        Some(Fault::ClockOff(seconds)) => now.saturating_add_signed(seconds).min(LAST_SECOND),
        _ => now,
    }
}

/// Formats Unix seconds as a date, such as `2013-09-29T08:46:33Z`.
///
/// Returns `None` if a date can't show them.
pub(super) fn date_of(seconds: u64) -> Option<String> {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    (seconds <= LAST_SECOND).then(|| humantime::format_rfc3339_seconds(time).to_string())
}
