//! The table of faults: what the peer does, and what a call makes of it.

mod answers;
mod broken;
mod endless;
mod play;
mod statuses;
mod undisturbed;
mod waits;

use std::ops::RangeFrom;
use std::time::Duration;

use pusher_http::{ApiErrorKind, Error, Outcome};

use crate::peer::{Script, Step};

/// One fault, and what a `GET`, a `POST` and a `POST` at least once make of it.
pub struct Row {
    fault: &'static str,
    plays: Plays,
    gives: Gives,
    outcome: Outcome,
    saw: Saw,
    /// How often the request is sent, or tried to be: `GET`, `POST`, `POST` at least once.
    tries: [usize; 3],
    settings: Settings,
    /// The least time of each try.
    each: Duration,
    /// The least time between two tries.
    between: Duration,
    /// How much the peer can send in a try, without what the kernel holds.
    sends: Option<usize>,
}

pub enum Plays {
    /// Nobody listens at the address.
    ClosedPort,
    /// The name is not one of the domain name system's.
    NoName,
    /// A script for each exchange, the last one again and again.
    Scripts(Vec<Script>),
}

/// What a call comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    Success,
    Connect,
    Timeout,
    Deadline,
    Transport,
    Decode(u16),
    /// An answer that can't be used: it has no end.
    Answer,
    Api(u16, ApiErrorKind),
}

/// How much of each request the peer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saw {
    Nothing,
    Part,
    Whole,
}

#[derive(Default, Clone, Copy)]
pub struct Settings {
    /// The client's, where it is not far longer than a test.
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    max_response_bytes: Option<usize>,
    /// A `POST` has a body that no socket's buffer holds.
    is_large: bool,
}

impl Row {
    pub fn new(
        fault: &'static str,
        plays: impl Into<Plays>,
        saw: Saw,
        gives: Gives,
        outcome: Outcome,
        tries: [usize; 3],
    ) -> Self {
        Self {
            fault,
            plays: plays.into(),
            gives,
            outcome,
            saw,
            tries,
            settings: Settings::default(),
            each: Duration::ZERO,
            between: Duration::ZERO,
            sends: None,
        }
    }

    /// The client's timeout, which each try takes in full.
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

    /// The `POST`s are larger than what the sockets hold.
    pub fn large(mut self) -> Self {
        self.settings.is_large = true;
        self
    }

    /// The client takes so much of an answer; no more can be sent than this, and what the kernel
    /// holds.
    pub fn sends(mut self, at_least: RangeFrom<usize>) -> Self {
        self.sends = Some(at_least.start);
        self
    }

    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_response_bytes = Some(bytes);
        self
    }
}

impl From<Vec<Step>> for Plays {
    fn from(script: Vec<Step>) -> Self {
        Self::Scripts(vec![script])
    }
}

impl Gives {
    pub fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Success,
            Err(Error::Connect { .. }) => Self::Connect,
            Err(Error::Timeout { .. }) => Self::Timeout,
            Err(Error::Deadline { .. }) => Self::Deadline,
            Err(Error::Transport { .. }) => Self::Transport,
            Err(Error::Decode { status, .. }) => Self::Decode(*status),
            Err(Error::Answer { .. }) => Self::Answer,
            Err(Error::Api(error)) => Self::Api(error.status(), error.kind()),
            Err(other) => panic!("no fault gives this: {other:?}"),
        }
    }
}

/// An answer with a length, on a connection that stays.
pub fn answers(status_and_headers: &str, body: &str) -> Script {
    let answer = answer(status_and_headers, body);
    vec![Step::TakeRequest, Step::Send(answer), Step::Keep]
}

pub fn answer(status_and_headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = status_and_headers.trim_end();
    format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Takes the request, sends these very bytes and does nothing more.
pub fn sends(bytes: impl AsRef<[u8]>) -> Script {
    let bytes = bytes.as_ref().to_vec();
    vec![Step::TakeRequest, Step::Send(bytes), Step::AwaitClose]
}

/// Takes the request, sends these very bytes and closes.
pub fn sends_and_closes(bytes: impl AsRef<[u8]>) -> Script {
    vec![Step::TakeRequest, Step::Send(bytes.as_ref().to_vec())]
}
