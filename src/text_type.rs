//! What every checked text type of the vocabulary shares, written once.

use crate::error::Error;

/// A text that is a `T`, or is checked to be one: a `&str`, a `String`, a `T` itself, or a reference
/// to one of them. `T` is [`ChannelName`](crate::ChannelName) or [`EventName`](crate::EventName),
/// for example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `{T}` and no text that could be one",
    note = "pass a `&str`, a `String` or a `{T}`"
)]
pub trait CheckedText<T>: sealed::Sealed<T> {
    /// The text, which is a `T`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] names the rule that is broken.
    fn checked_text(&self) -> Result<&str, Error>;
}

pub(crate) mod sealed {
    /// Only what is checked here is checked.
    pub trait Sealed<T> {}
}

impl<T, S: CheckedText<T> + ?Sized> sealed::Sealed<T> for &S {}

impl<T, S: CheckedText<T> + ?Sized> CheckedText<T> for &S {
    fn checked_text(&self) -> Result<&str, Error> {
        (**self).checked_text()
    }
}

/// Refuses a `what` that is empty, or has more than `max_chars` characters.
pub(crate) fn check_length(what: &'static str, text: &str, max_chars: usize) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::invalid(what, text, "it is empty"));
    }
    // Most texts need no count: a character has at least one byte.
    if text.len() <= max_chars {
        return Ok(());
    }
    match text.chars().count() {
        chars if chars > max_chars => Err(Error::invalid(
            what,
            text,
            format!("it has {chars} characters, over the {max_chars} allowed"),
        )),
        _ => Ok(()),
    }
}

/// Gives a `struct Name(String)` that has a `fn check(&str) -> Result<(), Error>` its conversions,
/// comparisons with text, `Display`, and serde in both directions.
macro_rules! text_type {
    ($name:ident, $article_and_what:literal) => {
        impl $name {
            #[doc = concat!("Checks and takes ", $article_and_what, ".")]
            ///
            /// # Errors
            ///
            /// [`Error::Invalid`] names the rule that is broken.
            pub fn new(text: impl Into<String>) -> Result<Self, Error> {
                let text = text.into();
                Self::check(&text)?;
                Ok(Self(text))
            }

            /// The text, as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::text_type::sealed::Sealed<$name> for str {}

        impl $crate::text_type::CheckedText<$name> for str {
            fn checked_text(&self) -> Result<&str, Error> {
                $name::check(self).map(|()| self)
            }
        }

        impl $crate::text_type::sealed::Sealed<$name> for String {}

        impl $crate::text_type::CheckedText<$name> for String {
            fn checked_text(&self) -> Result<&str, Error> {
                $name::check(self).map(|()| self.as_str())
            }
        }

        impl $crate::text_type::sealed::Sealed<$name> for $name {}

        impl $crate::text_type::CheckedText<$name> for $name {
            fn checked_text(&self) -> Result<&str, Error> {
                Ok(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
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

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                self.0 == *other
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
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

        impl TryFrom<&str> for $name {
            type Error = Error;

            fn try_from(text: &str) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        impl TryFrom<&&str> for $name {
            type Error = Error;

            fn try_from(text: &&str) -> Result<Self, Error> {
                Self::new(*text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        impl TryFrom<&String> for $name {
            type Error = Error;

            fn try_from(text: &String) -> Result<Self, Error> {
                Self::new(text.as_str())
            }
        }

        impl From<&$name> for $name {
            fn from(checked: &$name) -> Self {
                checked.clone()
            }
        }

        impl From<$name> for String {
            fn from(checked: $name) -> Self {
                checked.0
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

pub(crate) use text_type;
