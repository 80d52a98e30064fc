//! JSON without a type in this crate: the text of a value, and fields by name.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::json::{self, Reader};

/// The JSON text of one value, byte for byte as the sender wrote it.
///
/// Numbers keep every digit. Nothing is parsed until [`json`](Self::json) is called.
///
/// ```
/// use pusher_http::JsonText;
///
/// let text = JsonText::new(r#"{"serial": 12345678901234567890123}"#)?;
/// assert_eq!(text.as_str(), r#"{"serial": 12345678901234567890123}"#);
/// assert_eq!(JsonText::new("[1, 2]")?.json::<Vec<u8>>()?, [1, 2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` shows only the size, since the value may be private.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct JsonText(Box<str>);

impl JsonText {
    /// Creates a value from JSON text, of any kind and depth.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for text that is not JSON, or that has other text after the value.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let check = || {
            let mut reader = Reader::new(text.as_bytes())?;
            reader.raw()?;
            reader.end()
        };
        match check() {
            Ok(()) => Ok(Self(text.into())),
            // The text may be private.
            Err(error) => Err(Error::invalid("JSON text", "", error.to_string())),
        }
    }

    /// Serialises a value to JSON text.
    pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(|text| Self(text.into()))
    }

    /// Wraps text that a [`Reader`] returned.
    pub(crate) fn read(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses the value as a `T`, a type of your own.
    ///
    /// Don't use `serde_json::Value` as the type. The text comes from outside, and parsing it as a
    /// `Value` can overflow the stack if any crate of the application enables
    /// `serde_json/raw_value`.
    ///
    /// # Errors
    ///
    /// The errors of the JSON parser.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonText({} bytes)", self.0.len())
    }
}

/// Fields that this crate does not know, by name. Some servers add such fields.
///
/// With serde, it is a map from names to strings that contain JSON text, so a number keeps every
/// digit in any format.
///
/// ```
/// use pusher_http::Extra;
///
/// let extra: Extra = serde_json::from_str(r#"{"serial": "12345678901234567890123"}"#)?;
/// let serial = extra.get("serial").map(|text| text.as_str());
/// assert_eq!(serial, Some("12345678901234567890123"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra(BTreeMap<String, JsonText>);

impl Extra {
    /// Returns the field with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&JsonText> {
        self.0.get(name)
    }

    /// Iterates over all fields, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &JsonText)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text))
    }

    /// Returns the number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn insert(&mut self, name: String, text: JsonText) {
        self.0.entry(name).or_insert(text);
    }

    /// Returns the string in the field with this name, if it is a string without escapes.
    pub(crate) fn plain_string(&self, name: &str) -> Option<&str> {
        match json::string(self.get(name)?.as_str())? {
            std::borrow::Cow::Borrowed(text) => Some(text),
            std::borrow::Cow::Owned(_) => None,
        }
    }
}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, text)| (name, text.as_str())))
    }
}

impl<'de> Deserialize<'de> for Extra {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = BTreeMap::<String, String>::deserialize(deserializer)?;
        let checked = fields.into_iter().map(|(name, text)| {
            let text = JsonText::new(text).map_err(serde::de::Error::custom)?;
            Ok((name, text))
        });
        checked.collect::<Result<_, _>>().map(Self)
    }
}
