//! Decides whether and when a failed request is sent again, as a pure function.
//!
//! `Error::is_retryable` decides which errors can be temporary.

use std::time::Duration;

use http::Method;

use crate::error::Error;

/// Configures when a failed request is sent again.
///
/// | failure | `GET` | `POST` | `POST`, at least once |
/// |---|---|---|---|
/// | no connection could be made | retry | retry | retry |
/// | a timeout, a broken connection | retry | – | retry |
/// | 408, 429, 5xx | retry | – | retry |
/// | anything else | – | – | – |
///
/// By default nothing is triggered twice. A `POST` is sent again only if it certainly did not reach
/// the service, that is, only after [`Error::Connect`].
///
/// # When a request was certainly not sent
///
/// - **No connection could be made.** DNS, TCP, the proxy's tunnel or the TLS handshake failed or
///   timed out. Both HTTP clients make the connection first and then send the request on it. They
///   report which of the two failed (`is_connect` in reqwest, and in hyper-util below it).
/// - **A pooled connection was closed while it was idle.** If hyper has not written any byte of a
///   request, it returns the request, and hyper-util sends it on another connection. This is part
///   of one attempt. If hyper has begun to write, it does not return the request.
///
/// On `wasm32-unknown-unknown` no request is known to be unsent, since the exceptions of the host's
/// `fetch` don't tell the kinds of failure apart.
///
/// These failures don't prove that the service did nothing:
///
/// - The connection closed before the response. The service may have read the request, acted on it
///   and then closed the connection. hyper's "connection closed before message completed" is the
///   same in both cases.
/// - A timeout, even if it was too short for the service to read the whole request.
/// - A 5xx, since it may come from a proxy.
///
/// A 429 is a rejection, but the service has read the request. Its [`outcome`](Error::outcome) is
/// not accepted, and you decide whether to send it again.
///
/// # Delays
///
/// The delay before the second attempt is random, between zero and
/// [`base_delay`](Self::base_delay). This upper bound doubles after each further attempt, up to
/// [`max_delay`](Self::max_delay). If the service sends `Retry-After`, its time is added to the
/// delay. If the next attempt could not begin before the call's
/// [deadline](crate::Builder::deadline), the error is returned immediately.
///
/// ```no_run
/// use std::time::Duration;
/// use pusher_http::{Pusher, RetryPolicy};
///
/// let pusher = Pusher::builder("app-id", "key", "secret")
///     .retry(RetryPolicy::at_least_once().max_attempts(5))
///     .build()?;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    may_double: bool,
    max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
}

/// Makes up to 3 attempts. Retries any `GET`, and requests that were certainly not sent.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            may_double: false,
            max_attempts: 3,
            base_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// Sends each request only once.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// Also sends a `POST` again if the service may have acted on it.
    ///
    /// An event can then be delivered more than once, and subscribers must tolerate duplicates.
    ///
    /// If all attempts fail, the error is the last one with an
    /// [unknown](crate::Outcome::Unknown) outcome, if there is one. An earlier attempt may have
    /// reached the service even if a later one was rejected.
    pub fn at_least_once() -> Self {
        Self {
            may_double: true,
            ..Self::default()
        }
    }

    /// Sets the maximum number of attempts, including the first. Default: 3.
    ///
    /// 0 counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the longest delay before the second attempt. Default: 100 milliseconds.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// Sets the longest delay before any attempt, not counting `Retry-After`. Default: 5 seconds.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Returns the delay before the next attempt, or `None` if there is none.
    ///
    /// `attempt` is the number of the attempt that failed; the first is 1. `remaining` is the time
    /// left before the deadline. `jitter` is a uniformly distributed random number.
    pub(super) fn wait(
        &self,
        method: &Method,
        attempt: u32,
        error: &Error,
        remaining: Duration,
        jitter: u32,
    ) -> Option<Duration> {
        let is_safe = *method == Method::GET || matches!(error, Error::Connect { .. });
        if attempt >= self.max_attempts || !error.is_retryable() || !(is_safe || self.may_double) {
            return None;
        }
        let longest = 2_u32
            .checked_pow(attempt.saturating_sub(1))
            .and_then(|factor| self.base_delay.checked_mul(factor))
            .map_or(self.max_delay, |delay| delay.min(self.max_delay));
        let fraction = f64::from(jitter) / f64::from(u32::MAX);
        let wait = Duration::try_from_secs_f64(longest.as_secs_f64() * fraction)
            .unwrap_or(longest)
            .saturating_add(error.retry_after().unwrap_or_default());
        (wait < remaining).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ApiError;

    const LONG: Duration = Duration::from_secs(60);

    fn connect() -> Error {
        Error::Connect {
            source: "refused".into(),
        }
    }

    fn transport() -> Error {
        Error::Transport {
            source: "reset".into(),
        }
    }

    fn timeout() -> Error {
        Error::Timeout { timeout: LONG }
    }

    fn status(status: u16) -> Error {
        ApiError::new(status, b"", None, 0, None).into()
    }

    fn come_back_in(seconds: u64) -> Error {
        ApiError::new(503, b"", None, 0, Some(Duration::from_secs(seconds))).into()
    }

    fn unusable_response() -> Error {
        Error::UnusableResponse {
            reason: String::new(),
        }
    }

    fn decode() -> Error {
        let error = serde_json::from_slice::<u8>(b"x").unwrap_err();
        Error::decode("users", 200, &error)
    }

    #[test]
    fn retries_depend_on_error_method_and_policy() {
        let safe = RetryPolicy::default();
        let doubling = RetryPolicy::at_least_once();
        // Each error, and whether a GET, a POST, and a POST at least once are retried after it.
        let table: [(Error, [bool; 3]); 19] = [
            (connect(), [true, true, true]),
            (timeout(), [true, false, true]),
            (transport(), [true, false, true]),
            (status(408), [true, false, true]),
            (status(429), [true, false, true]),
            (status(500), [true, false, true]),
            (status(502), [true, false, true]),
            (status(503), [true, false, true]),
            (status(504), [true, false, true]),
            (status(301), [false, false, false]),
            (status(307), [false, false, false]),
            (status(400), [false, false, false]),
            (status(401), [false, false, false]),
            (status(403), [false, false, false]),
            (status(404), [false, false, false]),
            (status(413), [false, false, false]),
            (status(418), [false, false, false]),
            (unusable_response(), [false, false, false]),
            (decode(), [false, false, false]),
        ];
        for (error, expected) in table {
            for (case, again) in [
                (safe, Method::GET),
                (safe, Method::POST),
                (doubling, Method::POST),
            ]
            .into_iter()
            .zip(expected)
            {
                let (policy, method) = case;
                let wait = policy.wait(&method, 1, &error, LONG, 0);
                assert_eq!(wait, again.then_some(Duration::ZERO), "{method} {error:?}");
                let never = RetryPolicy::never().wait(&method, 1, &error, LONG, 0);
                assert_eq!(never, None);
            }
        }
    }

    #[test]
    fn does_not_retry_put_delete_and_patch_after_timeout() {
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let wait = RetryPolicy::default().wait(&method, 1, &timeout(), LONG, 0);
            assert_eq!(wait, None);
        }
    }

    #[test]
    fn delay_is_random_below_a_doubling_bound() {
        let policy = RetryPolicy::default().max_attempts(u32::MAX);
        let longest = |attempt| policy.wait(&Method::GET, attempt, &timeout(), LONG, u32::MAX);
        let shortest = |attempt| policy.wait(&Method::GET, attempt, &timeout(), LONG, 0);
        for (attempt, milliseconds) in [
            (1, 100),
            (2, 200),
            (3, 400),
            (6, 3_200),
            (7, 5_000),
            (40, 5_000),
            (u32::MAX - 1, 5_000),
        ] {
            let bound = Duration::from_millis(milliseconds);
            assert_eq!(longest(attempt), Some(bound), "{attempt}");
            assert_eq!(shortest(attempt), Some(Duration::ZERO), "{attempt}");
        }
        let half = policy.wait(&Method::GET, 2, &timeout(), LONG, u32::MAX / 2);
        let off = half.unwrap().abs_diff(Duration::from_millis(100));
        assert!(off < Duration::from_micros(1), "{off:?}");
    }

    #[test]
    fn retry_after_is_added_to_delay_up_to_deadline() {
        let wait = |error, remaining| {
            RetryPolicy::default().wait(&Method::GET, 1, &error, remaining, u32::MAX)
        };
        let three_seconds = Duration::from_millis(3_100);
        assert_eq!(wait(come_back_in(3), LONG), Some(three_seconds));
        assert_eq!(
            wait(come_back_in(3), three_seconds + Duration::from_nanos(1)),
            Some(three_seconds)
        );
        assert_eq!(wait(come_back_in(3), three_seconds), None);
        assert_eq!(wait(come_back_in(u64::MAX), LONG), None);
        assert_eq!(wait(connect(), Duration::ZERO), None);
    }

    #[test]
    fn max_attempts_includes_the_first() {
        let policy = RetryPolicy::default();
        let again = |attempt| {
            policy
                .wait(&Method::GET, attempt, &connect(), LONG, 7)
                .is_some()
        };
        assert!(again(1));
        assert!(again(2));
        assert!(!again(3));
        assert!(!again(u32::MAX));
        let none = policy.max_attempts(0);
        assert_eq!(none.wait(&Method::GET, 1, &connect(), LONG, 7), None);
    }

    #[test]
    fn largest_settings_do_not_overflow() {
        let policy = RetryPolicy::default()
            .max_attempts(u32::MAX)
            .base_delay(Duration::MAX)
            .max_delay(Duration::MAX);
        let wait = policy.wait(&Method::GET, 33, &timeout(), Duration::MAX, u32::MAX);
        assert_eq!(wait, None, "it is as long as any deadline");
    }
}
