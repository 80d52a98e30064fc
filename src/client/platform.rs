//! Clocks and timers for each platform.
//!
//! On native targets they come from the standard library and tokio. On `wasm32-unknown-unknown`,
//! where those panic or don't exist, they come from the JavaScript host.

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

    /// The longest time that `setTimeout` supports. With a longer one, it fires immediately.
    const LONGEST_MS: u32 = i32::MAX.unsigned_abs();

    pub(in crate::client) async fn sleep(time: Duration) {
        let mut left_ms = time.as_nanos().div_ceil(1_000_000);
        while left_ms > 0 {
            let ms = u32::try_from(left_ms).map_or(LONGEST_MS, |ms| ms.min(LONGEST_MS));
            // A host timer is bound to its thread, and so is every future that awaits it.
            SendWrapper::new(TimeoutFuture::new(ms)).await;
            left_ms -= u128::from(ms);
        }
    }

    /// The timeout elapsed before the future was ready.
    pub(in crate::client) struct Elapsed;

    /// Runs a future for at most `limit`.
    ///
    /// The future is polled first. So no timer is requested if it is ready at once, or if it fails
    /// where the host does not allow timers.
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
