//! `POST /batch_events`: several events, each for its own channel.

use serde::Serialize;

use super::counts::ChannelCounts;
use super::{Endpoint, Request};
use crate::app::App;
use crate::error::Error;
use crate::event::Event;
use crate::json::{self, ObjectWriter, Reader, push_list};

/// Triggers several events in one request.
///
/// A request takes at most [`Limits::events_per_batch`](crate::Limits::events_per_batch) events.
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
///     let response = batch.read(&http::Response::new(body.into()), signed_at)?;
///     assert_eq!(response.counts[0].subscription_count, Some(1));
/// }
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TriggerBatch<'a> {
    events: &'a [Event],
}

/// The response to a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TriggerBatchResponse {
    /// The counts of each event's channel: one entry for every event, in the order given.
    ///
    /// An entry is empty if the event did not request `info`, or if the server ignores it (Soketi).
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
    /// Creates a batch of these events, in this order.
    #[must_use]
    pub fn new(events: &'a [Event]) -> Self {
        Self { events }
    }

    /// Builds the request. Checks only that data for encrypted channels is encrypted.
    pub(crate) fn unchecked_request(&self) -> Result<Request, Error> {
        if self.events.iter().any(Event::needs_encryption) {
            return Err(Error::not_encrypted());
        }
        let bytes: usize = self.events.iter().map(Event::written_bytes).sum();
        let mut body = Vec::with_capacity(bytes + 12);
        let mut batch = ObjectWriter::new(&mut body);
        push_list(batch.field("batch"), self.events, |json, event| {
            event.write(json);
        });
        batch.end();
        Request::post("/batch_events", body)
    }
}

impl Endpoint for TriggerBatch<'_> {
    const NAME: &'static str = "trigger_batch";
    type Response = TriggerBatchResponse;

    fn request(&self, app: &App) -> Result<Request, Error> {
        let (events, max) = (self.events.len(), app.limits().events_per_batch);
        if events > max {
            let limit = "events in one batch";
            return Err(Error::limit(limit, events, max, String::new()));
        }
        for (index, event) in self.events.iter().enumerate() {
            let checked = event.check(app.limits());
            checked.map_err(|error| error.at_event(index))?;
        }
        self.unchecked_request()
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
