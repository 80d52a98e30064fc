//! `POST /events`: one event to one or several channels, or to a user.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::answer::ChannelCounts;
use super::into_channels::ChannelList;
use super::{Endpoint, IntoChannels, Request};
use crate::app::App;
use crate::encryption::{MasterKey, NONCE_BYTES};
use crate::error::Error;
use crate::event::{Buffer, IntoEventData, Message, Sealing, event_options, push_text};
use crate::event_name::EventName;
use crate::json;
use crate::limits;
use crate::text_type::CheckedText;
use crate::user::UserId;

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
/// let answer = trigger.read(&http::Response::new(body.into()), signed_at)?;
/// assert_eq!(answer.channels["room-1"].subscription_count, Some(2));
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
pub struct Trigger {
    /// Its head is `{"name":"..","channels":["..",..],"data":`.
    message: Message,
    name_end: usize,
    channel_count: usize,
}

const NAME: &[u8] = br#"{"name":"#;
const CHANNELS: &[u8] = br#","channels":["#;
const DATA: &[u8] = br#"],"data":"#;

/// The answer to a trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TriggerResponse {
    /// The counts of each channel by name; empty when no `info` was asked for, and on servers
    /// that ignore it (Soketi).
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
        N: CheckedText<EventName>,
        D: IntoEventData,
    {
        let (mut head, name_end) = head(name.checked_text()?);
        let mut list = ChannelList::new(&mut head);
        channels.push_to(&mut list)?;
        let ChannelList {
            count, encrypted, ..
        } = list;
        if count == 0 {
            return Err(Error::invalid("channels", "", "none is named"));
        }
        if count > 1
            && let Some(encrypted) = &encrypted
        {
            let reason = "an encrypted channel can't share a trigger with others, since each has \
                          a key of its own: send a batch with one event for each channel";
            return Err(Error::invalid("channels", encrypted, reason));
        }
        head.push(DATA);
        Ok(Self {
            message: Message::new(head, data, Sealing::needed_if(encrypted.is_some()))?,
            name_end,
            channel_count: count,
        })
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
        N: CheckedText<EventName>,
        D: IntoEventData,
    {
        let user_id = user_id.try_into().map_err(Into::into)?;
        let (mut head, name_end) = head(name.checked_text()?);
        push_text(&mut head, &format!("#server-to-user-{user_id}"));
        head.push(DATA);
        Ok(Self {
            message: Message::new(head, data, Sealing::NotNeeded)?,
            name_end,
            channel_count: 1,
        })
    }

    event_options!();

    /// The trigger with its data sealed for its encrypted channel, as it is sent; one for any
    /// other channel stays as it is. The nonce must be fresh and random for every event.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] when the cipher refuses.
    pub fn sealed(mut self, key: &MasterKey, nonce: [u8; NONCE_BYTES]) -> Result<Self, Error> {
        if self.needs_sealing()
            && let Some(channel) = self.channel_names().first()
        {
            self.message.seal(&key.shared_secret_of(channel), nonce)?;
        }
        Ok(self)
    }

    /// Checks what is checked before the network, except how many channels there are.
    pub(crate) fn check(&self, app: &App) -> Result<(), Error> {
        self.message.check(app.limits(), || self.context())
    }

    /// Whether the data must be [sealed](super#encrypted-channels) before the trigger is sent: its
    /// channel is encrypted, and its data is not. `Pusher` sees to it by itself.
    #[must_use]
    pub fn needs_sealing(&self) -> bool {
        self.message.needs_sealing()
    }

    /// The trigger as triggers of at most `channels_per_request` channels each, in order: where
    /// there are more than [one request takes](crate::Limits::channels_per_trigger). 0 counts
    /// as 1.
    #[must_use]
    pub fn split(self, channels_per_request: usize) -> Vec<Self> {
        let channels_per_request = channels_per_request.max(1);
        if self.channel_count <= channels_per_request {
            return vec![self];
        }
        let channels = self.channel_names();
        let parts = channels.chunks(channels_per_request);
        parts.map(|part| self.with_channels(part)).collect()
    }

    fn with_channels(&self, channels: &[String]) -> Self {
        let mut head = Buffer::new();
        head.push(&self.message.head()[..self.name_end]);
        head.push(CHANNELS);
        for (place, channel) in channels.iter().enumerate() {
            if place > 0 {
                head.push(b",");
            }
            push_text(&mut head, channel);
        }
        head.push(DATA);
        Self {
            message: self.message.with_head(head),
            channel_count: channels.len(),
            ..*self
        }
    }

    /// The channels that get the event, as the service names them: a user's is
    /// `#server-to-user-{user_id}`.
    #[must_use]
    pub fn channel_names(&self) -> Vec<String> {
        let head = self.message.head();
        // The list without what is around it, but for its brackets.
        let list = &head[self.name_end + CHANNELS.len() - 1..=head.len() - DATA.len()];
        // It was written as JSON, so it is JSON.
        serde_json::from_slice(list).unwrap_or_default()
    }

    /// How many channels get the event; a user counts as one.
    #[must_use]
    pub fn channel_count(&self) -> usize {
        self.channel_count
    }

    /// Which event it is, for an error's message.
    fn context(&self) -> String {
        let name = &self.message.head()[NAME.len()..self.name_end];
        let name: String = serde_json::from_slice(name).unwrap_or_default();
        format!("event {name:?}")
    }
}

/// The body up to the names of the channels, and where in it the event's name ends.
fn head(name: &str) -> (Buffer, usize) {
    let mut head = Buffer::on_heap();
    head.push(NAME);
    push_text(&mut head, name);
    let name_end = head.len();
    head.push(CHANNELS);
    (head, name_end)
}

/// Without the data, which may be private.
impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trigger")
            .field("channels", &self.channel_names())
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl Trigger {
    fn check_request(&self, app: &App) -> Result<(), Error> {
        self.check(app)?;
        limits::check(
            "channels in one trigger",
            self.channel_count,
            app.limits().channels_per_trigger,
            || self.context(),
        )?;
        self.message.check_sealed()
    }

    /// What to send, as [`request`](Endpoint::request) gives it, without a copy of the data.
    ///
    /// # Errors
    ///
    /// As [`request`](Endpoint::request).
    pub fn into_request(self, app: &App) -> Result<Request, Error> {
        self.check_request(app)?;
        Request::post(app.path("/events"), self.message.into_json())
    }
}

impl Endpoint for Trigger {
    const NAME: &'static str = "trigger";
    type Response = TriggerResponse;

    fn request(&self, app: &App) -> Result<Request, Error> {
        self.check_request(app)?;
        let mut body = Vec::with_capacity(self.message.json_bytes());
        self.message.push_json(&mut body);
        Request::post(app.path("/events"), body)
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        TriggerResponse::parse(body)
    }
}

impl TriggerResponse {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        let mut response = Self::default();
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
