//! `POST /events`: one event to one or several channels, or to a user.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::counts::ChannelCounts;
use super::{Endpoint, Request};
use crate::app::App;
use crate::channel::{ChannelKind, ChannelName, IntoChannels};
use crate::encryption::{MasterKey, NONCE_BYTES};
use crate::error::Error;
use crate::event::{EventData, EventOptions, IntoEventData, event_options};
use crate::event_name::{EventName, IntoEventName};
use crate::json::{self, ObjectWriter, push_list, push_string};
use crate::user_id::{IntoUserId, UserId};

/// Triggers one event on one or several channels, or to one user.
///
/// ```
/// use pusher_http::api::{Endpoint, Trigger};
/// use pusher_http::{App, Info};
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let trigger = Trigger::new(["room-1", "room-2"], "message", "hello")?
///     .info(Info::SUBSCRIPTION_COUNT);
/// let request = trigger.request(&app)?;
/// assert_eq!(
///     request.body(),
///     r#"{"name":"message","channels":["room-1","room-2"],"data":"\"hello\"","info":"subscription_count"}"#,
/// );
///
/// let signed_at = 1_353_088_179; // Unix seconds
/// let request = app.sign(&request, signed_at)?.into_http();
/// assert_eq!(request.uri().path(), "/apps/3/events");
///
/// let body = r#"{"channels":{"room-1":{"subscription_count":2},"room-2":{"subscription_count":0}}}"#;
/// let response = trigger.read(&http::Response::new(body.into()), signed_at)?;
/// assert_eq!(response.channels["room-1"].subscription_count, Some(2));
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
pub struct Trigger {
    recipients: Recipients,
    name: EventName,
    data: EventData,
    is_encrypted: bool,
    options: EventOptions,
}

/// The recipients of an event.
#[derive(Debug, Clone)]
enum Recipients {
    /// At least one channel. If one is encrypted, it is the only one.
    Channels(Vec<ChannelName>),
    User(UserId),
}

/// The response to a trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TriggerResponse {
    /// The counts of each channel, by name.
    ///
    /// Empty if no `info` was requested, or if the server ignores it (Soketi).
    pub channels: BTreeMap<String, ChannelCounts>,
}

impl Trigger {
    /// Creates an event called `name` for [one or several](IntoChannels) channels.
    ///
    /// The data is any serialisable value, or an [`EventData`].
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed channel or event name, for an empty list of channels, and
    /// for several channels if one of them is encrypted. [`Error::Serialize`] if the data can't be
    /// serialised. The [limits](crate::Limits) are checked when the request is built.
    pub fn new<C, M, N, D>(channels: C, name: N, data: D) -> Result<Self, Error>
    where
        C: IntoChannels<M>,
        N: IntoEventName,
        D: IntoEventData,
    {
        let channels = channels.into_channels()?;
        if channels.is_empty() {
            return Err(Error::invalid(
                "channels",
                "",
                "none is named, as in an empty list, a `None` or an `Err`",
            ));
        }
        if channels.len() > 1
            && let Some(encrypted) = channels.iter().find(|channel| is_encrypted(channel))
        {
            let reason = "an encrypted channel can't share a trigger with others, since each has \
                          a key of its own: send a batch with one event for each channel";
            return Err(Error::invalid("channels", encrypted, reason));
        }
        Self::for_recipients(Recipients::Channels(channels), name, data)
    }

    /// Creates an event for all connections of a signed-in user.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed user id or event name, [`Error::Serialize`] if the data
    /// can't be serialised.
    pub fn to_user<U, N, D>(user_id: U, name: N, data: D) -> Result<Self, Error>
    where
        U: IntoUserId,
        N: IntoEventName,
        D: IntoEventData,
    {
        Self::for_recipients(Recipients::User(user_id.into_user_id()?), name, data)
    }

    fn for_recipients(
        recipients: Recipients,
        name: impl IntoEventName,
        data: impl IntoEventData,
    ) -> Result<Self, Error> {
        Ok(Self {
            recipients,
            name: name.into_event_name()?,
            data: data.into_event_data()?,
            is_encrypted: false,
            options: EventOptions::default(),
        })
    }

    event_options!();

    /// The channels that get the event. Empty for an event to a user.
    #[must_use]
    pub fn channels(&self) -> &[ChannelName] {
        match &self.recipients {
            Recipients::Channels(channels) => channels,
            Recipients::User(_) => &[],
        }
    }

    /// Whether the data must be [encrypted](super#encrypted-channels) before the trigger is sent.
    ///
    /// This is the case if its channel is encrypted and its data is not encrypted yet. `Pusher`
    /// encrypts it automatically.
    #[must_use]
    pub fn needs_encryption(&self) -> bool {
        !self.is_encrypted && self.channels().first().is_some_and(is_encrypted)
    }

    /// Encrypts the data for its channel.
    ///
    /// A trigger that does not [need encryption](Self::needs_encryption) is returned unchanged. Use
    /// a new random nonce for every event.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] if the cipher fails.
    pub fn encrypted(mut self, key: &MasterKey, nonce: [u8; NONCE_BYTES]) -> Result<Self, Error> {
        if self.needs_encryption()
            && let Some(channel) = self.channels().first()
        {
            self.data = self.data.encrypted(&key.shared_secret(channel), nonce)?;
            self.is_encrypted = true;
        }
        Ok(self)
    }

    /// Splits the trigger into triggers of at most `channels_per_request` channels, in order.
    ///
    /// Use it for more channels than [one request takes](crate::Limits::channels_per_trigger). 0
    /// counts as 1.
    #[must_use]
    pub fn split(&self, channels_per_request: usize) -> Vec<Self> {
        if self.channels().len() <= 1 {
            return vec![self.clone()];
        }
        let parts = self.channels().chunks(channels_per_request.max(1));
        let part = |channels: &[ChannelName]| Self {
            recipients: Recipients::Channels(channels.to_vec()),
            ..self.clone()
        };
        parts.map(part).collect()
    }

    /// Checks the limits, except the number of channels.
    pub(crate) fn check(&self, app: &App) -> Result<(), Error> {
        match &self.recipients {
            Recipients::Channels(channels) => {
                for channel in channels {
                    channel.check_limits(app.limits())?;
                }
            }
            Recipients::User(user_id) => user_id.check_limits(app.limits())?,
        }
        self.options.check()?;
        let context = || self.context();
        self.data
            .check_size(app.limits(), self.needs_encryption(), context)
    }

    /// Describes the event in error messages.
    fn context(&self) -> String {
        format!("event {:?}", self.name.as_str())
    }

    /// Builds the request for some of the channels.
    ///
    /// Checks only that data for an encrypted channel is encrypted.
    pub(crate) fn request_for(&self, channels: &[ChannelName]) -> Result<Request, Error> {
        if self.needs_encryption() {
            return Err(Error::not_encrypted());
        }
        let data = self.data.json_string();
        let mut body =
            Vec::with_capacity(data.len() + channels.len() * 32 + EventOptions::USUAL_BYTES);
        let mut event = ObjectWriter::new(&mut body);
        event.string("name", self.name.as_str());
        match &self.recipients {
            Recipients::Channels(_) => {
                let names = channels.iter().map(ChannelName::as_str);
                push_list(event.field("channels"), names, push_string);
            }
            Recipients::User(user_id) => {
                let channel = format!("#server-to-user-{user_id}");
                push_list(event.field("channels"), [channel.as_str()], push_string);
            }
        }
        event.json("data", data);
        self.options.write(&mut event);
        event.end();
        Request::post("/events", body)
    }
}

fn is_encrypted(channel: &ChannelName) -> bool {
    channel.kind() == ChannelKind::Encrypted
}

/// Omits the data, which may be private.
impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger")
            .field("recipients", &self.recipients)
            .field("name", &self.name)
            .field("data", &self.data)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Endpoint for Trigger {
    const NAME: &'static str = "trigger";
    type Response = TriggerResponse;

    fn request(&self, app: &App) -> Result<Request, Error> {
        self.check(app)?;
        let (channels, max) = (self.channels(), app.limits().channels_per_trigger);
        if channels.len() > max {
            let limit = "channels in one trigger";
            return Err(Error::limit(limit, channels.len(), max, self.context()));
        }
        self.request_for(channels)
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        let mut response = TriggerResponse::default();
        json::object(body, |reader, key| {
            match key.as_ref() {
                "channels" => response.channels = ChannelCounts::read_by_channel(reader)?,
                _ => drop(reader.raw()?),
            }
            Ok(())
        })?;
        Ok(response)
    }
}
