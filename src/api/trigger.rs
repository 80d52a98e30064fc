//! `POST /events`: one event to one or several channels, or to a user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answer::{ChannelCounts, object_or_empty_array};
use super::{Endpoint, IntoChannels, Request};
use crate::app::App;
use crate::channel::{ChannelKind, ChannelName};
#[cfg(feature = "encryption")]
use crate::encryption::{MasterKey, NONCE_BYTES};
use crate::error::Error;
use crate::event::{HEAD_BYTES, Info, IntoEventData, Message, push_text};
use crate::event_name::EventName;
use crate::json;
use crate::limits;
use crate::socket_id::SocketId;
use crate::user::UserId;

/// Triggers one event on one or several channels, or to one user.
#[derive(Debug, Clone)]
pub struct Trigger {
    recipients: Recipients,
    name: EventName,
    message: Message,
}

#[derive(Debug, Clone)]
enum Recipients {
    Channels(Vec<ChannelName>),
    User(UserId),
}

/// The answer to a trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TriggerResponse {
    /// The counts of each channel by name; empty when no `info` was asked for, and on servers
    /// that ignore it (Soketi).
    #[serde(default, deserialize_with = "object_or_empty_array")]
    pub channels: BTreeMap<String, ChannelCounts>,
}

impl Trigger {
    /// An event called `name` for `channels`: one name, or an array, a slice or a `Vec` of
    /// names; with any serialisable value, or an [`EventData`](crate::EventData), as its data.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed channel or event name, for no channel at all, and for
    /// several channels of which one is encrypted; [`Error::Serialize`] when the data can't be
    /// serialised. Its size is checked when the request is made.
    pub fn new<C, N, D>(channels: C, name: N, data: D) -> Result<Self, Error>
    where
        C: IntoChannels,
        N: TryInto<EventName, Error: Into<Error>>,
        D: IntoEventData,
    {
        let channels = channels.into_channels()?;
        if channels.is_empty() {
            return Err(Error::invalid("channels", "", "there is none"));
        }
        if channels.len() > 1
            && let Some(encrypted) = channels
                .iter()
                .find(|channel| channel.kind() == ChannelKind::Encrypted)
        {
            let reason = "an encrypted channel can't share a trigger with others, since each has \
                          a key of its own: send a batch with one event for each channel";
            return Err(Error::invalid("channels", encrypted, reason));
        }
        Self::to(Recipients::Channels(channels), name, data)
    }

    /// An event for all connections of a user who signed in, wherever they are.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed user id or event name, [`Error::Serialize`] when the
    /// data can't be serialised.
    pub fn to_user<U, N, D>(user_id: U, name: N, data: D) -> Result<Self, Error>
    where
        U: TryInto<UserId, Error: Into<Error>>,
        N: TryInto<EventName, Error: Into<Error>>,
        D: IntoEventData,
    {
        let user_id = user_id.try_into().map_err(Into::into)?;
        Self::to(Recipients::User(user_id), name, data)
    }

    fn to<N, D>(recipients: Recipients, name: N, data: D) -> Result<Self, Error>
    where
        N: TryInto<EventName, Error: Into<Error>>,
        D: IntoEventData,
    {
        let name: EventName = name.try_into().map_err(Into::into)?;
        let message = Message::new(recipients.head(&name), data)?;
        Ok(Self {
            recipients,
            name,
            message,
        })
    }

    /// Does not deliver the event to this connection: the one whose request caused it. `None`
    /// excludes nobody.
    #[must_use]
    pub fn exclude(mut self, socket_id: impl Into<Option<SocketId>>) -> Self {
        self.message.socket_id = socket_id.into();
        self
    }

    /// Asks for counts of the channels in the answer. The hosted service bills such an event as
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
    pub fn extra(mut self, name: impl Into<String>, value: impl Serialize) -> Result<Self, Error> {
        self.message.add_extra(name.into(), &value)?;
        Ok(self)
    }

    /// The trigger with its data sealed for its encrypted channel, as it is sent; one for any
    /// other channel stays as it is. The nonce must be fresh and random for every event.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] when the cipher refuses.
    #[cfg(feature = "encryption")]
    pub fn sealed(mut self, key: &MasterKey, nonce: [u8; NONCE_BYTES]) -> Result<Self, Error> {
        if !self.message.is_sealed()
            && let Some(channel) = self.encrypted_channel()
        {
            let secret = key.shared_secret(channel);
            self.message.seal(&secret, nonce)?;
        }
        Ok(self)
    }

    /// Checks what is checked before the network, except how many channels there are.
    pub(crate) fn check(&self, app: &App) -> Result<(), Error> {
        self.message
            .check(self.encrypted_channel().is_some(), app.limits(), || {
                format!("event {:?}", self.name.as_str())
            })
    }

    /// Whether the data must be sealed before the trigger is sent.
    pub(crate) fn needs_sealing(&self) -> bool {
        self.encrypted_channel().is_some() && !self.message.is_sealed()
    }

    /// The trigger as triggers of at most `channels_per_request` channels each, in order: where
    /// there are more than [one request takes](crate::Limits::channels_per_trigger). 0 counts
    /// as 1.
    #[must_use]
    pub fn split(self, channels_per_request: usize) -> Vec<Self> {
        let channels_per_request = channels_per_request.max(1);
        match self.recipients {
            Recipients::Channels(channels) if channels.len() > channels_per_request => channels
                .chunks(channels_per_request)
                .map(|part| {
                    let recipients = Recipients::Channels(part.to_vec());
                    Self {
                        message: self.message.with_head(recipients.head(&self.name)),
                        name: self.name.clone(),
                        recipients,
                    }
                })
                .collect(),
            _ => vec![self],
        }
    }

    /// The channels that get the event, as the service names them: a user's is
    /// `#server-to-user-{user_id}`.
    #[must_use]
    pub fn channel_names(&self) -> Vec<String> {
        match &self.recipients {
            Recipients::Channels(channels) => channels.iter().map(ToString::to_string).collect(),
            Recipients::User(user_id) => vec![server_to_user(user_id)],
        }
    }

    /// How many channels get the event; a user counts as one.
    #[must_use]
    pub fn channel_count(&self) -> usize {
        match &self.recipients {
            Recipients::Channels(channels) => channels.len(),
            Recipients::User(_) => 1,
        }
    }

    fn encrypted_channel(&self) -> Option<&ChannelName> {
        match &self.recipients {
            Recipients::Channels(channels) => channels
                .first()
                .filter(|channel| channel.kind() == ChannelKind::Encrypted),
            Recipients::User(_) => None,
        }
    }
}

fn server_to_user(user_id: &UserId) -> String {
    format!("#server-to-user-{user_id}")
}

impl Recipients {
    /// The body up to the value of its `data`.
    fn head(&self, name: &EventName) -> Vec<u8> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        head.extend_from_slice(br#"{"name":"#);
        push_text(&mut head, name.as_str());
        head.extend_from_slice(br#","channels":["#);
        match self {
            Self::Channels(channels) => {
                for (place, channel) in channels.iter().enumerate() {
                    if place > 0 {
                        head.push(b',');
                    }
                    push_text(&mut head, channel.as_str());
                }
            }
            Self::User(user_id) => push_text(&mut head, &server_to_user(user_id)),
        }
        head.extend_from_slice(br#"],"data":"#);
        head
    }
}

impl Trigger {
    fn check_request(&self, app: &App) -> Result<(), Error> {
        self.check(app)?;
        if let Recipients::Channels(channels) = &self.recipients {
            limits::check(
                "channels in one trigger",
                channels.len(),
                app.limits().channels_per_trigger,
                || format!("event {:?}", self.name.as_str()),
            )?;
        }
        if self.needs_sealing() {
            return Err(unsealed());
        }
        Ok(())
    }

    /// What to send, as [`request`](Endpoint::request) gives it, without a copy of the data.
    ///
    /// # Errors
    ///
    /// As [`request`](Endpoint::request).
    pub fn into_request(self, app: &App) -> Result<Request, Error> {
        self.check_request(app)?;
        Ok(Request::events(app, self.message.into_json()?))
    }
}

impl Endpoint for Trigger {
    const NAME: &'static str = "trigger";
    type Response = TriggerResponse;

    fn request(&self, app: &App) -> Result<Request, Error> {
        self.check_request(app)?;
        let mut body = Vec::with_capacity(self.message.json_bytes());
        self.message.push_json(&mut body)?;
        Ok(Request::events(app, body))
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        json::object(body)
    }
}

/// What keeps data for an encrypted channel from ever being sent as it is.
pub(super) fn unsealed() -> Error {
    Error::encryption(if cfg!(feature = "encryption") {
        "the data for an encrypted channel must be sealed before it is sent"
    } else {
        "an encrypted channel needs the crate's feature `encryption`"
    })
}
