//! What is triggered: an event's name, data and options, for one channel.

mod data;
mod info;
mod into_event;
mod options;
mod stored;

pub use data::{EventData, IntoEventData};
pub use info::Info;
pub use into_event::IntoEvent;
pub use options::IntoSocketId;
#[cfg(feature = "client")]
pub(crate) use options::event_options_of_call;
pub(crate) use options::{EventOptions, event_options};

use std::fmt;

use crate::channel::{ChannelKind, ChannelName, IntoChannelName};
use crate::encryption::{MasterKey, NONCE_BYTES};
use crate::error::Error;
use crate::event_name::{EventName, IntoEventName};
use crate::json::ObjectWriter;
use crate::limits::Limits;
#[cfg(feature = "client")]
use crate::socket_id::SocketId;

/// One event for one channel, as a batch takes it.
///
/// It can be stored by serde, in an outbox for example. It is stored as it was given: not encrypted,
/// whatever its channel is, and with the JSON text of its [extra](Self::extra) fields in strings. One
/// that `encrypted` gives can't be stored: read back, it would be encrypted once more.
///
/// ```
/// use pusher_http::{Event, EventData, Info, SocketId};
/// use serde_json::json;
///
/// let sender = SocketId::new("1234.5678")?;
/// let event = Event::new("private-operator-7", "offer.received", json!({"id": 1}))?
///     .exclude(sender)
///     .info(Info::SUBSCRIPTION_COUNT);
/// assert_eq!(*event.data(), EventData::raw(r#"{"id":1}"#));
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    channel: ChannelName,
    name: EventName,
    data: EventData,
    is_encrypted: bool,
    options: EventOptions,
}

impl Event {
    /// An event called `name` for `channel`, with any serialisable value, or an [`EventData`],
    /// as its data.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed channel or event name, [`Error::Serialize`] when the
    /// data can't be serialised. The [limits](Limits) are checked when it is sent.
    pub fn new<C, N, D>(channel: C, name: N, data: D) -> Result<Self, Error>
    where
        C: IntoChannelName,
        N: IntoEventName,
        D: IntoEventData,
    {
        Ok(Self {
            channel: channel.into_channel_name()?,
            name: name.into_event_name()?,
            data: data.into_event_data()?,
            is_encrypted: false,
            options: EventOptions::default(),
        })
    }

    event_options!();

    /// The channel.
    #[must_use]
    pub fn channel(&self) -> &ChannelName {
        &self.channel
    }

    /// The event's name.
    #[must_use]
    pub fn name(&self) -> &EventName {
        &self.name
    }

    /// The data.
    #[must_use]
    pub fn data(&self) -> &EventData {
        &self.data
    }

    /// Whether the data must be [encrypted](crate::api#encrypted-channels) before the event is sent:
    /// its channel is an encrypted one, and its data is not encrypted yet. `Pusher` does it by itself.
    #[must_use]
    pub fn needs_encryption(&self) -> bool {
        self.channel.kind() == ChannelKind::Encrypted && !self.is_encrypted
    }

    /// The event with its data encrypted for its channel, as it is sent. An event that does not
    /// [need it](Self::needs_encryption) stays as it is. The nonce must be fresh and random for every
    /// event.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] when the cipher fails.
    pub fn encrypted(mut self, key: &MasterKey, nonce: [u8; NONCE_BYTES]) -> Result<Self, Error> {
        if self.needs_encryption() {
            let secret = key.shared_secret(&self.channel);
            self.data = self.data.encrypted(&secret, nonce)?;
            self.is_encrypted = true;
        }
        Ok(self)
    }

    #[cfg(feature = "client")]
    pub(crate) fn set_excluded(&mut self, socket_id: &SocketId) {
        self.options.socket_id = Some(socket_id.clone());
    }

    /// Checks the limits.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Error> {
        self.channel.check_limits(limits)?;
        self.options.check()?;
        self.data.check_size(limits, self.needs_encryption(), || {
            format!("{:?} to {:?}", self.name.as_str(), self.channel.as_str())
        })
    }

    /// Writes the event as an entry of a batch's body.
    pub(crate) fn write(&self, json: &mut Vec<u8>) {
        let mut object = ObjectWriter::new(json);
        object.string("channel", self.channel.as_str());
        object.string("name", self.name.as_str());
        object.json("data", self.data.json_string());
        self.options.write(&mut object);
        object.end();
    }

    /// About how many bytes [`write`](Self::write) writes.
    pub(crate) fn written_bytes(&self) -> usize {
        let names = self.channel.as_str().len() + self.name.as_str().len();
        self.data.json_string().len() + names + EventOptions::USUAL_BYTES
    }
}

/// Without the data, which may be private.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("channel", &self.channel)
            .field("name", &self.name)
            .field("data", &self.data)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
