//! The test's own server.
//!
//! It receives the webhooks, forwards them to `auth_server`, signs in the user with the odd ID, and
//! serves pages on the `jsonp` transport.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use pusher_http::auth::{ChannelAuthRequest, JsonpCallback, UserAuthRequest};
use pusher_http::{PresenceMember, Pusher, UserData, WebhookEvent};
use tokio::net::TcpListener;

use crate::inbox::Inbox;
use crate::server::http;
use crate::stage::odd_user_id;

pub(crate) struct OwnServer {
    pub(crate) pusher: Pusher,
    /// The events of the received webhooks.
    pub(crate) webhooks: Arc<Inbox<WebhookEvent>>,
    /// The URL to which each webhook is forwarded.
    pub(crate) example_webhook: String,
    /// The statuses of the responses to the forwarded webhooks.
    pub(crate) example_statuses: Arc<Inbox<StatusCode>>,
}

impl OwnServer {
    /// Serves on a free port; returns the origin.
    pub(crate) async fn start(self) -> String {
        let router = Router::new()
            .route("/pusher/webhook", post(receive_webhook))
            .route("/pusher/auth", get(authorize_by_jsonp))
            .route("/pusher/user-auth", post(sign_in_the_odd_user))
            .with_state(Arc::new(self));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        origin
    }
}

async fn receive_webhook(
    State(own): State<Arc<OwnServer>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Ok(webhook) = own.pusher.webhook(&headers, &body) else {
        return StatusCode::UNAUTHORIZED;
    };
    for event in webhook.events {
        own.webhooks.put(event);
    }
    let forwarded = http()
        .post(&own.example_webhook)
        .headers(headers)
        .body(body)
        .send()
        .await
        .unwrap();
    own.example_statuses.put(forwarded.status());
    StatusCode::OK
}

async fn sign_in_the_odd_user(State(own): State<Arc<OwnServer>>, body: Bytes) -> String {
    let request = UserAuthRequest::from_form(&body).unwrap();
    let user = UserData::new(odd_user_id()).unwrap();
    own.pusher
        .authenticate_user(&request.socket_id, &user)
        .unwrap()
        .to_json()
}

async fn authorize_by_jsonp(
    State(own): State<Arc<OwnServer>>,
    request: ChannelAuthRequest,
) -> ([(&'static str, &'static str); 1], String) {
    assert_eq!(request.params.get("room_key"), Some("a b"));
    let member = PresenceMember::new(1).unwrap();
    let auth = own.pusher.authorize(&request, member);
    let content_type = [("content-type", JsonpCallback::CONTENT_TYPE)];
    (
        content_type,
        auth.unwrap().to_jsonp(&request.callback.unwrap()),
    )
}
