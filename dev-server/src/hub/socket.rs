//! One connection as the hub sees it: its message queue and its channels.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{mpsc, oneshot};

/// Why the server closes a connection: the code and reason of its close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

/// The close of a connection that does not keep up.
pub(crate) const TOO_SLOW: Close = Close {
    code: 4100,
    reason: "Over capacity: the connection is too slow",
};

pub(crate) struct Socket {
    outbox: mpsc::Sender<Utf8Bytes>,
    end: Option<oneshot::Sender<Close>>,
    pub(super) channels: BTreeSet<Arc<str>>,
    pub(super) user: Option<SignedIn>,
    client_events: VecDeque<Instant>,
}

/// The user that a connection has signed in as.
#[derive(Clone)]
pub(crate) struct SignedIn {
    pub(crate) id: String,
    pub(crate) watchlist: Vec<String>,
}

impl Socket {
    pub(super) fn new(outbox: mpsc::Sender<Utf8Bytes>, end: oneshot::Sender<Close>) -> Self {
        Self {
            outbox,
            end: Some(end),
            channels: BTreeSet::new(),
            user: None,
            client_events: VecDeque::new(),
        }
    }

    /// Puts a message into the connection's queue.
    ///
    /// If the queue is full, the connection is too slow and is closed, so that it never holds up
    /// the others.
    pub(super) fn send(&mut self, message: Utf8Bytes) {
        // After a message that found no room, a later one would hide that one is missing.
        if self.end.is_none() {
            return;
        }
        if self.outbox.try_send(message).is_err() {
            self.close(TOO_SLOW);
        }
    }

    pub(super) fn close(&mut self, close: Close) {
        if let Some(end) = self.end.take() {
            // The connection may have ended already.
            let _ = end.send(close);
        }
    }

    /// Whether one more client event is within `per_second`. If it is, it is counted.
    pub(super) fn may_send_client_event(&mut self, now: Instant, per_second: usize) -> bool {
        while let Some(first) = self.client_events.front()
            && now.duration_since(*first) >= Duration::from_secs(1)
        {
            self.client_events.pop_front();
        }
        if self.client_events.len() >= per_second {
            return false;
        }
        self.client_events.push_back(now);
        true
    }
}
