//! Channel authorizations and user sign-ins as responses.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, Request, StatusCode};
use axum::response::{IntoResponse, Result};
use axum::routing::{get, post};
use pusher_http::auth::JsonpCallback;
use pusher_http::axum::Jsonp;
use pusher_http::{
    ChannelAuth, ChannelAuthRequest, ChannelName, PresenceMember, Pusher, SocketId, UserAuth,
    UserData,
};
use serde_json::json;

use crate::{AUTH, KEY, ReadResponse, SECRET, call, pusher};

/// Without the charset, a page in another charset misreads the bytes of names in the script.
///
/// Some of the resulting characters would end the string that contains them.
const SCRIPT: &str = "application/javascript; charset=utf-8";

fn socket_id() -> SocketId {
    SocketId::new("1234.1234").unwrap()
}

fn channel_auth() -> ChannelAuth {
    let channel = ChannelName::new("private-foobar").unwrap();
    pusher().authorize_channel(&socket_id(), &channel).unwrap()
}

fn user_auth() -> UserAuth {
    let user = UserData::new(42).unwrap();
    pusher().authenticate_user(&socket_id(), &user).unwrap()
}

fn callback() -> JsonpCallback {
    JsonpCallback::new("Pusher.auth_callbacks['1']").unwrap()
}

async fn read(response: impl IntoResponse) -> ReadResponse {
    ReadResponse::of(response.into_response()).await
}

#[track_caller]
fn assert_ok(response: &ReadResponse, content_type: &str, body: &str) {
    assert_eq!((response.status.as_u16(), &*response.body), (200, body));
    let headers = response.headers.keys().map(HeaderName::as_str);
    // A router adds the content length.
    let mut headers: Vec<_> = headers.filter(|name| *name != "content-length").collect();
    headers.sort_unstable();
    let expected = ["cache-control", "content-type", "x-content-type-options"];
    assert_eq!(headers, expected);
    assert_eq!(response.header("content-type"), Some(content_type));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn authorizations_are_the_documented_json() {
    let private = read(channel_auth()).await;
    assert_ok(
        &private,
        "application/json",
        &json!({"auth": AUTH}).to_string(),
    );

    let user = read(user_auth()).await;
    assert_ok(&user, "application/json", &user_auth().to_json());
    assert!(
        user.body.ends_with(r#"","user_data":"{\"id\":\"42\"}"}"#),
        "{user:?}"
    );
}

#[tokio::test]
async fn includes_channel_data_and_shared_secret() {
    let presence = ChannelName::new("presence-foobar").unwrap();
    let member = PresenceMember::new(10).unwrap();
    let auth = pusher().authorize_presence_channel(&socket_id(), &presence, member);
    let body = read(auth.unwrap()).await.body;
    assert!(
        body.ends_with(r#"","channel_data":"{\"user_id\":\"10\"}"}"#),
        "{body}"
    );

    let pusher = Pusher::builder("3", KEY, SECRET)
        .tls(false)
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=");
    let encrypted = ChannelName::new("private-encrypted-bla").unwrap();
    let pusher = pusher.build().unwrap();
    let auth = pusher.authorize_channel(&socket_id(), &encrypted);
    let body = read(auth.unwrap()).await.body;
    let secret = r#"","shared_secret":"nlr49ISQHz91yS3cy/yWmW8wFMNeTnNL5tNHnbPJcLQ="}"#;
    assert!(body.ends_with(secret), "{body}");
}

#[tokio::test]
async fn jsonp_calls_callback_if_present() {
    let called = read(Jsonp::new(channel_auth(), callback())).await;
    let body = format!(r#"Pusher.auth_callbacks['1']({{"auth":"{AUTH}"}});"#);
    assert_ok(&called, SCRIPT, &body);

    let user = read(Jsonp::new(user_auth(), callback())).await;
    let body = user_auth().to_jsonp(&callback());
    assert_ok(&user, SCRIPT, &body);

    let plain = read(Jsonp::new(channel_auth(), None)).await;
    assert_ok(&plain, "application/json", &channel_auth().to_json());
}

/// The server decides whether to respond with JSONP, not a callback in the request.
#[tokio::test]
async fn callback_alone_does_not_enable_jsonp() {
    async fn json(
        State(pusher): State<Pusher>,
        request: ChannelAuthRequest,
    ) -> Result<ChannelAuth> {
        assert!(request.callback.is_some());
        Ok(pusher.authorize_channel(&request.socket_id, &request.channel_name)?)
    }
    async fn jsonp(
        State(pusher): State<Pusher>,
        request: ChannelAuthRequest,
    ) -> Result<Jsonp<ChannelAuth>> {
        let auth = pusher.authorize_channel(&request.socket_id, &request.channel_name)?;
        Ok(Jsonp::new(auth, request.callback))
    }
    let router = Router::new()
        .route("/json", get(json))
        .route("/jsonp", get(jsonp))
        .with_state(pusher());
    let ask = |path: &str| {
        let query = "socket_id=1234.1234&channel_name=private-foobar&callback=cb";
        let request = Request::get(format!("{path}?{query}"));
        call(router.clone(), request.body(String::new().into()).unwrap())
    };
    let body = json!({"auth": AUTH}).to_string();
    assert_ok(&ask("/json").await, "application/json", &body);
    let body = format!("cb({body});");
    assert_ok(&ask("/jsonp").await, SCRIPT, &body);
}

#[tokio::test]
async fn handler_denies_with_status_and_rejects_with_error() {
    async fn handler(
        State(pusher): State<Pusher>,
        request: ChannelAuthRequest,
    ) -> Result<ChannelAuth> {
        if request.channel_name == "private-secret" {
            return Err(StatusCode::FORBIDDEN.into());
        }
        Ok(pusher.authorize_channel(&request.socket_id, &request.channel_name)?)
    }
    let router = Router::new().route("/", post(handler)).with_state(pusher());
    let ask = |channel: &str| {
        let form = format!("socket_id=1234.1234&channel_name={channel}");
        let request = Request::post("/");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        call(router.clone(), request.body(form.into()).unwrap())
    };
    assert_eq!(
        ask("private-foobar").await.body,
        json!({"auth": AUTH}).to_string()
    );
    assert_eq!(ask("private-secret").await.status, 403);
    // A public channel needs no authorization.
    ask("public").await.is_plain(400, "Bad Request");
    // The client has no master key.
    ask("private-encrypted-a")
        .await
        .is_plain(500, "Internal Server Error");
}
