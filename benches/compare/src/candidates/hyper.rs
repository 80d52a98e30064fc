//! The floor below every client: hyper with hyper-util's pool.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::calls::Caller;
use super::minimal::{self, Minimal};
use crate::Failure;

struct Sender(Client<HttpConnector, Full<Bytes>>);

impl Sender {
    fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    async fn send(&self, uri: Uri, body: Bytes) -> Result<(), Failure> {
        let request = Request::post(uri)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(Full::new(body))?;
        let response = self.0.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        super::expect_empty_object(status, &body)
    }
}

/// Each request is serialised, hashed and signed.
pub(crate) struct Signed {
    sender: Sender,
    minimal: Minimal,
    base: String,
}

impl Signed {
    pub(crate) fn new(sink: SocketAddr) -> Self {
        Self {
            sender: Sender::new(),
            minimal: Minimal::new(),
            base: format!("http://{sink}"),
        }
    }

    async fn send(&self, signed: minimal::Signed) -> Result<(), Failure> {
        let uri = Uri::try_from(format!("{}{}", self.base, signed.path_and_query))?;
        self.sender.send(uri, signed.body.into()).await
    }
}

impl Caller for Signed {
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
pub(crate) struct Prebuilt {
    sender: Sender,
    trigger: (Uri, Bytes),
    large: (Uri, Bytes),
    batch: (Uri, Bytes),
}

impl Prebuilt {
    pub(crate) fn new(sink: SocketAddr) -> Result<Self, Failure> {
        let minimal = Minimal::new();
        let built = |signed: minimal::Signed| -> Result<_, Failure> {
            let uri = Uri::try_from(format!("http://{sink}{}", signed.path_and_query))?;
            Ok((uri, signed.body.into()))
        };
        Ok(Self {
            sender: Sender::new(),
            trigger: built(minimal.trigger()?)?,
            large: built(minimal.large()?)?,
            batch: built(minimal.batch()?)?,
        })
    }

    async fn send(&self, (uri, body): &(Uri, Bytes)) -> Result<(), Failure> {
        self.sender.send(uri.clone(), body.clone()).await
    }
}

impl Caller for Prebuilt {
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
