//! Where an app's API is: its parts in the forms that requests are made of, parsed once.

use std::sync::Arc;

use http::uri::{Authority, Scheme};
use url::Url;

use crate::error::Error;

/// The server's address and the app's paths below it.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) url: Url,
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    /// The path prefix with one slash before it and none after it; empty for none.
    pub(crate) prefix: String,
    pub(crate) events: Arc<str>,
    pub(crate) batch_events: Arc<str>,
}

impl Address {
    pub(crate) fn new(url: Url, app_id: &str) -> Result<Self, Error> {
        let malformed =
            |error: http::Error| Error::config("host", format!("is malformed: {error}"));
        let scheme = Scheme::try_from(url.scheme()).map_err(|error| malformed(error.into()))?;
        let authority =
            Authority::try_from(url.authority()).map_err(|error| malformed(error.into()))?;
        let path = |path: &str| format!("/apps/{app_id}{path}").into();
        Ok(Self {
            scheme,
            authority,
            prefix: url.path().trim_end_matches('/').to_owned(),
            events: path("/events"),
            batch_events: path("/batch_events"),
            url,
        })
    }
}
