//! An event's data: always a text, mostly JSON.

use std::fmt;

use serde::Serialize;

use super::buffer::Buffer;
use super::text_in_json::{push_json_text, push_text};
use crate::error::Error;

/// An event's data as the text that subscribers receive.
///
/// Most callers never name this type: any `Serialize` value becomes JSON text where data is
/// taken. It is for text that is already what it should be.
///
/// ```
/// use pusher_http::EventData;
///
/// let data = EventData::raw(r#"{"already":"JSON"}"#);
/// assert_eq!(data.as_str(), r#"{"already":"JSON"}"#);
/// assert_eq!(EventData::json("a string")?.as_str(), r#""a string""#);
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows its size alone: the text may be private.
#[derive(Clone, PartialEq, Eq)]
pub struct EventData(String);

impl EventData {
    /// Text that is sent byte for byte, JSON or not.
    #[must_use]
    pub fn raw(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The JSON text of a value. A `&str` becomes a JSON string, with quotes; a
    /// `RawValue` stays byte for byte, if your application turns on `serde_json/raw_value`.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] when the value can't be serialised.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        serde_json::to_string(value)
            .map(Self::raw)
            .map_err(Error::serialize("event data"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for EventData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventData({} bytes)", self.0.len())
    }
}

/// What can be an event's data: any `Serialize` value, by value or by reference, becomes JSON
/// text; an [`EventData`] stays as it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an event's data",
    note = "pass a value that implements `serde::Serialize`, or an `EventData`"
)]
pub trait IntoEventData {
    /// The data as text.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] when the value can't be serialised.
    fn into_event_data(self) -> Result<EventData, Error>;

    /// Writes the data as a JSON string, and gives the data's own length in bytes.
    #[doc(hidden)]
    fn push_to(self, json: &mut Buffer) -> Result<usize, Error>
    where
        Self: Sized,
    {
        let data = self.into_event_data()?;
        push_text(json, data.as_str());
        Ok(data.0.len())
    }
}

impl<T: Serialize> IntoEventData for T {
    fn into_event_data(self) -> Result<EventData, Error> {
        EventData::json(&self)
    }

    #[doc(hidden)]
    fn push_to(self, json: &mut Buffer) -> Result<usize, Error> {
        push_json_text(json, &self)
    }
}

impl IntoEventData for EventData {
    fn into_event_data(self) -> Result<EventData, Error> {
        Ok(self)
    }
}

impl IntoEventData for &EventData {
    fn into_event_data(self) -> Result<EventData, Error> {
        Ok(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_data_is_taken() {
        let raw = serde_json::value::RawValue::from_string("{ \"a\" : 1 }".into()).unwrap();
        let text = |data: EventData| data.as_str().to_owned();
        assert_eq!(text((&*raw).into_event_data().unwrap()), "{ \"a\" : 1 }");
        assert_eq!(text(vec![1, 2].into_event_data().unwrap()), "[1,2]");
        assert_eq!(text("é\"".into_event_data().unwrap()), "\"é\\\"\"");
        assert_eq!(text(().into_event_data().unwrap()), "null");
        let as_is = EventData::raw("as is");
        assert_eq!(text((&as_is).into_event_data().unwrap()), "as is");
        assert_eq!(text(as_is.into_event_data().unwrap()), "as is");
    }

    #[test]
    fn what_cannot_be_json_is_an_error() {
        let keyed_by_pairs = std::collections::HashMap::from([((1, 2), 3)]);
        let error = keyed_by_pairs.into_event_data().unwrap_err();
        assert!(matches!(error, Error::Serialize { .. }));
    }
}
