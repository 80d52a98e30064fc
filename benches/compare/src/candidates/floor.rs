//! The floors below a client: an HTTP library with no more around it than it takes.

use std::borrow::Cow;
use std::net::SocketAddr;

use bytes::Bytes;

use super::calls::Caller;
use super::minimal::{Minimal, Signed as Request};
use crate::Failure;

/// An HTTP library.
pub(crate) trait Wire {
    /// A URL as it takes it.
    type Url: Clone;

    fn url(text: String) -> Result<Self::Url, Failure>;

    /// Posts JSON, and reads the whole response.
    async fn send(&self, url: Cow<'_, Self::Url>, body: Bytes) -> Result<(), Failure>;
}

/// Each request is serialised, hashed and signed.
pub(crate) struct Signed<W> {
    wire: W,
    minimal: Minimal,
    base: String,
}

impl<W: Wire> Signed<W> {
    pub(crate) fn new(wire: W, sink: SocketAddr) -> Self {
        Self {
            wire,
            minimal: Minimal::new(),
            base: format!("http://{sink}"),
        }
    }

    async fn send(&self, request: Request) -> Result<(), Failure> {
        let url = W::url(format!("{}{}", self.base, request.path_and_query))?;
        self.wire.send(Cow::Owned(url), request.body.into()).await
    }
}

impl<W: Wire> Caller for Signed<W> {
    async fn trigger(&self) -> Result<(), Failure> {
        self.send(self.minimal.trigger()?).await
    }

    async fn large(&self) -> Result<(), Failure> {
        self.send(self.minimal.large()?).await
    }

    async fn batch(&self) -> Result<(), Failure> {
        self.send(self.minimal.batch()?).await
    }
}

/// Each request is what it was the first time.
pub(crate) struct Prebuilt<W: Wire> {
    wire: W,
    trigger: (W::Url, Bytes),
    large: (W::Url, Bytes),
    batch: (W::Url, Bytes),
}

impl<W: Wire> Prebuilt<W> {
    pub(crate) fn new(wire: W, sink: SocketAddr) -> Result<Self, Failure> {
        let minimal = Minimal::new();
        let built = |request: Request| -> Result<_, Failure> {
            let url = W::url(format!("http://{sink}{}", request.path_and_query))?;
            Ok((url, request.body.into()))
        };
        Ok(Self {
            wire,
            trigger: built(minimal.trigger()?)?,
            large: built(minimal.large()?)?,
            batch: built(minimal.batch()?)?,
        })
    }

    async fn send(&self, (url, body): &(W::Url, Bytes)) -> Result<(), Failure> {
        self.wire.send(Cow::Borrowed(url), body.clone()).await
    }
}

impl<W: Wire> Caller for Prebuilt<W> {
    async fn trigger(&self) -> Result<(), Failure> {
        self.send(&self.trigger).await
    }

    async fn large(&self) -> Result<(), Failure> {
        self.send(&self.large).await
    }

    async fn batch(&self) -> Result<(), Failure> {
        self.send(&self.batch).await
    }
}
