//! A call under way: each of its requests is signed, sent, and sent again where the policy says so,
//! until its deadline.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};

use super::host::{Instant, sleep};
use super::retry::RetryPolicy;
use super::trace::CallTrace;
use super::{Pusher, unix_seconds};
use crate::api::{Endpoint, Request};
use crate::app::App;
use crate::error::{Error, Outcome};

/// How long a request may take with all its attempts, where no deadline is set.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// What one call has set for itself; else the client's settings hold.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CallOptions {
    pub(super) deadline: Option<Duration>,
    pub(super) retry: Option<RetryPolicy>,
}

/// `deadline` and `retry` of a call.
macro_rules! call_options {
    () => {
        /// How long this call may take, all its requests, attempts and waits included; see
        /// [`Builder::deadline`](crate::Builder::deadline).
        pub fn deadline(mut self, deadline: std::time::Duration) -> Self {
            self.options.deadline = Some(deadline);
            self
        }

        /// When this call's requests are sent again; see [`RetryPolicy`](crate::RetryPolicy).
        pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
            self.options.retry = Some(policy);
            self
        }
    };
}
pub(super) use call_options;

/// One call, which may take several requests.
pub(super) struct Delivery<'a> {
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

    /// `Duration::ZERO` once it is over.
    fn remaining(&self) -> Duration {
        self.allowed.saturating_sub(self.began.elapsed())
    }
}

impl<'a> Delivery<'a> {
    /// A call that begins now.
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

    /// Sends one request of the call, as often as it takes.
    pub(super) async fn send<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        let request = endpoint.request(self.pusher.app())?;
        let read = |response: &Response<Bytes>, signed_at| endpoint.read(response, signed_at);
        self.send_request(&request, read).await
    }

    /// Sends a request, as often as it takes; `read` reads the answer to one that was signed at a
    /// time in Unix seconds.
    pub(super) async fn send_request<T>(
        &self,
        request: &Request,
        read: impl Fn(&Response<Bytes>, u64) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (deadline, mut remaining) = match self.deadline {
            Some(deadline) => (deadline, deadline.remaining()),
            None => (Deadline::after(REQUEST_TIME), REQUEST_TIME),
        };
        let mut unknown = None;
        let mut attempt = 1;
        loop {
            let error = if remaining.is_zero() {
                Error::Deadline {
                    deadline: deadline.allowed,
                }
            } else {
                self.trace.attempt();
                let signed_at = unix_seconds();
                let signed = self.pusher.app().sign(request, signed_at)?;
                match self.pusher.shared.transport.send(signed, remaining).await {
                    Ok(response) => {
                        self.trace.answered(response.status());
                        match read(&response, signed_at) {
                            Ok(answer) => return Ok(answer),
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

/// The error of a call, of whose attempts `last` was the last: that nothing came of it does not
/// take back an earlier one, of which nothing is known.
fn whole_outcome(unknown: Option<Error>, last: Error) -> Error {
    match unknown {
        Some(unknown) if last.outcome() == Outcome::NotAccepted => unknown,
        _ => last,
    }
}
