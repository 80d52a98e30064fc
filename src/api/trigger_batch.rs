//! `POST /batch_events`: several events, each for its own channel.

use std::borrow::Cow;

use serde::Serialize;

use super::answer::ChannelCounts;
use super::{Endpoint, Request};
use crate::app::App;
use crate::encryption::{MasterKey, NONCE_BYTES};
use crate::error::Error;
use crate::event::Event;
use crate::json::{self, Reader};
use crate::limits;

/// Triggers several events in one request: at most
/// [`Limits::events_per_batch`](crate::Limits::events_per_batch).
///
/// ```
/// use pusher_http::api::{Endpoint, TriggerBatch};
/// use pusher_http::{App, Event, Info};
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let events = [
///     Event::new("private-operator-7", "offer.received", 4711)?.info(Info::SUBSCRIPTION_COUNT),
///     Event::new("private-streamer-9", "offer.received", 4711)?,
/// ];
/// // More than one request takes are sent in several, in order.
/// for events in events.chunks(app.limits().events_per_batch) {
///     let batch = TriggerBatch::new(events);
///     let signed_at = 1_353_088_179; // Unix seconds
///     let request = app.sign(&batch.request(&app)?, signed_at)?.into_http();
///     assert_eq!(request.uri().path(), "/apps/3/batch_events");
///
///     let body = r#"{"batch":[{"subscription_count":1},{}]}"#;
///     let answer = batch.read(&http::Response::new(body.into()), signed_at)?;
///     assert_eq!(answer.counts[0].subscription_count, Some(1));
/// }
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TriggerBatch<'a> {
    events: Cow<'a, [Event]>,
}

/// The answer to a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TriggerBatchResponse {
    /// The counts of each event's channel, one entry for every event in the order given; empty
    /// counts for events without `info`, and on servers that ignore it (Soketi).
    pub counts: Vec<ChannelCounts>,
}

/// Reads the counts of each event. Laravel Reverb writes an empty object if it has none.
fn read_counts(reader: &mut Reader<'_>) -> Result<Vec<ChannelCounts>, serde_json::Error> {
    let mut counts = Vec::new();
    if reader.peek() == Some(b'{') {
        reader.object(|reader, _| reader.raw().map(drop))?;
    } else {
        reader.array(|reader| {
            counts.push(ChannelCounts::read(reader)?);
            Ok(())
        })?;
    }
    Ok(counts)
}

impl<'a> TriggerBatch<'a> {
    /// A batch of these events, in this order.
    #[must_use]
    pub fn new(events: &'a [Event]) -> Self {
        Self {
            events: Cow::Borrowed(events),
        }
    }

    /// The batch with every event for an encrypted channel sealed, as it is sent; `nonce` must
    /// give fresh random bytes each time.
    ///
    /// # Errors
    ///
    /// What `nonce` gives, and [`Error::Encryption`] when the cipher refuses.
    pub fn sealed(
        mut self,
        key: &MasterKey,
        mut nonce: impl FnMut() -> Result<[u8; NONCE_BYTES], Error>,
    ) -> Result<Self, Error> {
        if self.events.iter().any(Event::needs_sealing) {
            for event in self.events.to_mut() {
                if event.needs_sealing() {
                    *event = event.sealed(key, nonce()?)?;
                }
            }
        }
        Ok(self)
    }
}

impl Endpoint for TriggerBatch<'_> {
    const NAME: &'static str = "trigger_batch";
    type Response = TriggerBatchResponse;

    fn request(&self, app: &App) -> Result<Request, Error> {
        limits::check(
            "events in one batch",
            self.events.len(),
            app.limits().events_per_batch,
            String::new,
        )?;
        for (index, event) in self.events.iter().enumerate() {
            event.check(index, app.limits())?;
            event.message().check_sealed()?;
        }
        let event_bytes = |event: &Event| event.message().json_bytes() + 1;
        let bytes: usize = self.events.iter().map(event_bytes).sum();
        let mut body = Vec::with_capacity(bytes + 12);
        body.extend_from_slice(br#"{"batch":["#);
        for (place, event) in self.events.iter().enumerate() {
            if place > 0 {
                body.push(b',');
            }
            event.message().push_json(&mut body);
        }
        body.extend_from_slice(b"]}");
        Request::post(app.path("/batch_events"), body)
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        use serde::de::Error as _;

        let mut counts = Vec::new();
        json::object(body, |reader, key| {
            match key.as_ref() {
                "batch" => counts = read_counts(reader)?,
                _ => drop(reader.raw()?),
            }
            Ok(())
        })?;
        if counts.is_empty() {
            counts = vec![ChannelCounts::default(); self.events.len()];
        }
        if counts.len() != self.events.len() {
            return Err(serde_json::Error::custom(format!(
                "counts of {} events for a batch of {}",
                counts.len(),
                self.events.len()
            )));
        }
        Ok(TriggerBatchResponse { counts })
    }
}
