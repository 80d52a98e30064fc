//! What is triggered: an event's name, data and options, for one channel.

mod data;
mod info;
mod message;

pub use data::{EventData, IntoEventData};
pub use info::Info;
pub(crate) use message::Message;

use serde::Serialize;

use crate::channel::{ChannelKind, ChannelName};
#[cfg(feature = "encryption")]
use crate::encryption::{MasterKey, NONCE_BYTES};
use crate::error::Error;
use crate::event_name::EventName;
use crate::limits::Limits;
use crate::socket_id::SocketId;

/// One event for one channel, as a batch takes it.
///
/// ```
/// use pusher_http::{Event, Info};
/// use serde_json::json;
///
/// let event = Event::new("private-operator-7", "offer.received", &json!({"id": 1}))?
///     .exclude("1234.5678")?
///     .info(Info::SUBSCRIPTION_COUNT);
/// assert_eq!(event.data(), r#"{"id":1}"#);
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Event {
    channel: ChannelName,
    message: Message,
}

impl Event {
    /// An event called `name` for `channel`, with any serialisable value, or an [`EventData`],
    /// as its data.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed channel or event name, [`Error::Serialize`] when the
    /// data can't be serialised. Its size is checked when it is sent.
    pub fn new<C, N, D>(channel: C, name: N, data: D) -> Result<Self, Error>
    where
        C: TryInto<ChannelName, Error: Into<Error>>,
        N: TryInto<EventName, Error: Into<Error>>,
        D: IntoEventData,
    {
        Ok(Self {
            channel: channel.try_into().map_err(Into::into)?,
            message: Message::new(
                name.try_into().map_err(Into::into)?,
                data.into_event_data()?,
            ),
        })
    }

    /// Does not deliver the event to this connection: the one whose request caused it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed socket id.
    pub fn exclude<S>(mut self, socket_id: S) -> Result<Self, Error>
    where
        S: TryInto<SocketId, Error: Into<Error>>,
    {
        self.message.socket_id = Some(socket_id.try_into().map_err(Into::into)?);
        Ok(self)
    }

    /// Asks for counts of the channel in the answer. The hosted service bills such an event as
    /// two messages.
    #[must_use]
    pub fn info(mut self, info: Info) -> Self {
        self.message.info = info;
        self
    }

    /// Adds a field that the hosted service does not know, for servers that extend the protocol,
    /// such as Sockudo's `idempotency_key`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a name that the protocol uses or that was added before,
    /// [`Error::Serialize`] when the value can't be serialised.
    pub fn extra<T: Serialize + ?Sized>(
        mut self,
        name: impl Into<String>,
        value: &T,
    ) -> Result<Self, Error> {
        self.message.add_extra(name.into(), value)?;
        Ok(self)
    }

    /// The channel.
    #[must_use]
    pub fn channel(&self) -> &ChannelName {
        &self.channel
    }

    /// The event's name.
    #[must_use]
    pub fn name(&self) -> &EventName {
        &self.message.name
    }

    /// The data as text.
    #[must_use]
    pub fn data(&self) -> &str {
        self.message.data.as_str()
    }

    /// The connection that does not get the event.
    #[must_use]
    pub fn socket_id(&self) -> Option<&SocketId> {
        self.message.socket_id.as_ref()
    }

    /// This event with its data sealed for its encrypted channel, as it is sent.
    ///
    /// An event for a channel that is not encrypted, or that is sealed, stays as it is. The
    /// nonce must be fresh and random for every event.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] when the cipher refuses.
    #[cfg(feature = "encryption")]
    pub fn sealed(&self, key: &MasterKey, nonce: [u8; NONCE_BYTES]) -> Result<Self, Error> {
        let mut event = self.clone();
        if event.needs_sealing() {
            event.message.data = event
                .message
                .data
                .sealed(&key.shared_secret(&self.channel), nonce)?;
        }
        Ok(event)
    }

    /// Whether the data must be sealed before the event is sent.
    pub(crate) fn needs_sealing(&self) -> bool {
        self.channel.kind() == ChannelKind::Encrypted && !self.message.data.is_sealed()
    }

    /// Checks what is checked before the network: the attributes asked for, and the size of the
    /// data as it is sent.
    pub(crate) fn check(&self, index: usize, limits: &Limits) -> Result<(), Error> {
        self.message.check(
            self.channel.kind() == ChannelKind::Encrypted,
            limits,
            || {
                format!(
                    "event {index} of the batch, {:?} to {:?}",
                    self.name().as_str(),
                    self.channel.as_str()
                )
            },
        )
    }
}

/// As one entry of a batch's body.
impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("channel", &self.channel)?;
        map.serialize_entry("name", &self.message.name)?;
        self.message.serialize_data_and_options(&mut map)?;
        map.end()
    }
}
