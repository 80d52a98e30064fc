//! Where an app's API is: its parts in the forms that requests are made of, parsed once.

use std::sync::Arc;

use http::uri::{Authority, Scheme};
use url::Url;

use crate::error::Error;

/// About as long as a signed query is: its key has 20 characters on the hosted service.
const QUERY_BYTES: usize = 224;

/// The server's address and the app's paths below it.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) url: Url,
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    /// The path prefix with one slash before it and none after it; empty for none.
    pub(crate) prefix: String,
    pub(crate) events: ApiPath,
    pub(crate) batch_events: ApiPath,
}

/// A path of the API that most requests go to.
#[derive(Debug)]
pub(crate) struct ApiPath {
    /// As it is signed, without the path prefix.
    pub(crate) signed: Arc<str>,
    /// The whole URL, with a query as long as a signed one: a copy has room for it.
    pub(crate) url: Url,
}

impl Address {
    pub(crate) fn new(url: Url, app_id: &str) -> Result<Self, Error> {
        let malformed =
            |error: http::Error| Error::config("host", format!("is malformed: {error}"));
        let scheme = Scheme::try_from(url.scheme()).map_err(|error| malformed(error.into()))?;
        let authority =
            Authority::try_from(url.authority()).map_err(|error| malformed(error.into()))?;
        let prefix = url.path().trim_end_matches('/').to_owned();
        let path = |path: &str| {
            let signed = app_path(app_id, path);
            let mut whole = url.clone();
            whole.set_path(&format!("{prefix}{signed}"));
            whole.set_query(Some(&"_".repeat(QUERY_BYTES)));
            ApiPath {
                signed: signed.into(),
                url: whole,
            }
        };
        Ok(Self {
            scheme,
            authority,
            events: path("/events"),
            batch_events: path("/batch_events"),
            prefix,
            url,
        })
    }

    /// The URL of a path, prefix included, with a query.
    pub(crate) fn url_of(&self, path: &str, query: &str) -> Url {
        let mut paths = [&self.events, &self.batch_events].into_iter();
        let mut url = match paths.find(|known| known.url.path() == path) {
            Some(known) => known.url.clone(),
            None => self.url.clone(),
        };
        if url.path() != path {
            url.set_path(path);
        }
        url.set_query(Some(query));
        url
    }
}

/// A path of the API, as it is signed.
pub(super) fn app_path(app_id: &str, path: &str) -> String {
    format!("/apps/{app_id}{path}")
}
