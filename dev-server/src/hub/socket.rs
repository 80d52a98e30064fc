//! One connection as the hub sees it: where its messages go, and what it has joined.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{mpsc, oneshot};

/// Why the server ends a connection: the code and the words of its close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Close {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
}

/// The end of a connection that does not keep up.
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

/// Who a connection has signed in as.
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

    /// Puts a message into the connection's queue. Where there is no room, the connection is too
    /// slow and is ended, so that it never holds up the others.
    pub(super) fn send(&mut self, message: Utf8Bytes) {
        // What follows a message that found no room would hide that one is missing.
        if self.end.is_none() {
            return;
        }
        if self.outbox.try_send(message).is_err() {
            self.close(TOO_SLOW);
        }
    }

    pub(super) fn close(&mut self, close: Close) {
        if let Some(end) = self.end.take() {
            // The connection may have ended by itself.
            let _ = end.send(close);
        }
    }

    /// Whether one more client event keeps within `per_second`; it counts when it does.
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
