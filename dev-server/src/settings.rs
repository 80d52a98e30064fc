//! What can be set of a local server as a whole: its limits and its times.

use std::time::{Duration, Instant};

use super::app::Switches;
use pusher_http::Limits;

/// What is set for one app, some of it for the server as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) limits: DevLimits,
    pub(super) times: DevTimes,
    pub(super) switches: Switches,
}

/// The limits that a [`DevServer`](super::DevServer) holds its callers and its sockets to. The
/// defaults are those of the hosted service, where it names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevLimits {
    /// The limits of the HTTP API and of members.
    pub api: Limits,
    /// Connections of one app at once. Default: no limit that a test could meet.
    pub connections: usize,
    /// Members of one presence channel: 100.
    pub presence_members: usize,
    /// Channels of one connection: 100.
    pub channels_per_connection: usize,
    /// Client events of one connection in a second: 10.
    pub client_events_per_second: usize,
    /// Bytes of a client event's data: 10,240.
    pub client_event_bytes: usize,
    /// Messages that may wait for one connection; one that is slower is closed. Default: 16,384;
    /// at least 1.
    pub waiting_messages: usize,
}

impl Default for DevLimits {
    fn default() -> Self {
        Self {
            api: Limits::default(),
            connections: usize::MAX,
            presence_members: 100,
            channels_per_connection: 100,
            client_events_per_second: 10,
            client_event_bytes: 10_240,
            waiting_messages: 16_384,
        }
    }
}

/// The times that a [`DevServer`](super::DevServer) keeps. The defaults are those of the
/// hosted service, where it names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevTimes {
    /// How long a connection may be silent before it is pinged: 120 seconds.
    pub activity_timeout: Duration,
    /// How long the answer to a ping may take: 30 seconds.
    pub pong_timeout: Duration,
    /// How long a connection may take until it has room for a message, or for the pong that its
    /// ping is owed: 30 seconds. One that takes longer does not read, and is closed; until then it
    /// is not read any further either.
    pub write_timeout: Duration,
    /// How long a connection that the server ends may take to read what was accepted for it:
    /// 3 seconds.
    pub close_timeout: Duration,
    /// How long a channel or a user has to be gone before a webhook says so: 3 seconds.
    pub webhook_grace: Duration,
    /// For how long a webhook that was refused is sent again: 5 minutes.
    pub webhook_retries: Duration,
    /// The wait before a refused webhook is sent again: half a second. Each further one is twice
    /// as long, up to 30 seconds.
    pub webhook_back_off: Duration,
    /// How long a cache channel keeps its last event: 30 minutes.
    pub cache: Duration,
    /// How long an [`Expectation`](super::Expectation) waits: 5 seconds.
    pub expectation: Duration,
}

impl Default for DevTimes {
    fn default() -> Self {
        Self {
            activity_timeout: Duration::from_secs(120),
            pong_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(3),
            webhook_grace: Duration::from_secs(3),
            webhook_retries: Duration::from_secs(5 * 60),
            webhook_back_off: Duration::from_millis(500),
            cache: Duration::from_secs(30 * 60),
            expectation: Duration::from_secs(5),
        }
    }
}

/// A wait that no server outlives. The clock can't be read so far ahead on every platform.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The time after a wait of any length.
pub(super) fn later(now: Instant, wait: Duration) -> Instant {
    now + wait.min(FOR_EVER)
}
