//! Parses the JSON of clients.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::value::RawValue;

/// An id: a string, or the digits of a number.
pub(crate) struct Id(pub(crate) String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let digits = raw.get().strip_prefix('-').unwrap_or(raw.get());
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(raw.get().to_owned()));
        }
        let id = serde_json::from_str(raw.get());
        id.map(Self).map_err(|_| D::Error::custom("expected an id"))
    }
}

/// Returns the content of a JSON string, or the JSON text of any other value.
pub(crate) fn text_of(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
}

/// Parses only a JSON object: serde would also accept an array for a struct.
pub(crate) fn object<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, serde_json::Error> {
    if json
        .trim_ascii_start()
        .first()
        .is_some_and(|byte| *byte != b'{')
    {
        return Err(serde_json::Error::custom("it is not a JSON object"));
    }
    serde_json::from_slice(json)
}
