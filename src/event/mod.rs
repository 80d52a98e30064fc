//! What is triggered: an event's name, data and options, for one channel.

mod buffer;
mod data;
mod info;
mod message;
mod options;
mod stored;
mod text_in_json;

pub(crate) use buffer::Buffer;
pub use data::{EventData, IntoEventData};
pub use info::Info;
pub(crate) use message::{Message, Sealing};
pub(crate) use options::event_options;
pub(crate) use text_in_json::push_text;

use std::borrow::Cow;
use std::fmt;

use crate::channel::{ChannelKind, ChannelName};
use crate::encryption::{MasterKey, NONCE_BYTES};
use crate::error::Error;
use crate::event_name::EventName;
use crate::json;
use crate::limits::Limits;
use crate::socket_id::SocketId;
use crate::text_type::CheckedText;

/// One event for one channel, as a batch takes it.
///
/// It can be stored by serde, in an outbox for example. It is stored as it was given: not encrypted,
/// whatever its channel is, and with the JSON text of its [extra](Self::extra) fields in strings. One
/// that `sealed` gives can't be stored: read back, it would be sealed once more.
///
/// ```
/// use pusher_http::{Event, Info, SocketId};
/// use serde_json::json;
///
/// let sender = SocketId::new("1234.5678")?;
/// let event = Event::new("private-operator-7", "offer.received", json!({"id": 1}))?
///     .exclude(sender)
///     .info(Info::SUBSCRIPTION_COUNT);
/// assert_eq!(event.data(), r#"{"id":1}"#);
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// Its head is `{"channel":"..","name":"..","data":`.
    message: Message,
    channel_end: usize,
}

const CHANNEL: &[u8] = br#"{"channel":""#;
const NAME: &[u8] = br#"","name":"#;
const DATA: &[u8] = br#","data":"#;

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
        C: CheckedText<ChannelName>,
        N: CheckedText<EventName>,
        D: IntoEventData,
    {
        let channel = channel.checked_text()?;
        let name = name.checked_text()?;
        let mut head = Buffer::new();
        head.push(CHANNEL);
        // Nothing in a channel's name needs an escape.
        head.push(channel.as_bytes());
        let channel_end = head.len();
        head.push(NAME);
        push_text(&mut head, name);
        head.push(DATA);
        let is_encrypted = ChannelKind::of(channel) == ChannelKind::Encrypted;
        Ok(Self {
            message: Message::new(head, data, Sealing::needed_if(is_encrypted))?,
            channel_end,
        })
    }

    event_options!();

    /// The channel's name.
    #[must_use]
    pub fn channel(&self) -> &str {
        let name = &self.message.head()[CHANNEL.len()..self.channel_end];
        // It was checked: it is ASCII.
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// The event's name.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        let head = self.message.head();
        let name = &head[self.channel_end + NAME.len()..head.len() - DATA.len()];
        // It was written as a JSON string, so it is one.
        let name = std::str::from_utf8(name).ok();
        name.and_then(json::string).unwrap_or_default()
    }

    /// The data as subscribers receive it.
    #[must_use]
    pub fn data(&self) -> String {
        self.message.data()
    }

    /// The attributes that are asked for.
    #[must_use]
    pub fn requested_info(&self) -> Info {
        self.message.info
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
    pub fn sealed(&self, key: &MasterKey, nonce: [u8; NONCE_BYTES]) -> Result<Self, Error> {
        let mut event = self.clone();
        if event.needs_sealing() {
            event
                .message
                .seal(&key.shared_secret_of(self.channel()), nonce)?;
        }
        Ok(event)
    }

    /// Whether the data must be [sealed](crate::api#encrypted-channels) before the event is sent:
    /// its channel is encrypted, and its data is not. `Pusher` sees to it by itself.
    #[must_use]
    pub fn needs_sealing(&self) -> bool {
        self.message.needs_sealing()
    }

    /// The event as an entry of a batch's body.
    pub(crate) fn message(&self) -> &Message {
        &self.message
    }

    /// Checks what is checked before the network: the attributes asked for, and the size of the
    /// data as it is sent.
    pub(crate) fn check(&self, index: usize, limits: &Limits) -> Result<(), Error> {
        self.message.check(limits, || {
            format!(
                "event {index} of the batch, {:?} to {:?}",
                self.name(),
                self.channel()
            )
        })
    }
}

/// Without the data, which may be private.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("channel", &self.channel())
            .field("name", &self.name())
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
