//! Tracing of calls: one span for each call, without payloads and secrets.
//!
//! Without the feature `tracing`, this does nothing.

#[cfg(not(feature = "tracing"))]
pub(super) use off::CallTrace;
#[cfg(feature = "tracing")]
pub(super) use on::CallTrace;

#[cfg(feature = "tracing")]
mod on {
    use std::sync::atomic::{AtomicU16, AtomicU32, Ordering::Relaxed};
    use std::time::Duration;

    use http::StatusCode;
    use tracing::field::Empty;
    use tracing::{Instrument as _, Span};

    use crate::client::platform::Instant;
    use crate::error::Error;

    const TARGET: &str = env!("CARGO_CRATE_NAME");

    /// The span of one call.
    pub(in crate::client) struct CallTrace {
        span: Span,
        attempts: AtomicU32,
        /// 0 before the first response.
        status: AtomicU16,
    }

    impl CallTrace {
        /// `channels` is the number of channels that get an event.
        pub(in crate::client) fn new(endpoint: &'static str, channels: Option<usize>) -> Self {
            Self {
                span: tracing::info_span!(
                    target: TARGET,
                    "pusher_call",
                    endpoint,
                    channels,
                    attempts = Empty,
                    status = Empty,
                    duration_ms = Empty,
                ),
                attempts: AtomicU32::new(0),
                status: AtomicU16::new(0),
            }
        }

        pub(in crate::client) fn attempt(&self) {
            self.attempts.fetch_add(1, Relaxed);
        }

        pub(in crate::client) fn responded(&self, status: StatusCode) {
            self.status.store(status.as_u16(), Relaxed);
        }

        /// Records a failed attempt, and the wait before the next one if there is one.
        pub(in crate::client) fn failed(
            &self,
            attempt: u32,
            error: &Error,
            wait: Option<Duration>,
        ) {
            // The message is left out: it can come from the service and quote what was sent.
            tracing::debug!(
                target: TARGET,
                parent: &self.span,
                attempt,
                error = kind(error),
                status = error.status(),
                wait_ms = wait.map(|wait| wait.as_secs_f64() * 1_000.0),
                "attempt failed"
            );
        }

        /// Runs the call in its span.
        pub(in crate::client) async fn run<T>(&self, call: impl Future<Output = T>) -> T {
            let began = Instant::now();
            let result = call.instrument(self.span.clone()).await;
            self.span.record("attempts", self.attempts.load(Relaxed));
            let status = self.status.load(Relaxed);
            if status != 0 {
                self.span.record("status", status);
            }
            let duration_ms = began.elapsed().as_secs_f64() * 1_000.0;
            self.span.record("duration_ms", duration_ms);
            result
        }
    }

    fn kind(error: &Error) -> &'static str {
        match error {
            Error::Api(_) => "api",
            Error::Connect { .. } => "connect",
            Error::Timeout { .. } => "timeout",
            Error::Deadline { .. } => "deadline",
            Error::Transport { .. } => "transport",
            Error::UnusableResponse { .. } => "unusable_response",
            Error::Decode { .. } => "decode",
            Error::Invalid { .. }
            | Error::Limit { .. }
            | Error::Config { .. }
            | Error::Serialize { .. }
            | Error::Encryption { .. }
            | Error::Random { .. }
            | Error::Webhook(_)
            | Error::Partial(_) => "rejected before it was sent",
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use std::time::Duration;

    use http::StatusCode;

    use crate::error::Error;

    pub(in crate::client) struct CallTrace;

    #[allow(clippy::unused_self)] // The signatures match those with the feature.
    impl CallTrace {
        pub(in crate::client) fn new(_: &'static str, _: Option<usize>) -> Self {
            Self
        }

        pub(in crate::client) fn attempt(&self) {}

        pub(in crate::client) fn responded(&self, _: StatusCode) {}

        pub(in crate::client) fn failed(&self, _: u32, _: &Error, _: Option<Duration>) {}

        pub(in crate::client) fn run<F: Future>(&self, call: F) -> F {
            call
        }
    }
}
