//! The settings of a whole server: its limits and times.

use std::time::{Duration, Instant};

use super::app::Switches;
use pusher_http::Limits;

/// The settings of one app, some of which apply to the whole server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) limits: DevLimits,
    pub(super) times: DevTimes,
    pub(super) switches: Switches,
}

/// The limits that a [`DevServer`](super::DevServer) enforces on calls and connections.
///
/// The defaults are the hosted service's limits, where it names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevLimits {
    /// The limits of the HTTP API and of members.
    pub api: Limits,
    /// Simultaneous connections of one app. Default: no limit that a test could reach.
    pub connections: usize,
    /// Members of one presence channel. Default: 100.
    pub presence_members: usize,
    /// Channels of one connection. Default: 100.
    pub channels_per_connection: usize,
    /// Client events of one connection per second. Default: 10.
    pub client_events_per_second: usize,
    /// Bytes of a client event's data. Default: 10,240.
    pub client_event_bytes: usize,
    /// Messages that may be queued for one connection. Default: 16,384; at least 1.
    ///
    /// A connection with a full queue is too slow, and is closed.
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

/// The timeouts and delays of a [`DevServer`](super::DevServer).
///
/// The defaults are the hosted service's, where it names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevTimes {
    /// How long a connection may be silent before it is pinged. Default: 120 seconds.
    pub activity_timeout: Duration,
    /// How long the response to a ping may take. Default: 30 seconds.
    pub pong_timeout: Duration,
    /// How long a write to a connection may take. Default: 30 seconds.
    ///
    /// This applies to messages, and to the pong that a client's ping requires. A connection that
    /// takes longer is not reading, and is closed. Until then, the server does not read from it
    /// either.
    pub write_timeout: Duration,
    /// How long a client may take to read its messages when the server ends the connection.
    ///
    /// These are the messages that were accepted for it. Default: 3 seconds.
    pub close_timeout: Duration,
    /// How long a channel or user must be gone before a webhook reports it. Default: 3 seconds.
    pub webhook_grace: Duration,
    /// For how long a rejected webhook is sent again. Default: 5 minutes.
    pub webhook_retries: Duration,
    /// The delay before a rejected webhook is sent again. Default: half a second.
    ///
    /// Each further delay is twice as long, up to 30 seconds.
    pub webhook_back_off: Duration,
    /// How long a cache channel keeps its last event. Default: 30 minutes.
    pub cache: Duration,
    /// How long an [`Expectation`](super::Expectation) waits. Default: 5 seconds.
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

/// A delay that no server outlives. Not every platform's clock can go further ahead.
const FOR_EVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// Returns the time after a delay of any length.
pub(super) fn later(now: Instant, wait: Duration) -> Instant {
    now + wait.min(FOR_EVER)
}
