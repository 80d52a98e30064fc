//! Executes calls: signs and sends each request, and retries it within the deadline.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::Method;

use super::platform::{Instant, sleep};
use super::pusher::since_unix_epoch;
use super::retry::RetryPolicy;
use super::trace::CallTrace;
use super::{Pusher, SendLimits};
use crate::api::{Endpoint, Request, SignedRequest};
use crate::app::App;
use crate::error::{Error, Outcome};

/// The time limit for a request with all its attempts, if no deadline is set.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// The options of one call, which override the client's settings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CallOptions {
    pub(super) deadline: Option<Duration>,
    pub(super) retry: Option<RetryPolicy>,
}

/// Defines the methods `deadline` and `retry` of a call.
macro_rules! call_options {
    () => {
        /// Sets the time limit for this call, including all its requests, attempts and delays.
        ///
        /// See [`Builder::deadline`](crate::Builder::deadline).
        pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
            self.options.deadline = Some(deadline);
            self
        }

        /// Sets when this call's requests are sent again; see [`RetryPolicy`](crate::RetryPolicy).
        pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
            self.options.retry = Some(policy);
            self
        }
    };
}
pub(super) use call_options;

/// One call, which may take several requests.
pub(super) struct Execution<'a> {
    pusher: &'a Pusher,
    retry: RetryPolicy,
    deadline: Option<Deadline>,
    trace: &'a CallTrace,
}

#[derive(Clone, Copy)]
struct Deadline {
    began: Instant,
    allowed: Duration,
}

impl Deadline {
    fn after(allowed: Duration) -> Self {
        Self {
            began: Instant::now(),
            allowed,
        }
    }

    /// Returns `Duration::ZERO` after the deadline.
    fn remaining(&self) -> Duration {
        self.allowed.saturating_sub(self.began.elapsed())
    }
}

impl<'a> Execution<'a> {
    /// Starts a call. Its deadline counts from now.
    pub(super) fn new(pusher: &'a Pusher, options: CallOptions, trace: &'a CallTrace) -> Self {
        let settings = &pusher.shared;
        Self {
            pusher,
            retry: options.retry.unwrap_or(settings.retry),
            deadline: options.deadline.or(settings.deadline).map(Deadline::after),
            trace,
        }
    }

    pub(super) fn app(&self) -> &App {
        self.pusher.app()
    }

    /// Sends one request, retrying according to the policy, and reads the response.
    pub(super) async fn send<E: Endpoint>(
        &self,
        request: &Request,
        endpoint: &E,
    ) -> Result<E::Response, Error> {
        let (deadline, mut remaining) = match self.deadline {
            Some(deadline) => (deadline, deadline.remaining()),
            None => (Deadline::after(REQUEST_TIME), REQUEST_TIME),
        };
        let client = &self.pusher.shared;
        let mut unknown = None;
        let mut attempt = 1;
        loop {
            let error = if remaining.is_zero() {
                Error::Deadline {
                    deadline: deadline.allowed,
                }
            } else {
                self.trace.attempt();
                let signed_at = since_unix_epoch().as_secs();
                let signed = SignedRequest::new(self.app(), request, signed_at)?;
                let limits = SendLimits {
                    timeout: client.limits.timeout.min(remaining),
                    ..client.limits
                };
                match client.http_client.send(signed, limits).await {
                    Ok(response) => {
                        self.trace.responded(response.status());
                        match endpoint.read(&response, signed_at) {
                            Ok(response) => return Ok(response),
                            Err(error) => error,
                        }
                    }
                    Err(error) => error,
                }
            };
            let wait = self.retry.wait(
                request.method(),
                attempt,
                &error,
                deadline.remaining(),
                getrandom::u32().unwrap_or(u32::MAX),
            );
            self.trace.failed(attempt, &error, wait);
            let Some(wait) = wait else {
                return Err(whole_outcome(unknown, error));
            };
            if *request.method() != Method::GET && error.outcome() == Outcome::Unknown {
                unknown = Some(error);
            }
            sleep(wait).await;
            remaining = deadline.remaining();
            attempt += 1;
        }
    }
}

/// Chooses the error to report after the last attempt failed with `last`.
///
/// If an earlier attempt may have reached the service, its error is reported, even if the last
/// attempt was certainly not accepted.
fn whole_outcome(unknown: Option<Error>, last: Error) -> Error {
    match unknown {
        Some(unknown) if last.outcome() == Outcome::NotAccepted => unknown,
        _ => last,
    }
}

/// All responses joined, or the outcomes of all requests and the first error.
pub(super) type Joined<T> = Result<T, (Vec<Outcome>, Error)>;

/// Sends `count` requests, at most `concurrency` of them at the same time.
///
/// `send` sends the request with the given index. `join` appends a response to those before it.
/// After a request has failed, no further request is started. Requests in flight are awaited, so
/// that their outcome is known.
pub(super) async fn send_all<T: Default, F>(
    count: usize,
    concurrency: usize,
    send: impl Fn(usize) -> F,
    join: impl Fn(&mut T, T),
) -> Joined<T>
where
    F: Future<Output = Result<T, Error>>,
{
    if count.min(concurrency) > 1 {
        return send_concurrently(count, concurrency, send, join).await;
    }
    let mut joined = T::default();
    for place in 0..count {
        match send(place).await {
            Ok(response) => join(&mut joined, response),
            Err(error) => {
                let mut outcomes = vec![Outcome::Accepted; place];
                outcomes.push(error.outcome());
                outcomes.resize(count, Outcome::NotAccepted);
                return Err((outcomes, error));
            }
        }
    }
    Ok(joined)
}

async fn send_concurrently<T: Default, F>(
    count: usize,
    concurrency: usize,
    send: impl Fn(usize) -> F,
    join: impl Fn(&mut T, T),
) -> Joined<T>
where
    F: Future<Output = Result<T, Error>>,
{
    let numbered = |place| {
        let request = send(place);
        async move { (place, request.await) }
    };
    // `None` means that the request was never sent.
    let mut results: Vec<_> = std::iter::repeat_with(|| None).take(count).collect();
    let mut places = 0..count;
    let first = places.by_ref().take(concurrency);
    let mut under_way: FuturesUnordered<_> = first.map(&numbered).collect();
    let mut has_failed = false;
    while let Some((place, result)) = under_way.next().await {
        has_failed |= result.is_err();
        results[place] = Some(result);
        if !has_failed {
            under_way.extend(places.next().map(&numbered));
        }
    }
    let mut joined = T::default();
    let mut outcomes = Vec::with_capacity(count);
    let mut cause = None;
    for result in results {
        outcomes.push(match result {
            Some(Ok(response)) => {
                join(&mut joined, response);
                Outcome::Accepted
            }
            Some(Err(error)) => {
                let outcome = error.outcome();
                cause.get_or_insert(error);
                outcome
            }
            None => Outcome::NotAccepted,
        });
    }
    match cause {
        None => Ok(joined),
        Some(cause) => Err((outcomes, cause)),
    }
}
