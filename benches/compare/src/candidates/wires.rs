//! The HTTP libraries of the floors.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::floor::Wire;
use crate::Failure;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// hyper, with hyper-util's pool.
pub(crate) struct Hyper(Client<HttpConnector, Full<Bytes>>);

impl Hyper {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        // As reqwest has it.
        connector.set_nodelay(true);
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }
}

impl Wire for Hyper {
    type Url = Uri;

    fn url(text: String) -> Result<Uri, Failure> {
        Ok(text.try_into()?)
    }

    async fn send(&self, url: Cow<'_, Uri>, body: Bytes) -> Result<(), Failure> {
        let request = http::Request::post(url.into_owned())
            .header(CONTENT_TYPE, JSON)
            .body(Full::new(body))?;
        let response = self.0.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        expect_empty_object(status, &body)
    }
}

/// reqwest as it comes, which takes a URL as text.
pub(crate) struct Reqwest(reqwest::Client);

impl Reqwest {
    pub(crate) fn new() -> Self {
        Self(reqwest::Client::new())
    }
}

impl Wire for Reqwest {
    type Url = String;

    fn url(text: String) -> Result<String, Failure> {
        Ok(text)
    }

    async fn send(&self, url: Cow<'_, String>, body: Bytes) -> Result<(), Failure> {
        let request = self.0.post(url.as_str()).header(CONTENT_TYPE, JSON);
        let response = request.body(body).send().await?;
        let status = response.status();
        expect_empty_object(status, &response.bytes().await?)
    }
}

/// Whether a call got the response of the sink.
pub(super) fn expect_empty_object(status: StatusCode, body: &[u8]) -> Result<(), Failure> {
    if status == StatusCode::OK && body == b"{}" {
        return Ok(());
    }
    let body = String::from_utf8_lossy(body);
    Err(format!("the answer is {status}: {body}").into())
}
