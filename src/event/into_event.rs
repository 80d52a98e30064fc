//! The types that a batch accepts as events.

use super::{Event, IntoEventData};
use crate::channel::IntoChannelName;
use crate::error::Error;
use crate::event_name::IntoEventName;

/// An event of a batch.
///
/// It is an [`Event`], the `Result` that [`Event::new`] returns, or a tuple of a channel, an event
/// name and data.
///
/// ```
/// use pusher_http::{Event, IntoEvent};
///
/// let event = Event::new("room-1", "message", "hello")?;
/// assert_eq!(("room-1", "message", "hello").into_event()?, event);
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as an event",
    label = "not an event",
    note = "pass an `Event`, a `Result<Event, pusher_http::Error>`, or a tuple `(channel, name, data)`"
)]
pub trait IntoEvent {
    /// Converts the value into an event.
    ///
    /// # Errors
    ///
    /// The errors of [`Event::new`].
    fn into_event(self) -> Result<Event, Error>;
}

impl IntoEvent for Event {
    fn into_event(self) -> Result<Event, Error> {
        Ok(self)
    }
}

impl IntoEvent for Result<Event, Error> {
    fn into_event(self) -> Result<Event, Error> {
        self
    }
}

impl<C: IntoChannelName, N: IntoEventName, D: IntoEventData> IntoEvent for (C, N, D) {
    fn into_event(self) -> Result<Event, Error> {
        let (channel, name, data) = self;
        Event::new(channel, name, data)
    }
}
