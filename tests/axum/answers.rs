//! Tokens as responses.

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

use crate::{AUTH, Answer, KEY, SECRET, call, pusher};

/// Without the charset, a page in another reads the bytes of its own names as other characters, and
/// some of these end the string that they are in.
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

async fn answer(response: impl IntoResponse) -> Answer {
    Answer::of(response.into_response()).await
}

#[track_caller]
fn is_answer(answer: &Answer, content_type: &str, body: &str) {
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, body));
    let headers = answer.headers.keys().map(HeaderName::as_str);
    // A router adds its length.
    let mut headers: Vec<_> = headers.filter(|name| *name != "content-length").collect();
    headers.sort_unstable();
    let expected = ["cache-control", "content-type", "x-content-type-options"];
    assert_eq!(headers, expected);
    assert_eq!(answer.header("content-type"), Some(content_type));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn tokens_are_the_documented_json() {
    let private = answer(channel_auth()).await;
    is_answer(
        &private,
        "application/json",
        &json!({"auth": AUTH}).to_string(),
    );

    let user = answer(user_auth()).await;
    is_answer(&user, "application/json", &user_auth().to_json());
    assert!(
        user.body.ends_with(r#"","user_data":"{\"id\":\"42\"}"}"#),
        "{user:?}"
    );
}

#[tokio::test]
async fn members_and_shared_secrets_are_in_them() {
    let presence = ChannelName::new("presence-foobar").unwrap();
    let member = PresenceMember::new(10).unwrap();
    let auth = pusher().authorize_presence_channel(&socket_id(), &presence, member);
    let body = answer(auth.unwrap()).await.body;
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
    let body = answer(auth.unwrap()).await.body;
    let secret = r#"","shared_secret":"nlr49ISQHz91yS3cy/yWmW8wFMNeTnNL5tNHnbPJcLQ="}"#;
    assert!(body.ends_with(secret), "{body}");
}

#[tokio::test]
async fn jsonp_calls_the_callback_where_there_is_one() {
    let called = answer(Jsonp::new(channel_auth(), callback())).await;
    let body = format!(r#"Pusher.auth_callbacks['1']({{"auth":"{AUTH}"}});"#);
    is_answer(&called, SCRIPT, &body);

    let user = answer(Jsonp::new(user_auth(), callback())).await;
    let body = user_auth().to_jsonp(&callback());
    is_answer(&user, SCRIPT, &body);

    let plain = answer(Jsonp::new(channel_auth(), None)).await;
    is_answer(&plain, "application/json", &channel_auth().to_json());
}

/// Whether to answer by JSONP is the server's choice: a callback alone makes no script.
#[tokio::test]
async fn a_callback_in_the_request_changes_nothing_by_itself() {
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
    is_answer(&ask("/json").await, "application/json", &body);
    let body = format!("cb({body});");
    is_answer(&ask("/jsonp").await, SCRIPT, &body);
}

#[tokio::test]
async fn a_handler_denies_by_a_status_and_refuses_by_the_error() {
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
    // It needs no token.
    ask("public").await.is_plain(400, "Bad Request");
    // There is no master key.
    ask("private-encrypted-a")
        .await
        .is_plain(500, "Internal Server Error");
}
