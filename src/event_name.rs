//! Event names.

use std::borrow::Cow;

use crate::error::Error;
use crate::string_newtype::{char_count, check_length, string_newtype, try_from_every_text};

/// A checked name of an event that a server triggers.
///
/// A name has 1 to 200 characters. It must not begin with `pusher:` or `pusher_internal:`, which
/// are reserved for the protocol
/// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
///
/// Names that begin with `client-` are meant for events that browsers send to each other. A server
/// can trigger them too.
///
/// ```
/// use pusher_http::EventName;
///
/// assert!(EventName::new("offer.received").is_ok());
/// assert!(EventName::new("pusher:ping").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventName(Cow<'static, str>);

string_newtype!(EventName, "an event name");
try_from_every_text!(EventName);

/// The prefixes of the protocol's own events.
const RESERVED: [&str; 2] = ["pusher:", "pusher_internal:"];

impl EventName {
    /// The maximum number of characters in an event name.
    pub const MAX_CHARS: usize = 200;

    /// Creates a name that is known at compile time.
    ///
    /// ```
    /// use pusher_http::EventName;
    ///
    /// const OFFER: EventName = EventName::from_static("offer.received");
    /// ```
    ///
    /// ```compile_fail
    /// # use pusher_http::EventName;
    /// const PING: EventName = EventName::from_static("pusher:ping");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the name is malformed. In a constant, this is a compile error.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        let chars = char_count(name);
        assert!(
            chars > 0 && chars <= Self::MAX_CHARS,
            "an event name has 1 to 200 characters"
        );
        assert!(
            !starts_with(name, RESERVED[0]) && !starts_with(name, RESERVED[1]),
            "pusher: and pusher_internal: belong to the protocol"
        );
        Self(Cow::Borrowed(name))
    }

    fn check(text: &str) -> Result<(), Error> {
        check_length("event name", text, Self::MAX_CHARS)?;
        match RESERVED.iter().find(|prefix| text.starts_with(**prefix)) {
            None => Ok(()),
            Some(prefix) => {
                let reason = format!("{prefix} belongs to the protocol");
                Err(Error::invalid("event name", text, reason))
            }
        }
    }
}

/// `str::starts_with` for constants.
const fn starts_with(text: &str, prefix: &str) -> bool {
    let (text, prefix) = (text.as_bytes(), prefix.as_bytes());
    if text.len() < prefix.len() {
        return false;
    }
    let mut at = 0;
    while at < prefix.len() {
        if text[at] != prefix[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// An event name as an argument.
///
/// This can be text of any kind, an [`EventName`] or a reference to one, or your own type with a
/// `TryFrom` or `From` conversion into an [`EventName`], such as an enum of your events.
///
/// ```
/// use pusher_http::{Event, EventName};
///
/// enum Notice { Offer, Payment }
///
/// impl From<Notice> for EventName {
///     fn from(notice: Notice) -> Self {
///         match notice {
///             Notice::Offer => const { EventName::from_static("offer.received") },
///             Notice::Payment => const { EventName::from_static("payment.received") },
///         }
///     }
/// }
///
/// let event = Event::new("private-operator-7", Notice::Offer, 4711)?;
/// assert_eq!(event.name(), "offer.received");
/// # let _ = Notice::Payment;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as an event name",
    label = "not an event name",
    note = "pass text or an `EventName`, or implement `TryFrom<{Self}> for EventName` with `Error = pusher_http::Error`"
)]
pub trait IntoEventName {
    /// Converts the value into a checked name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name.
    fn into_event_name(self) -> Result<EventName, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: TryInto<EventName, Error: Into<Error>>> IntoEventName for T {
    fn into_event_name(self) -> Result<EventName, Error> {
        self.try_into().map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(EventName::new("é".repeat(200)).is_ok());
        assert!(EventName::new("é".repeat(201)).is_err());
        assert!(EventName::new("").is_err());
    }

    #[test]
    fn rejects_only_reserved_prefixes() {
        for name in ["pusher:subscribe", "pusher_internal:member_added"] {
            let error = EventName::new(name).unwrap_err().to_string();
            assert!(error.contains("belongs to the protocol"), "{error}");
        }
        for name in ["client-typing", "pusher.ping", "pusher"] {
            assert_eq!(EventName::new(name).unwrap(), EventName::from_static(name));
        }
    }
}
