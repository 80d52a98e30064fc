//! Shared code of all checked strings in this crate: channel names, event names and ids.

use crate::error::Error;

/// Implements the common parts of a `struct Name(Cow<'static, str>)`.
///
/// The struct must have a `fn check(&str) -> Result<(), Error>`. It gets a constructor,
/// conversions, comparisons with text, `Display`, and serde in both directions.
macro_rules! string_newtype {
    ($name:ident, $article_and_what:literal) => {
        impl $name {
            #[doc = concat!("Checks and takes ", $article_and_what, ".")]
            ///
            /// # Errors
            ///
            /// [`Error::Invalid`], which names the broken rule.
            pub fn new(text: impl Into<String>) -> Result<Self, Error> {
                let text = text.into();
                Self::check(&text)?;
                Ok(Self(text.into()))
            }

            /// Returns the text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        $crate::string_newtype::try_from!($name, &str, String);

        impl From<&$name> for $name {
            fn from(checked: &$name) -> Self {
                checked.clone()
            }
        }

        impl From<$name> for String {
            fn from(checked: $name) -> Self {
                checked.0.into_owned()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

macro_rules! try_from {
    ($name:ident, $($text:ty),+) => {$(
        impl TryFrom<$text> for $name {
            type Error = Error;

            fn try_from(text: $text) -> Result<Self, Error> {
                Self::new(text)
            }
        }
    )+};
}

/// Adds conversions from all other kinds of text.
///
/// Use it for a type that many calls take as an argument.
macro_rules! try_from_every_text {
    ($name:ident) => {
        $crate::string_newtype::try_from!($name, &String, Box<str>, std::borrow::Cow<'_, str>);

        impl TryFrom<std::sync::Arc<str>> for $name {
            type Error = Error;

            fn try_from(text: std::sync::Arc<str>) -> Result<Self, Error> {
                Self::new(&*text)
            }
        }

        impl TryFrom<&&str> for $name {
            type Error = Error;

            fn try_from(text: &&str) -> Result<Self, Error> {
                Self::new(*text)
            }
        }
    };
}

pub(crate) use {string_newtype, try_from, try_from_every_text};

/// Rejects a text that is empty or too long.
///
/// The maximum is `max_chars` characters. `what` names the text in the error.
pub(crate) fn check_length(what: &'static str, text: &str, max_chars: usize) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::invalid(what, text, "it is empty"));
    }
    // A character has at least one byte, so most texts don't need to be counted.
    if text.len() > max_chars {
        let chars = char_count(text);
        if chars > max_chars {
            let reason = format!("it has {chars} characters, over the {max_chars} allowed");
            return Err(Error::invalid(what, text, reason));
        }
    }
    Ok(())
}

/// Counts the characters of a text.
pub(crate) const fn char_count(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        // All bytes of a character except its first begin with the bits 10.
        count += (bytes[at] & 0xc0 != 0x80) as usize;
        at += 1;
    }
    count
}
