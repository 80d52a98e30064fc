//! Events to trigger: their name, data and options, for one channel.

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

/// An event for one channel, as part of a batch.
///
/// It can be stored with serde in a format such as JSON, for example in an outbox. It is stored as it was created:
/// unencrypted, even for an encrypted channel, and with the JSON text of its [extra](Self::extra)
/// fields in strings. An event returned by `encrypted` can't be stored, because it would be
/// encrypted again after it is read back.
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
    /// Creates an event called `name` for `channel`.
    ///
    /// The data is any serialisable value, or an [`EventData`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed channel or event name, [`Error::Serialize`] if the data
    /// can't be serialised. The [limits](Limits) are checked when the event is sent.
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

    /// Returns the channel.
    #[must_use]
    pub fn channel(&self) -> &ChannelName {
        &self.channel
    }

    /// Returns the event's name.
    #[must_use]
    pub fn name(&self) -> &EventName {
        &self.name
    }

    /// Returns the data.
    #[must_use]
    pub fn data(&self) -> &EventData {
        &self.data
    }

    /// Whether the data must be [encrypted](crate::api#encrypted-channels) before the event is
    /// sent.
    ///
    /// This is the case if its channel is encrypted and its data is not encrypted yet. `Pusher`
    /// encrypts it automatically.
    #[must_use]
    pub fn needs_encryption(&self) -> bool {
        self.channel.kind() == ChannelKind::Encrypted && !self.is_encrypted
    }

    /// Encrypts the data for its channel.
    ///
    /// An event that does not [need encryption](Self::needs_encryption) is returned unchanged. Use
    /// a new random nonce for every event.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] if the cipher fails.
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

    /// Estimates how many bytes [`write`](Self::write) writes.
    pub(crate) fn written_bytes(&self) -> usize {
        let names = self.channel.as_str().len() + self.name.as_str().len();
        self.data.json_string().len() + names + EventOptions::USUAL_BYTES
    }
}

/// Omits the data, which may be private.
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
