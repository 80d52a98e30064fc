//! The newest calls, events and webhooks of a server, in order, and the expectations that wait for
//! an event.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::newest::{Newest, Place};

/// A call of the HTTP API that the server has received.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The app id in the path. The server may not have an app with this id.
    pub app_id: String,
    /// The method.
    pub method: Method,
    /// The path as it was received, without the path prefix.
    pub path: String,
    /// The raw query, without its signature.
    pub query: String,
    /// The body as text, once it has been read. Invalid UTF-8 is replaced.
    pub body: String,
    /// The status of the response. `None` before that, and if a fault broke the connection.
    pub status: Option<u16>,
    /// The error message of the response, without the signature that it quotes.
    pub refusal: Option<String>,
    /// The fault that was played, in its `Debug` form.
    pub fault: Option<String>,
}

/// An attempt of the server to post a webhook.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedWebhook {
    /// The id of the app that the webhook is about.
    pub app_id: String,
    /// The URL it was posted to, without the username and password that it may have.
    pub url: String,
    /// The body, which is the same for each attempt.
    pub body: String,
    /// The number of the attempt, starting at 1.
    pub attempt: u32,
    /// The status of the response. Any 2xx accepts the webhook; otherwise it is sent again.
    pub status: Option<u16>,
    /// Why there was no response.
    pub error: Option<String>,
}

/// An event that the server has accepted, recorded once for each of its channels.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// The id of the app that the event was triggered in.
    pub app_id: String,
    /// The channel. A user's channel is `#server-to-user-{user_id}`.
    pub channel: String,
    /// The event's name.
    pub name: String,
    /// The data, decrypted if the channel is encrypted with the app's key.
    pub data: String,
    /// The socket id of the connection that did not get the event.
    pub excluded: Option<String>,
    /// The requested attributes, as they were sent.
    pub info: Option<String>,
}

impl RecordedEvent {
    /// Parses the data as a value of type `T`.
    ///
    /// # Errors
    ///
    /// The error of the JSON parser.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.data)
    }
}

/// The event that an expectation waits for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) app_id: String,
    pub(super) channel: String,
    pub(super) name: String,
}

impl Wanted {
    fn is(&self, event: &RecordedEvent) -> bool {
        self.channel == event.channel && self.name == event.name && self.app_id == event.app_id
    }
}

pub(super) struct Records(Mutex<Seen>);

struct Seen {
    calls: Newest<RecordedCall>,
    webhooks: Newest<RecordedWebhook>,
    events: Newest<Arrival>,
    /// The longest-waiting expectation comes first.
    waiting: Vec<Waiting>,
}

struct Arrival {
    event: RecordedEvent,
    /// Whether an expectation has received it.
    is_taken: bool,
}

struct Waiting {
    wanted: Wanted,
    hand: oneshot::Sender<Handed>,
}

/// An event on its way to an expectation that waits for it.
struct Handed {
    event: RecordedEvent,
    place: Place,
}

impl Records {
    /// Creates records that keep the newest `limit` calls, events and webhooks each.
    pub(super) fn new(limit: usize) -> Self {
        Self(Mutex::new(Seen {
            calls: Newest::new(limit),
            webhooks: Newest::new(limit),
            events: Newest::new(limit),
            waiting: Vec::new(),
        }))
    }

    /// Records a call that has arrived. Returns its place.
    pub(super) fn call(&self, call: RecordedCall) -> Place {
        let mut seen = self.seen();
        let place = seen.calls.next_place();
        seen.calls.push(call);
        place
    }

    /// Updates the call at this place with its result so far.
    pub(super) fn update(&self, place: Place, change: impl FnOnce(&mut RecordedCall)) {
        if let Some(call) = self.seen().calls.get_mut(place) {
            change(call);
        }
    }

    /// Records an event, and hands it to an expectation that waits for it.
    ///
    /// It is handed over before it can be forgotten.
    pub(super) fn event(&self, event: RecordedEvent) {
        let mut seen = self.seen();
        let place = seen.events.next_place();
        let is_taken = seen.hand_out(&event, place);
        seen.events.push(Arrival { event, is_taken });
    }

    pub(super) fn calls(&self) -> Vec<RecordedCall> {
        self.seen().calls.iter().cloned().collect()
    }

    /// Returns the calls that were rejected, and those that a fault was played on.
    pub(super) fn refused(&self) -> Vec<RecordedCall> {
        let seen = self.seen();
        let refused = seen
            .calls
            .iter()
            .filter(|call| call.refusal.is_some() || call.fault.is_some());
        refused.cloned().collect()
    }

    pub(super) fn webhook(&self, attempt: RecordedWebhook) {
        self.seen().webhooks.push(attempt);
    }

    pub(super) fn webhooks(&self) -> Vec<RecordedWebhook> {
        self.seen().webhooks.iter().cloned().collect()
    }

    /// Returns the events that are kept, and how many older ones are not.
    pub(super) fn events(&self) -> (Vec<RecordedEvent>, u64) {
        let seen = self.seen();
        let kept = seen.events.iter().map(|arrival| arrival.event.clone());
        (kept.collect(), seen.events.forgotten())
    }

    /// Waits for the next matching event that no expectation has received yet.
    pub(super) async fn next(&self, wanted: Wanted) -> RecordedEvent {
        let (hand, handed) = oneshot::channel();
        {
            let mut seen = self.seen();
            if let Some(event) = seen.take(&wanted) {
                return event;
            }
            seen.waiting.push(Waiting { wanted, hand });
        }
        let mut waiter = Waiter {
            records: self,
            handed,
        };
        match (&mut waiter.handed).await {
            Ok(handed) => handed.event,
            // The sender is kept until it has sent.
            Err(_) => std::future::pending().await,
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn take(&mut self, wanted: &Wanted) -> Option<RecordedEvent> {
        let found = self
            .events
            .iter_mut()
            .find(|arrival| !arrival.is_taken && wanted.is(&arrival.event))?;
        found.is_taken = true;
        Some(found.event.clone())
    }

    /// Hands an event to an expectation. Returns whether one has received it.
    fn hand_out(&mut self, event: &RecordedEvent, place: Place) -> bool {
        let is_wanted = |waiting: &Waiting| waiting.wanted.is(event);
        while let Some(first) = self.waiting.iter().position(is_wanted) {
            let handed = Handed {
                event: event.clone(),
                place,
            };
            if self.waiting.remove(first).hand.send(handed).is_ok() {
                return true;
            }
        }
        false
    }
}

/// An expectation that waits for an event, and may stop waiting at any time.
struct Waiter<'a> {
    records: &'a Records,
    handed: oneshot::Receiver<Handed>,
}

/// Passes an event that was handed over and not looked at to the next expectation.
impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.handed.close();
        let mut seen = self.records.seen();
        if let Ok(Handed { event, place }) = self.handed.try_recv() {
            let is_taken = seen.hand_out(&event, place);
            if let Some(arrival) = seen.events.get_mut(place) {
                arrival.is_taken = is_taken;
            }
        } else {
            seen.waiting.retain(|waiting| !waiting.hand.is_closed());
        }
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").finish_non_exhaustive()
    }
}
