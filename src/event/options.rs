//! The options of an event, the same in a trigger and in a batch.

/// `exclude`, `info` and `extra` of a builder that has a [`Message`](super::Message).
macro_rules! event_options {
    () => {
        /// Does not deliver the event to this connection: the one whose request caused it. `None`
        /// excludes nobody.
        #[must_use]
        pub fn exclude(
            mut self,
            socket_id: impl Into<Option<$crate::socket_id::SocketId>>,
        ) -> Self {
            self.message.socket_id = socket_id.into();
            self
        }

        /// Asks for counts of each channel in the answer. The hosted service bills such an event as
        /// two messages.
        #[must_use]
        pub fn info(mut self, info: $crate::event::Info) -> Self {
            self.message.info = info;
            self
        }

        /// Adds a field that the hosted service does not know, for servers that extend the
        /// protocol, such as Sockudo's `idempotency_key`.
        ///
        /// # Errors
        ///
        /// [`Error::Invalid`](crate::Error::Invalid) for a name that the protocol uses or that was
        /// added before, [`Error::Serialize`](crate::Error::Serialize) when the value can't be
        /// serialised.
        pub fn extra(
            mut self,
            name: impl Into<String>,
            value: impl serde::Serialize,
        ) -> Result<Self, $crate::error::Error> {
            self.message.add_extra(name.into(), &value)?;
            Ok(self)
        }
    };
}

pub(crate) use event_options;
