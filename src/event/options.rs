//! The options of an event, which are the same in a trigger and in a batch.

use serde::Serialize;

use super::Info;
use crate::error::Error;
use crate::json::ObjectWriter;
use crate::json_text::{Extra, JsonText};
use crate::socket_id::SocketId;

/// The field names that the protocol itself uses in the body of a trigger or a batch.
const PROTOCOL_FIELDS: [&str; 7] = [
    "name",
    "channel",
    "channels",
    "data",
    "socket_id",
    "info",
    "batch",
];

/// The optional settings of an event, in addition to its name and data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EventOptions {
    pub(crate) socket_id: Option<SocketId>,
    pub(crate) info: Info,
    pub(super) extra: Extra,
}

impl EventOptions {
    /// Space for the usual output of [`write`](Self::write) and the names of an event's fields.
    pub(crate) const USUAL_BYTES: usize = 120;

    pub(crate) fn add_extra<T: Serialize + ?Sized>(
        &mut self,
        name: String,
        value: &T,
    ) -> Result<(), Error> {
        check_extra_name(&name)?;
        if self.extra.get(&name).is_some() {
            return Err(Error::invalid("extra field", name, "it was added before"));
        }
        let value = JsonText::of(value).map_err(Error::serialize("extra field"))?;
        self.extra.insert(name, value);
        Ok(())
    }

    /// Checks the combination of options.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.info.contains(Info::CACHE) {
            let reason = "a trigger returns counts only: ask for the cache with a channel query";
            return Err(Error::invalid("info", "cache", reason));
        }
        Ok(())
    }

    /// Writes the options that are set, as fields of an event.
    pub(crate) fn write(&self, event: &mut ObjectWriter<'_>) {
        if let Some(socket_id) = &self.socket_id {
            event.string("socket_id", socket_id.as_str());
        }
        if !self.info.is_empty() {
            event.string("info", &self.info.to_string());
        }
        for (name, value) in self.extra.iter() {
            event.extra(name, value.as_str().as_bytes());
        }
    }
}

/// Rejects a field that would overwrite one of the protocol's own.
pub(super) fn check_extra_name(name: &str) -> Result<(), Error> {
    // Some JSON parsers ignore the case of names.
    if PROTOCOL_FIELDS
        .iter()
        .any(|field| field.eq_ignore_ascii_case(name))
    {
        let reason = "the protocol uses that name itself";
        return Err(Error::invalid("extra field", name, reason));
    }
    Ok(())
}

/// The connection that `exclude` leaves out.
///
/// It is a [`SocketId`], a reference to one, or an `Option` of either.
///
/// `None` excludes nobody. The compiler cannot infer a type for a literal `None`: omit the call, or
/// write `None::<SocketId>`.
///
/// ```
/// use pusher_http::{Event, SocketId};
///
/// let sender: Option<SocketId> = "1234.5678".parse().ok(); // From a header of the page, if it sent one.
/// let event = Event::new("room-1", "message", "hello")?.exclude(&sender);
/// assert_eq!(event.excluded(), sender.as_ref());
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a socket id",
    label = "not a socket id",
    note = "pass a `SocketId`, a reference to one, or an `Option` of either; make one of text with `SocketId::new(text)?` or `SocketId::new(text).ok()`"
)]
pub trait IntoSocketId {
    /// Returns the socket id, if there is one.
    fn into_socket_id(self) -> Option<SocketId>;
}

macro_rules! into_socket_id {
    ($($form:ty, $convert:expr;)+) => {$(
        impl IntoSocketId for $form {
            fn into_socket_id(self) -> Option<SocketId> {
                let convert: fn(Self) -> Option<SocketId> = $convert;
                convert(self)
            }
        }
    )+};
}

into_socket_id! {
    SocketId, Some;
    &SocketId, |id| Some(id.clone());
    Option<SocketId>, |id| id;
    &Option<SocketId>, Clone::clone;
    Option<&SocketId>, |id| id.cloned();
}

/// Defines `exclude`, `info` and `extra` for a type that has [`EventOptions`].
macro_rules! event_options {
    () => {
        /// Excludes a connection from the event, usually the one whose request caused it.
        #[must_use]
        pub fn exclude(mut self, socket_id: impl $crate::event::IntoSocketId) -> Self {
            self.options.socket_id = socket_id.into_socket_id();
            self
        }

        /// Requests counts of each channel in the response.
        ///
        /// The hosted service bills such an event as two messages.
        #[must_use]
        pub fn info(mut self, info: $crate::event::Info) -> Self {
            self.options.info = info;
            self
        }

        /// Adds a field that is not part of Pusher's protocol.
        ///
        /// This is for servers that extend the protocol, such as Sockudo with its
        /// `idempotency_key`. The hosted service does not know the field.
        ///
        /// # Errors
        ///
        /// [`Error::Invalid`](crate::Error::Invalid) for a name that the protocol uses or that was
        /// added before, [`Error::Serialize`](crate::Error::Serialize) if the value can't be
        /// serialised.
        pub fn extra(
            mut self,
            name: impl Into<String>,
            value: impl serde::Serialize,
        ) -> Result<Self, $crate::error::Error> {
            self.options.add_extra(name.into(), &value)?;
            Ok(self)
        }

        /// Returns the connection that does not get the event.
        #[must_use]
        pub fn excluded(&self) -> Option<&$crate::socket_id::SocketId> {
            self.options.socket_id.as_ref()
        }

        /// Returns the counts that are requested.
        #[must_use]
        pub fn requested_info(&self) -> $crate::event::Info {
            self.options.info
        }
    };
}

/// Defines the same setters for a call that is awaited.
///
/// The call's trigger may already be an error.
#[cfg(feature = "client")]
macro_rules! event_options_of_call {
    () => {
        /// Excludes a connection from the event, usually the one whose request caused it.
        pub fn exclude(mut self, socket_id: impl $crate::event::IntoSocketId) -> Self {
            self.trigger = self.trigger.map(|trigger| trigger.exclude(socket_id));
            self
        }

        /// Requests counts of the channels in the response.
        ///
        /// The hosted service bills such an event as two messages.
        pub fn info(mut self, info: $crate::event::Info) -> Self {
            self.trigger = self.trigger.map(|trigger| trigger.info(info));
            self
        }

        /// Adds a field that is not part of Pusher's protocol.
        ///
        /// This is for servers that extend the protocol, such as Sockudo with its
        /// `idempotency_key`. The hosted service does not know the field. The errors of
        /// [`Trigger::extra`](crate::api::Trigger::extra) come when the call is awaited.
        pub fn extra(mut self, name: impl Into<String>, value: impl serde::Serialize) -> Self {
            self.trigger = self.trigger.and_then(|trigger| trigger.extra(name, value));
            self
        }
    };
}

pub(crate) use event_options;
#[cfg(feature = "client")]
pub(crate) use event_options_of_call;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_every_form_of_an_excluded_connection() {
        let id = SocketId::new("1.2").unwrap();
        let some = Some(id.clone());
        assert_eq!((&id).into_socket_id(), some);
        assert_eq!(Some(&id).into_socket_id(), some);
        assert_eq!((&some).into_socket_id(), some);
        assert_eq!(some.clone().into_socket_id(), some);
        assert_eq!(id.into_socket_id(), some);
        assert_eq!(None::<SocketId>.into_socket_id(), None);
    }
}
