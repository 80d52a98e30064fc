//! Event names.

use crate::error::Error;
use crate::text_type::{check_length, text_type};

/// The most characters an event name has
/// ([`rest-api`](https://pusher.com/docs/channels/library_auth_reference/rest-api/)).
pub const MAX_EVENT_NAME_CHARS: usize = 200;

/// A checked name of an event that a server triggers: 1 to 200 characters, not beginning with
/// `pusher:` or `pusher_internal:`, which belong to the protocol.
///
/// `client-` names are meant for events that browsers send each other; a server may trigger
/// them all the same.
///
/// ```
/// use pusher_http::EventName;
///
/// assert!(EventName::new("offer.received").is_ok());
/// assert!(EventName::new("pusher:ping").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventName(String);

text_type!(EventName, "an event name");

impl EventName {
    fn check(text: &str) -> Result<(), Error> {
        check_length("event name", text, MAX_EVENT_NAME_CHARS)?;
        if let Some(prefix) = ["pusher:", "pusher_internal:"]
            .into_iter()
            .find(|prefix| text.starts_with(prefix))
        {
            let reason = format!("{prefix} belongs to the protocol");
            return Err(Error::invalid("event name", text, reason));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_counted_in_characters() {
        assert!(EventName::new("é".repeat(200)).is_ok());
        assert!(EventName::new("é".repeat(201)).is_err());
        assert!(EventName::new("").is_err());
    }

    #[test]
    fn the_protocols_own_events_are_refused_and_clients_are_not() {
        for name in ["pusher:subscribe", "pusher_internal:member_added"] {
            let error = EventName::new(name).unwrap_err().to_string();
            assert!(error.contains("belongs to the protocol"), "{error}");
        }
        assert!(EventName::new("client-typing").is_ok());
        assert!(EventName::new("pusher.ping").is_ok());
    }
}
