//! The feature `axum`: exact statuses, bodies and headers of each extractor and response.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod answers;
mod auth_requests;
mod errors;
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
/// The documented token of the connection 1234.1234 for the channel private-foobar.
const AUTH: &str =
    "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";

fn pusher() -> Pusher {
    Pusher::builder("3", KEY, SECRET)
        .tls(false)
        .build()
        .unwrap()
}

/// A response that is read.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    /// What goes along for a log.
    error: Option<Arc<Error>>,
}

impl Answer {
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

    /// The status and its own words, as plain text that nobody may take for anything else.
    #[track_caller]
    fn is_plain(&self, status: u16, words: &str) {
        assert_eq!(
            (self.status.as_u16(), self.body.as_str()),
            (status, words),
            "{self:?}"
        );
        assert_eq!(
            self.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
}

async fn call(router: Router, request: Request<Body>) -> Answer {
    Answer::of(router.oneshot(request).await.unwrap()).await
}
