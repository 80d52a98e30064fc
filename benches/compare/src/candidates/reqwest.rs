//! The floor below a client on reqwest.

use std::net::SocketAddr;

use bytes::Bytes;
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, HeaderValue};

use super::calls::Caller;
use super::minimal::{self, Minimal};
use crate::Failure;

pub(crate) struct Sender(Client);

impl Sender {
    pub(crate) fn new() -> Self {
        Self(Client::new())
    }

    pub(crate) async fn send(&self, url: &str, body: Bytes) -> Result<(), Failure> {
        let response = self
            .0
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body)
            .send()
            .await?;
        let status = response.status();
        super::expect_empty_object(status, &response.bytes().await?)
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
        let url = format!("{}{}", self.base, signed.path_and_query);
        self.sender.send(&url, signed.body.into()).await
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
    trigger: (String, Bytes),
    large: (String, Bytes),
    batch: (String, Bytes),
}

impl Prebuilt {
    pub(crate) fn new(sink: SocketAddr) -> Result<Self, Failure> {
        let minimal = Minimal::new();
        let built = |signed: minimal::Signed| {
            let url = format!("http://{sink}{}", signed.path_and_query);
            (url, signed.body.into())
        };
        Ok(Self {
            sender: Sender::new(),
            trigger: built(minimal.trigger()?),
            large: built(minimal.large()?),
            batch: built(minimal.batch()?),
        })
    }

    async fn send(&self, (url, body): &(String, Bytes)) -> Result<(), Failure> {
        self.sender.send(url, body.clone()).await
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
