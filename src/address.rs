//! Where an app's API is.

use bytes::Bytes;
use http::Uri;
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use url::Url;

use crate::error::Error;

/// The server's address.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) url: Url,
    scheme: Scheme,
    authority: Authority,
    /// The path prefix with one slash before it and none after it; empty for none.
    pub(crate) prefix: String,
}

impl Address {
    pub(crate) fn new(url: Url) -> Result<Self, Error> {
        let malformed =
            |error: http::Error| Error::config("host", format!("is malformed: {error}"));
        let scheme = Scheme::try_from(url.scheme()).map_err(|error| malformed(error.into()))?;
        let authority =
            Authority::try_from(url.authority()).map_err(|error| malformed(error.into()))?;
        Ok(Self {
            scheme,
            authority,
            prefix: url.path().trim_end_matches('/').to_owned(),
            url,
        })
    }

    /// The whole URI of a path, prefix included, with its query.
    pub(crate) fn uri(&self, path_and_query: String) -> Result<Uri, Error> {
        let malformed = |error: http::Error| Error::invalid("URL", "", error.to_string());
        let path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(path_and_query))
            .map_err(|error| malformed(error.into()))?;
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_and_query);
        Uri::from_parts(parts).map_err(|error| malformed(error.into()))
    }
}
