//! The table of faults: what the peer does, and the result of the call.

mod disconnects;
mod endless;
mod play;
mod responses;
mod stalls;
mod statuses;
mod waits;

use std::ops::RangeFrom;
use std::time::Duration;

use pusher_http::{ApiErrorKind, Error, Outcome};

use crate::peer::{Script, Step};

/// One fault, and the results of a `GET`, a `POST`, and a `POST` with at-least-once delivery.
pub struct Row {
    fault: &'static str,
    behavior: PeerBehavior,
    expected: Expected,
    outcome: Outcome,
    received: Received,
    /// The number of attempts to send the request: `GET`, `POST`, and `POST` at least once.
    attempts: [usize; 3],
    settings: Settings,
    /// The minimum duration of each attempt.
    each: Duration,
    /// The minimum time between two attempts.
    between: Duration,
    /// The number of bytes that the peer can send in an attempt, without the kernel's buffers.
    sends: Option<usize>,
}

pub enum PeerBehavior {
    /// The port is closed.
    ClosedPort,
    /// The name does not exist in DNS.
    NoName,
    /// A script for each exchange. The last script is repeated.
    Scripts(Vec<Script>),
}

/// The result of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Success,
    Connect,
    Timeout,
    Deadline,
    Transport,
    Decode(u16),
    /// The response cannot be used, because it has no end.
    UnusableResponse,
    Api(u16, ApiErrorKind),
}

/// The part of each request that the peer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    Nothing,
    Part,
    Whole,
}

#[derive(Default, Clone, Copy)]
pub struct Settings {
    /// The client's timeout. Without it, the timeout is far longer than a test.
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    max_response_bytes: Option<usize>,
    /// Whether a `POST` has a body that is larger than a socket's buffer.
    is_large: bool,
}

impl Row {
    pub fn new(
        fault: &'static str,
        behavior: impl Into<PeerBehavior>,
        received: Received,
        expected: Expected,
        outcome: Outcome,
        attempts: [usize; 3],
    ) -> Self {
        Self {
            fault,
            behavior: behavior.into(),
            expected,
            outcome,
            received,
            attempts,
            settings: Settings::default(),
            each: Duration::ZERO,
            between: Duration::ZERO,
            sends: None,
        }
    }

    /// Sets the client's timeout. Each attempt lasts until this timeout.
    pub fn each_times_out(mut self, timeout: Duration) -> Self {
        self.settings.timeout = Some(timeout);
        self.each = timeout;
        self
    }

    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    pub fn each_takes(mut self, time: Duration) -> Self {
        self.each = time;
        self
    }

    pub fn waits(mut self, time: Duration) -> Self {
        self.between = time;
        self
    }

    /// Makes the `POST`s larger than the sockets' buffers.
    pub fn large(mut self) -> Self {
        self.settings.is_large = true;
        self
    }

    /// The client reads this many bytes of a response. The peer cannot send more than these, and
    /// what the kernel buffers.
    pub fn sends(mut self, at_least: RangeFrom<usize>) -> Self {
        self.sends = Some(at_least.start);
        self
    }

    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_response_bytes = Some(bytes);
        self
    }
}

impl From<Vec<Step>> for PeerBehavior {
    fn from(script: Vec<Step>) -> Self {
        Self::Scripts(vec![script])
    }
}

impl Expected {
    pub fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Success,
            Err(Error::Connect { .. }) => Self::Connect,
            Err(Error::Timeout { .. }) => Self::Timeout,
            Err(Error::Deadline { .. }) => Self::Deadline,
            Err(Error::Transport { .. }) => Self::Transport,
            Err(Error::Decode { status, .. }) => Self::Decode(*status),
            Err(Error::UnusableResponse { .. }) => Self::UnusableResponse,
            Err(Error::Api(error)) => Self::Api(error.status(), error.kind()),
            Err(other) => panic!("no fault gives this: {other:?}"),
        }
    }
}

/// Takes the request, and sends a response with a length. The connection stays open.
pub fn responds(status_and_headers: &str, body: &str) -> Script {
    let response = response(status_and_headers, body);
    vec![Step::TakeRequest, Step::Send(response), Step::Keep]
}

pub fn response(status_and_headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = status_and_headers.trim_end();
    format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Takes the request, sends exactly these bytes, and does nothing more.
pub fn sends(bytes: impl AsRef<[u8]>) -> Script {
    let bytes = bytes.as_ref().to_vec();
    vec![Step::TakeRequest, Step::Send(bytes), Step::AwaitClose]
}

/// Takes the request, sends exactly these bytes, and closes the connection.
pub fn sends_and_closes(bytes: impl AsRef<[u8]>) -> Script {
    vec![Step::TakeRequest, Step::Send(bytes.as_ref().to_vec())]
}
