//! `GET /channels/{channel}`: the state of one channel.

use std::fmt;

use serde::Serialize;

use super::counts::ChannelCounts;
use super::{Endpoint, Request};
use crate::app::App;
use crate::channel::{ChannelKind, ChannelName, IntoChannelName};
use crate::error::Error;
use crate::event::Info;
use crate::json::{self, Reader};

/// Queries the state of one channel: whether it is occupied, and the attributes in `info`.
///
/// ```
/// use pusher_http::api::{ChannelQuery, Endpoint};
/// use pusher_http::{App, Info};
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let info = Info::SUBSCRIPTION_COUNT | Info::CACHE;
/// let query = ChannelQuery::new("cache-news")?.info(info);
/// let signed_at = 1_353_088_179; // Unix seconds
/// let request = app.sign(&query.request(&app)?, signed_at)?.into_http();
/// assert_eq!(request.uri().path(), "/apps/3/channels/cache-news");
///
/// let body = r#"{"occupied":true,"subscription_count":2,"cache":{"data":"{}","ttl":60}}"#;
/// let state = query.read(&http::Response::new(body.into()), signed_at)?;
/// assert_eq!(state.cache.and_then(|event| event.ttl), Some(60));
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ChannelQuery {
    channel: ChannelName,
    info: Info,
}

/// The state of one channel. Attributes that were not requested are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChannelState {
    /// Whether the channel has any subscribers.
    pub occupied: bool,
    /// Number of users on the presence channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_count: Option<u64>,
    /// Number of subscribed connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_count: Option<u64>,
    /// The last event of the cache channel. `None` also if the channel has no event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<CachedEvent>,
}

/// The event that a cache channel keeps for new subscribers.
///
/// `Debug` shows the size of the data only: it may be private.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CachedEvent {
    /// The event's data.
    pub data: String,
    /// Seconds until the event expires. Some servers do not send it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

impl fmt::Debug for CachedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedEvent")
            .field("data_bytes", &self.data.len())
            .field("ttl", &self.ttl)
            .finish()
    }
}

impl CachedEvent {
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, serde_json::Error> {
        if reader.peek() == Some(b'n') {
            return reader.value("an event or null", |json| (json == "null").then_some(None));
        }
        let (mut data, mut ttl) = (None, None);
        reader.object(|reader, key| {
            match key.as_ref() {
                "data" => data = Some(json::text(reader.raw()?).into_owned()),
                "ttl" => ttl = reader.value("a count", json::optional_count)?,
                _ => drop(reader.raw()?),
            }
            Ok(())
        })?;
        let data = data.ok_or_else(|| json::missing("data"))?;
        Ok(Some(Self { data, ttl }))
    }
}

impl ChannelQuery {
    /// Queries whether `channel` is occupied.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name.
    pub fn new(channel: impl IntoChannelName) -> Result<Self, Error> {
        Ok(Self {
            channel: channel.into_channel_name()?,
            info: Info::NONE,
        })
    }

    /// Requests further attributes.
    ///
    /// [`Info::USER_COUNT`] is for presence channels, [`Info::SUBSCRIPTION_COUNT`] for all other
    /// channels, and [`Info::CACHE`] for cache channels.
    #[must_use]
    pub fn info(mut self, info: Info) -> Self {
        self.info = info;
        self
    }

    fn check_info(&self) -> Result<(), Error> {
        let is_presence = self.channel.kind() == ChannelKind::Presence;
        for (info, fits, reason) in [
            (
                Info::USER_COUNT,
                is_presence,
                "only presence channels have it: ask for subscription_count",
            ),
            (
                Info::SUBSCRIPTION_COUNT,
                !is_presence,
                "presence channels don't have it: ask for user_count",
            ),
            (
                Info::CACHE,
                self.channel.is_cache(),
                "only cache channels have it",
            ),
        ] {
            if self.info.contains(info) && !fits {
                let value = format!("{info} of {}", self.channel);
                return Err(Error::invalid("info", value, reason));
            }
        }
        Ok(())
    }
}

impl Endpoint for ChannelQuery {
    const NAME: &'static str = "channel";
    type Response = ChannelState;

    fn request(&self, app: &App) -> Result<Request, Error> {
        self.channel.check_limits(app.limits())?;
        self.check_info()?;
        let request = Request::get(format!("/channels/{}", self.channel))?;
        if self.info.is_empty() {
            return Ok(request);
        }
        request.query("info", self.info.to_string())
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        let mut occupied = None;
        let mut counts = ChannelCounts::default();
        let mut cache = None;
        json::object(body, |reader, key| match key.as_ref() {
            "occupied" => json::set(&mut occupied, reader, "true or false", |json| {
                json.parse::<bool>().ok()
            }),
            "cache" => {
                cache = CachedEvent::read(reader)?;
                Ok(())
            }
            key => counts.read_field(key, reader),
        })?;
        Ok(ChannelState {
            occupied: occupied.ok_or_else(|| json::missing("occupied"))?,
            user_count: counts.user_count,
            subscription_count: counts.subscription_count,
            cache,
        })
    }
}
