//! `GET /channels`: the occupied channels.

use std::collections::BTreeMap;

use super::counts::ChannelCounts;
use super::{Endpoint, Request};
use crate::app::App;
use crate::error::Error;
use crate::event::Info;
use crate::json;

/// Queries the occupied channels, optionally by prefix and with user counts.
///
/// The response maps each channel's name to its counts.
///
/// ```
/// use pusher_http::api::{ChannelsQuery, Endpoint};
/// use pusher_http::{App, Info};
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let query = ChannelsQuery::new().prefix("presence-").info(Info::USER_COUNT);
/// let signed_at = 1_353_088_179; // Unix seconds
/// let request = app.sign(&query.request(&app)?, signed_at)?.into_http();
/// assert_eq!(request.uri().path(), "/apps/3/channels");
///
/// let body = r#"{"channels":{"presence-room-1":{"user_count":2}}}"#;
/// let channels = query.read(&http::Response::new(body.into()), signed_at)?;
/// assert_eq!(channels["presence-room-1"].user_count, Some(2));
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ChannelsQuery {
    prefix: Option<String>,
    info: Info,
}

impl ChannelsQuery {
    /// Queries all occupied channels, without counts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits the query to channels whose names begin with `prefix`, such as `presence-room-`.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Requests [`Info::USER_COUNT`], which needs a prefix that begins with `presence-`.
    #[must_use]
    pub fn info(mut self, info: Info) -> Self {
        self.info = info;
        self
    }
}

impl Endpoint for ChannelsQuery {
    const NAME: &'static str = "channels";
    type Response = BTreeMap<String, ChannelCounts>;

    fn request(&self, _: &App) -> Result<Request, Error> {
        if !Info::USER_COUNT.contains(self.info) {
            let reason = "channels are listed with user_count only: ask for one channel at a time";
            return Err(Error::invalid("info", self.info.to_string(), reason));
        }
        let prefix = self.prefix.as_deref().unwrap_or_default();
        if !self.info.is_empty() && !prefix.starts_with("presence-") {
            let reason = "it needs a prefix that begins with presence-";
            return Err(Error::invalid("info", self.info.to_string(), reason));
        }
        let mut request = Request::get("/channels")?;
        if let Some(prefix) = &self.prefix {
            request = request.query("filter_by_prefix", prefix)?;
        }
        if !self.info.is_empty() {
            request = request.query("info", self.info.to_string())?;
        }
        Ok(request)
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        let mut channels = None;
        json::object(body, |reader, key| {
            match key.as_ref() {
                "channels" => channels = Some(ChannelCounts::read_by_channel(reader)?),
                _ => drop(reader.raw()?),
            }
            Ok(())
        })?;
        channels.ok_or_else(|| json::missing("channels"))
    }
}
