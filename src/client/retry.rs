//! Whether a request that failed is sent again, and when: a function of its arguments. Which errors
//! can go away by themselves, `Error::is_retryable` knows.

use std::time::Duration;

use http::Method;

use crate::error::Error;

/// When a request that failed is sent again.
///
/// | what went wrong | `GET` | `POST` | `POST`, at least once |
/// |---|---|---|---|
/// | no connection could be made | again | again | again |
/// | a timeout, a broken connection | again | – | again |
/// | 408, 429, 5xx | again | – | again |
/// | anything else | – | – | – |
///
/// So by default nothing is triggered twice: a `POST` is sent again only where it surely did not
/// reach the service, which is [`Error::Connect`] and nothing else.
///
/// # What is surely unsent
///
/// - **No connection could be made**: DNS, TCP, the proxy's tunnel or the TLS handshake failed, or
///   took too long. Both HTTP clients make the connection first and hand it the request afterwards,
///   and say which of the two failed (`is_connect` of reqwest, and of hyper-util below it).
/// - **A pooled connection had been closed while it was idle.** hyper gives back a request of which
///   it had written no byte, and hyper-util sends it on another connection by itself: that is part
///   of one attempt. Where hyper had begun to write, it gives nothing back.
///
/// On `wasm32-unknown-unknown` nothing is: what a host's `fetch` throws has no kinds.
///
/// A connection that closes before the answer proves nothing: the service may have read the
/// request, acted, and then gone, and hyper's "connection closed before message completed" is the
/// same in either case. Neither does a timeout, not even one that is over before the service can
/// have read all, nor a 5xx, which may be a proxy's. A 429 is a refusal, but one that the service
/// has read: [`outcome`](Error::outcome) calls it not accepted, and sending it again is yours to
/// decide.
///
/// # Waiting
///
/// Between two attempts passes a random time between nothing and [`base_delay`](Self::base_delay),
/// doubled after each further attempt, up to [`max_delay`](Self::max_delay). A `Retry-After` of
/// the service is waited for before that time begins. An attempt that could not begin before the
/// call's [deadline](crate::Builder::deadline) is not waited for: the error is given at once.
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

/// Sends again what surely was not sent, and any `GET`: 3 attempts.
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
    /// Sends each request once.
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// Sends a `POST` again also where the service may have acted: an event can then be delivered
    /// more than once, and subscribers have to bear that.
    ///
    /// When all attempts failed, the error is the last one after which the outcome is
    /// [unknown](crate::Outcome::Unknown), where there is one: a later refusal does not take an earlier
    /// attempt back.
    pub fn at_least_once() -> Self {
        Self {
            may_double: true,
            ..Self::default()
        }
    }

    /// How often a request is sent, the first time included. Default: 3. 0 counts as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The longest wait before the second attempt. Default: 100 milliseconds.
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The longest wait before any attempt, without what `Retry-After` asks for. Default: 5
    /// seconds.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// How long to wait before the request is sent again after attempt number `attempt` (the first
    /// is 1) failed; `None` when it is not. `remaining` is the time left before the deadline, and
    /// `jitter` a random number, of which all values are equally likely.
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

    fn answer() -> Error {
        Error::Answer {
            reason: String::new(),
        }
    }

    fn decode() -> Error {
        let error = serde_json::from_slice::<u8>(b"x").unwrap_err();
        Error::decode("users", 200, &error)
    }

    #[test]
    fn what_is_sent_again_by_method_and_policy() {
        let safe = RetryPolicy::default();
        let doubling = RetryPolicy::at_least_once();
        // The error, and whether it is sent again: a GET, a POST, a POST at least once.
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
            (answer(), [false, false, false]),
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
    fn a_method_that_may_change_something_is_treated_as_a_post() {
        for method in [Method::PUT, Method::DELETE, Method::PATCH] {
            let wait = RetryPolicy::default().wait(&method, 1, &timeout(), LONG, 0);
            assert_eq!(wait, None);
        }
    }

    #[test]
    fn the_wait_is_random_below_a_bound_that_doubles_up_to_its_limit() {
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
    fn what_the_service_asks_for_comes_on_top_and_ends_at_the_deadline() {
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
    fn attempts_are_counted_with_the_first() {
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
    fn settings_without_bounds_do_not_overflow() {
        let policy = RetryPolicy::default()
            .max_attempts(u32::MAX)
            .base_delay(Duration::MAX)
            .max_delay(Duration::MAX);
        let wait = policy.wait(&Method::GET, 33, &timeout(), Duration::MAX, u32::MAX);
        assert_eq!(wait, None, "it is as long as any deadline");
    }
}
