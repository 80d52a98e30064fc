//! Clocks and timers. Natively they are the standard library's and tokio's; on
//! `wasm32-unknown-unknown`, where those panic or are not there, the JavaScript host's.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(super) use std::time::{Instant, SystemTime};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(super) use tokio::time::{sleep, timeout};
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) use wasm::{sleep, timeout};
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(super) use web_time::{Instant, SystemTime};

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod wasm {
    use std::pin::pin;
    use std::time::Duration;

    use futures_util::future::{Either, select};
    use gloo_timers::future::TimeoutFuture;
    use send_wrapper::SendWrapper;

    /// The longest time that `setTimeout` takes; it fires at once after a longer one.
    const LONGEST_MS: u32 = i32::MAX.unsigned_abs();

    pub(in crate::client) async fn sleep(time: Duration) {
        let mut left_ms = time.as_nanos().div_ceil(1_000_000);
        while left_ms > 0 {
            let ms = u32::try_from(left_ms).map_or(LONGEST_MS, |ms| ms.min(LONGEST_MS));
            // A timer of the host's stays on its thread, as does all that awaits it.
            SendWrapper::new(TimeoutFuture::new(ms)).await;
            left_ms -= u128::from(ms);
        }
    }

    /// The time was over first.
    pub(in crate::client) struct Elapsed;

    /// The future goes first, so that none which is ready, or fails where the host allows no
    /// timers, asks for one.
    pub(in crate::client) async fn timeout<F: Future>(
        limit: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        match select(pin!(future), pin!(sleep(limit))).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(_) => Err(Elapsed),
        }
    }
}
