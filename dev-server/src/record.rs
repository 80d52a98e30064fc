//! What a local server has seen: its newest calls, events and webhooks, in order, and who waits for an
//! event.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::newest::{Newest, Place};

/// A call of the HTTP API that a local server has received.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The id of the app that its path names, which the server may not have.
    pub app_id: String,
    /// The method.
    pub method: Method,
    /// The path as it stood on the wire, without the path prefix.
    pub path: String,
    /// The raw query without its signature.
    pub query: String,
    /// The body as text, once it is read; what is not UTF-8 is replaced.
    pub body: String,
    /// The status that was answered; `None` before that, and where a fault broke the connection.
    pub status: Option<u16>,
    /// What was wrong, in the words that were answered, without the signature that they quote.
    pub refusal: Option<String>,
    /// The fault that was played, by its `Debug` form.
    pub fault: Option<String>,
}

/// One attempt of a local server to post a webhook.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedWebhook {
    /// The id of the app that it tells of.
    pub app_id: String,
    /// Where it was posted to, without the name and the password that the URL may have.
    pub url: String,
    /// The body, the same for each attempt.
    pub body: String,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// The status that was answered; any 2xx takes the webhook, anything else is tried again.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
}

/// An event that a local server has accepted, once for each of its channels.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedEvent {
    /// The id of the app that it was triggered in.
    pub app_id: String,
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

/// The event that somebody waits for.
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
    /// Whoever waits longest comes first.
    waiting: Vec<Waiting>,
}

struct Arrival {
    event: RecordedEvent,
    /// An expectation has got it.
    is_taken: bool,
}

struct Waiting {
    wanted: Wanted,
    hand: oneshot::Sender<Handed>,
}

/// An event on its way to whoever waits for it.
struct Handed {
    event: RecordedEvent,
    place: Place,
}

impl Records {
    /// Keeps the newest calls, events and webhooks, so many of each.
    pub(super) fn new(limit: usize) -> Self {
        Self(Mutex::new(Seen {
            calls: Newest::new(limit),
            webhooks: Newest::new(limit),
            events: Newest::new(limit),
            waiting: Vec::new(),
        }))
    }

    /// Records a call that has come; gives its place.
    pub(super) fn call(&self, call: RecordedCall) -> Place {
        let mut seen = self.seen();
        let place = seen.calls.next_place();
        seen.calls.push(call);
        place
    }

    /// Adds to the call at this place what has become of it.
    pub(super) fn update(&self, place: Place, change: impl FnOnce(&mut RecordedCall)) {
        if let Some(call) = self.seen().calls.get_mut(place) {
            change(call);
        }
    }

    /// Records an event, and hands it to whoever waits for it: it can't be forgotten before.
    pub(super) fn event(&self, event: RecordedEvent) {
        let mut seen = self.seen();
        let place = seen.events.next_place();
        let is_taken = seen.hand_out(&event, place);
        seen.events.push(Arrival { event, is_taken });
    }

    pub(super) fn calls(&self) -> Vec<RecordedCall> {
        self.seen().calls.iter().cloned().collect()
    }

    /// The calls that had no success, and those that a fault was played on.
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

    /// The events that are kept, and how many older ones are not.
    pub(super) fn events(&self) -> (Vec<RecordedEvent>, u64) {
        let seen = self.seen();
        let kept = seen.events.iter().map(|arrival| arrival.event.clone());
        (kept.collect(), seen.events.forgotten())
    }

    /// The next such event that nobody has taken yet, waited for.
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

    /// Gives whether somebody has got it.
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

/// Whoever waits for an event, and may stop waiting at any time.
struct Waiter<'a> {
    records: &'a Records,
    handed: oneshot::Receiver<Handed>,
}

/// An event that was handed over and not looked at is for the next who expects it.
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
