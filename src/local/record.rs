//! What a local server has seen: every call and every event, in order, and waiting for one.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;

/// A call of the HTTP API that a local server has received.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The method.
    pub method: Method,
    /// The path as it stood on the wire, without the path prefix.
    pub path: String,
    /// The raw query without its signature.
    pub query: String,
    /// The body as text; what is not UTF-8 is replaced.
    pub body: String,
    /// The status that was answered; `None` before that, and where a fault broke the connection.
    pub status: Option<u16>,
    /// What was wrong, in the words that were answered, without the signature that they quote.
    pub refusal: Option<String>,
    /// The fault that was played, by its `Debug` form.
    pub fault: Option<String>,
}

/// An event that a local server has accepted, once for each of its channels.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// The channel; a user's is `#server-to-user-{user_id}`.
    pub channel: String,
    /// The event's name.
    pub name: String,
    /// The data, opened where the channel is encrypted with the app's key.
    pub data: String,
    /// The connection that did not get it.
    pub excluded: Option<String>,
    /// The attributes that were asked for, as they were sent.
    pub info: Option<String>,
}

impl RecordedEvent {
    /// The data as a value of type `T`.
    ///
    /// # Errors
    ///
    /// What the JSON parser says.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.data)
    }
}

/// An event that was expected and did not arrive in time. Its message shows what did.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "no {name:?} on {channel:?} within {waited:?}; what did arrive:{}",
    list(arrived)
)]
#[non_exhaustive]
pub struct ExpectationError {
    /// The channel on which it was expected.
    pub channel: String,
    /// The event that was expected.
    pub name: String,
    /// For how long.
    pub waited: Duration,
    /// The events that did arrive, those already expected among them.
    pub arrived: Vec<RecordedEvent>,
}

fn list(arrived: &[RecordedEvent]) -> String {
    if arrived.is_empty() {
        return " nothing".to_owned();
    }
    arrived
        .iter()
        .map(|event| {
            format!(
                "\n  {:?} on {:?}: {}",
                event.name, event.channel, event.data
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

#[derive(Default)]
pub(super) struct Records {
    seen: Mutex<Seen>,
    arrived: Notify,
}

#[derive(Default)]
struct Seen {
    calls: Vec<RecordedCall>,
    /// Each event, and whether an expectation has taken it.
    events: Vec<(RecordedEvent, bool)>,
}

impl Records {
    /// Records a call that has come; gives its place.
    pub(super) fn call(&self, call: RecordedCall) -> usize {
        let mut seen = self.seen();
        seen.calls.push(call);
        seen.calls.len() - 1
    }

    /// Adds to the call at this place what has become of it.
    pub(super) fn update(&self, place: usize, change: impl FnOnce(&mut RecordedCall)) {
        if let Some(call) = self.seen().calls.get_mut(place) {
            change(call);
        }
    }

    pub(super) fn event(&self, event: RecordedEvent) {
        self.seen().events.push((event, false));
        self.arrived.notify_waiters();
    }

    pub(super) fn calls(&self) -> Vec<RecordedCall> {
        self.seen().calls.clone()
    }

    pub(super) fn events(&self) -> Vec<RecordedEvent> {
        let seen = self.seen();
        seen.events.iter().map(|(event, _)| event.clone()).collect()
    }

    /// The next event of this name on this channel that no expectation has taken yet.
    pub(super) async fn expect(
        &self,
        channel: &str,
        name: &str,
        within: Duration,
    ) -> Result<RecordedEvent, ExpectationError> {
        let search = async {
            loop {
                let arrived = self.arrived.notified();
                if let Some(event) = self.take(channel, name) {
                    return event;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(within, search)
            .await
            .map_err(|_| ExpectationError {
                channel: channel.to_owned(),
                name: name.to_owned(),
                waited: within,
                arrived: self.events(),
            })
    }

    fn take(&self, channel: &str, name: &str) -> Option<RecordedEvent> {
        let mut seen = self.seen();
        let (event, taken) = seen
            .events
            .iter_mut()
            .find(|(event, taken)| !taken && event.channel == channel && event.name == name)?;
        *taken = true;
        Some(event.clone())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}
