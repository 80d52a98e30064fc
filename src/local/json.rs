//! The JSON of clients, as serde reads it.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::value::RawValue;

use crate::json;

/// An id: a string, or a number, whose digits are taken.
pub(super) struct Id(pub(super) String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let id = json::id(raw.get()).ok_or_else(|| D::Error::custom("expected an id"))?;
        Ok(Self(id.into_owned()))
    }
}

/// Data: the content of a JSON string, or the JSON text of any other value.
pub(super) fn text_of(raw: &RawValue) -> String {
    json::text(raw.get()).into_owned()
}

/// Only an object: serde would take an array for a struct.
pub(super) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, serde_json::Error> {
    if json
        .trim_ascii_start()
        .first()
        .is_some_and(|byte| *byte != b'{')
    {
        return Err(serde_json::Error::custom("it is not a JSON object"));
    }
    serde_json::from_slice(json)
}
