//! The feature `axum`: exact statuses, bodies and headers of each extractor and response.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod auth_requests;
mod errors;
mod responses;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use pusher_http::{Error, Pusher};
use tower::ServiceExt as _;

const KEY: &str = "278d425bdf160c739803";
const SECRET: &str = "7ad3773142a6692b25b8";
/// The documented authorization of the socket 1234.1234 for the channel private-foobar.
const AUTH: &str =
    "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";

fn pusher() -> Pusher {
    Pusher::builder("3", KEY, SECRET)
        .tls(false)
        .build()
        .unwrap()
}

/// A response whose body has been read.
#[derive(Debug)]
struct ReadResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    /// The error in the response's extensions, for logging.
    error: Option<Arc<Error>>,
}

impl ReadResponse {
    async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.into()).unwrap(),
            error: head.extensions.get().cloned(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Asserts the status and the text of the response.
    ///
    /// It must be `text/plain`, so that no client interprets it as anything else.
    #[track_caller]
    fn is_plain(&self, status: u16, message: &str) {
        assert_eq!(
            (self.status.as_u16(), self.body.as_str()),
            (status, message),
            "{self:?}"
        );
        assert_eq!(
            self.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
}

async fn call(router: Router, request: Request<Body>) -> ReadResponse {
    ReadResponse::of(router.oneshot(request).await.unwrap()).await
}
