//! An event's data: text, which is usually JSON.

use std::fmt;

use serde::Serialize;

use crate::encryption::{NONCE_BYTES, SharedSecret, encrypted_bytes};
use crate::error::Error;
use crate::json::{json_as_string, push_string};
use crate::limits::Limits;

/// An event's data as the text that subscribers receive.
///
/// Most callers never need this type, because calls turn any `Serialize` value into JSON text. Use
/// it for text that is already in its final form.
///
/// ```
/// use pusher_http::EventData;
///
/// assert_eq!(EventData::raw("[1,2]"), EventData::json(&[1, 2])?);
/// assert_eq!(EventData::raw(r#""a string""#), EventData::json("a string")?);
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// `Debug` shows only the size, since the text may be private.
#[derive(Clone, PartialEq, Eq)]
pub struct EventData {
    /// The text as a JSON string, escaped once, as it is sent.
    json_string: Vec<u8>,
    /// The length of the text before escaping, which the limit applies to.
    text_bytes: usize,
}

impl EventData {
    /// Creates data from text that is sent byte for byte, JSON or not.
    #[must_use]
    pub fn raw(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let mut json_string = Vec::with_capacity(text.len() + text.len() / 8 + 2);
        push_string(&mut json_string, text);
        Self {
            json_string,
            text_bytes: text.len(),
        }
    }

    /// Creates data from the JSON text of a value.
    ///
    /// A `&str` becomes a JSON string, with quotes. A `RawValue` stays byte for byte, if your
    /// application enables `serde_json/raw_value`.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] if the value can't be serialised.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        let (json_string, text_bytes) =
            json_as_string(value).map_err(Error::serialize("event data"))?;
        Ok(Self {
            json_string,
            text_bytes,
        })
    }

    /// Returns the text as a JSON string, as it is sent.
    pub(crate) fn json_string(&self) -> &[u8] {
        &self.json_string
    }

    /// Returns the text before escaping.
    pub(super) fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::from_slice(&self.json_string)
    }

    /// Creates the data of an encrypted event.
    pub(crate) fn encrypted(
        &self,
        secret: &SharedSecret,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Self, Error> {
        let text = self.text().map_err(Error::serialize("event data"))?;
        Ok(Self::raw(secret.seal(&text, nonce)?))
    }

    /// Checks the size of the data as it is sent. `context` describes the event in the error.
    pub(crate) fn check_size(
        &self,
        limits: &Limits,
        needs_encryption: bool,
        context: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        let (limit, max) = ("event data in bytes", limits.event_data_bytes);
        let bytes = if needs_encryption {
            encrypted_bytes(self.text_bytes)
        } else {
            self.text_bytes
        };
        if bytes > max {
            return Err(Error::limit(limit, bytes, max, context()));
        }
        Ok(())
    }
}

impl fmt::Debug for EventData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventData({} bytes)", self.text_bytes)
    }
}

/// A value that can be an event's data.
///
/// Any `Serialize` value, by value or by reference, becomes JSON text. An [`EventData`] is used
/// unchanged.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as an event's data",
    label = "not serialisable",
    note = "pass a value that implements `serde::Serialize`, or an `EventData`"
)]
pub trait IntoEventData {
    /// Converts the value into event data.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`] if the value can't be serialised.
    fn into_event_data(self) -> Result<EventData, Error>;
}

impl<T: Serialize> IntoEventData for T {
    fn into_event_data(self) -> Result<EventData, Error> {
        EventData::json(&self)
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
    fn accepts_every_form_of_data() {
        let raw = serde_json::value::RawValue::from_string("{ \"a\" : 1 }".into()).unwrap();
        let text = |data: Result<EventData, Error>| data.unwrap().text().unwrap();
        assert_eq!(text((&*raw).into_event_data()), "{ \"a\" : 1 }");
        assert_eq!(text(vec![1, 2].into_event_data()), "[1,2]");
        assert_eq!(text("é\"".into_event_data()), "\"é\\\"\"");
        assert_eq!(text(().into_event_data()), "null");
        let as_is = EventData::raw("as is");
        assert_eq!(text((&as_is).into_event_data()), "as is");
        assert_eq!(text(as_is.into_event_data()), "as is");
    }

    #[test]
    fn rejects_value_that_cannot_be_json() {
        let keyed_by_pairs = std::collections::HashMap::from([((1, 2), 3)]);
        let error = keyed_by_pairs.into_event_data().unwrap_err();
        assert!(matches!(error, Error::Serialize { .. }));
    }
}
