//! The chat's routes with their exact statuses, on a separate database and Channels server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod channels;
mod messages;
mod sessions;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chat::{Chat, Database, Page};
use http_body_util::BodyExt as _;
use pusher_dev_server::DevServer;
use pusher_http::Pusher;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const ADA: i64 = 1;
const BOB: i64 = 2;
/// A room of which Bob is not a member.
const LAUNCH: i64 = 2;
const ID: &str = "8d6a2c1e-58f4-4f6b-9d0f-3c1b6c0a7e51";

struct Server {
    router: Router,
    service: DevServer,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    #[track_caller]
    fn is(self, status: u16, body: &str) {
        assert_eq!((self.status.as_u16(), &*self.body), (status, body));
    }
}

impl Server {
    async fn start() -> Self {
        Self::with_database(":memory:").await
    }

    async fn with_database(path: &str) -> Self {
        let service = DevServer::start().await.unwrap();
        let router = chat::router(Chat {
            database: Database::open(path).unwrap(),
            pusher: Pusher::from_url(&service.url()).unwrap(),
            page: Page::new("pusher-js"),
        });
        Self { router, service }
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// The cookie of a new session.
    async fn sign_in(&self, user_id: i64) -> String {
        let answer = self
            .call(post("/session", "", &json!({"user_id": user_id})))
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn send(&self, cookie: &str, room: i64, id: &str, text: &str) -> Answer {
        let message = json!({"client_id": id, "text": text});
        self.call(post(&format!("/rooms/{room}/messages"), cookie, &message))
            .await
    }

    async fn authorize(&self, cookie: &str, channel: &str) -> Answer {
        let form = format!("socket_id=1234.5678&channel_name={channel}");
        let request = Request::post("/pusher/auth")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.call(request.body(form.into()).unwrap()).await
    }
}

fn get(path: &str, cookie: &str) -> Request<Body> {
    let request = Request::get(path).header(header::COOKIE, cookie);
    request.body(Body::empty()).unwrap()
}

fn post(path: &str, cookie: &str, body: &Value) -> Request<Body> {
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/json");
    request.body(body.to_string().into()).unwrap()
}

fn with(mut request: Request<Body>, name: &'static str, value: &'static str) -> Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}
