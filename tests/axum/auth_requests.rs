//! The browser's auth request as an extractor.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::http::Request;
use axum::routing::any;
use pusher_http::axum::Rejection;
use pusher_http::{ChannelAuthRequest, Error, UserAuthRequest};

use crate::{ReadResponse, call};

const FORM: &str = "application/x-www-form-urlencoded";
const WHOLE: &str = "socket_id=1.2&channel_name=private-a&room+key=x%20y";
const READ: &str = "1.2 private-a None x y";

/// Returns a router that responds with the extracted values.
fn router() -> Router {
    Router::new()
        .route("/channel", any(channel))
        .route("/user", any(user))
        .route("/own", any(own))
}

async fn channel(request: ChannelAuthRequest) -> String {
    let callback = request.callback.as_ref().map(AsRef::<str>::as_ref);
    let room_key = request.params.get("room key").unwrap_or("-");
    format!(
        "{} {} {callback:?} {room_key}",
        request.socket_id, request.channel_name
    )
}

async fn user(request: UserAuthRequest) -> String {
    request.socket_id.to_string()
}

async fn own(request: Result<ChannelAuthRequest, Rejection>) -> String {
    request.unwrap_err().to_string()
}

fn post(path: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("content-type", content_type)
        .body(body.into())
        .unwrap()
}

fn get(target: &str) -> Request<Body> {
    Request::get(target).body(Body::empty()).unwrap()
}

async fn response_to(request: Request<Body>) -> ReadResponse {
    call(router(), request).await
}

#[tokio::test]
async fn extracts_form_json_and_query() {
    let json = r#"{"socket_id":"1.2","channel_name":"private-a","room key":"x y"}"#;
    for request in [
        post("/channel", FORM, WHOLE),
        post("/channel", &format!("{FORM}; charset=UTF-8"), WHOLE),
        post("/channel", "Application/X-WWW-Form-UrlEncoded", WHOLE),
        post("/channel", "application/json", json),
        post("/channel", "application/json ; charset=utf-8", json),
        get(&format!("/channel?{WHOLE}")),
    ] {
        let shown = format!("{request:?}");
        let response = response_to(request).await;
        assert_eq!(
            (response.status.as_u16(), &*response.body),
            (200, READ),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn extracts_user_request_with_only_a_socket_id() {
    for request in [
        post("/user", FORM, "socket_id=1.2"),
        post("/user", "application/json", r#"{"socket_id":"1.2"}"#),
        get("/user?socket_id=1.2"),
    ] {
        assert_eq!(response_to(request).await.body, "1.2");
    }
    response_to(post("/user", FORM, "channel_name=private-a"))
        .await
        .is_plain(400, "Bad Request");
}

#[tokio::test]
async fn extracts_jsonp_callback() {
    let target = format!("/channel?callback=Pusher.auth_callbacks%5B%271%27%5D&{WHOLE}");
    assert_eq!(
        response_to(get(&target)).await.body,
        r#"1.2 private-a Some("Pusher.auth_callbacks['1']") x y"#
    );
    response_to(get(&format!("/channel?callback=alert(1)&{WHOLE}")))
        .await
        .is_plain(400, "Bad Request");
}

#[tokio::test]
async fn reads_body_only_for_post_and_query_only_for_get() {
    let mut request = post("/channel", FORM, WHOLE);
    *request.method_mut() = "GET".parse().unwrap();
    response_to(request).await.is_plain(400, "Bad Request");
    let target = format!("/channel?{WHOLE}");
    response_to(post(&target, FORM, ""))
        .await
        .is_plain(400, "Bad Request");
    let mut request = get(&target);
    *request.method_mut() = "HEAD".parse().unwrap();
    assert_eq!(response_to(request).await.status, 200);
}

#[tokio::test]
async fn malformed_request_is_400_with_error_for_the_log() {
    for (content_type, body) in [
        (FORM, ""),
        (FORM, "socket_id=1.2"),
        (FORM, "socket_id=MARKER&channel_name=private-a"),
        (FORM, "socket_id=1.2&channel_name=MARKER%20MARKER"),
        (FORM, "socket_id=1.2&channel_name=a&channel_name=b"),
        (FORM, r#"{"socket_id":"1.2","channel_name":"a"}"#),
        ("application/json", WHOLE),
        ("application/json", "[]"),
        (
            "application/json",
            r#"{"socket_id":1.2,"channel_name":"a"}"#,
        ),
        (
            "application/json",
            r#"{"socket_id":"MARKER","channel_name":"a"}"#,
        ),
    ] {
        let response = response_to(post("/channel", content_type, body)).await;
        response.is_plain(400, "Bad Request");
        let error = response.error.expect("the error goes along");
        assert!(matches!(*error, Error::Invalid { .. }), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn other_content_type_is_415() {
    for content_type in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded-not",
        "application/jsonp",
        "text/html, application/json",
        "",
    ] {
        let response = response_to(post("/channel", content_type, WHOLE)).await;
        response.is_plain(415, "Unsupported Media Type");
    }
    let without = Request::post("/channel").body(Body::from(WHOLE)).unwrap();
    response_to(without)
        .await
        .is_plain(415, "Unsupported Media Type");
}

fn of_size(bytes: usize) -> String {
    let start = format!("{WHOLE}&more=");
    start.clone() + &"x".repeat(bytes - start.len())
}

#[tokio::test]
async fn limits_body_to_64_kib_regardless_of_router_limit() {
    assert_eq!(ChannelAuthRequest::MAX_BODY_BYTES, 65_536);
    for limit in [
        None,
        Some(DefaultBodyLimit::disable()),
        Some(DefaultBodyLimit::max(10)),
    ] {
        let router = || match limit {
            Some(limit) => router().layer(limit),
            None => router(),
        };
        let largest = post("/channel", FORM, of_size(65_536));
        assert_eq!(call(router(), largest).await.body, READ);
        let larger = post("/channel", FORM, of_size(65_537));
        call(router(), larger)
            .await
            .is_plain(413, "Payload Too Large");
    }
}

#[tokio::test]
async fn endless_body_is_413() {
    let endless = futures_util::stream::repeat(Ok::<_, std::convert::Infallible>(
        Bytes::from_static(&[b'x'; 1_024]),
    ));
    response_to(post("/channel", FORM, Body::from_stream(endless)))
        .await
        .is_plain(413, "Payload Too Large");
}

#[tokio::test]
async fn truncated_body_is_400() {
    let broken = futures_util::stream::iter([
        Ok(Bytes::from_static(b"socket_id=1.2")),
        Err(std::io::Error::other("MARKER")),
    ]);
    response_to(post("/channel", FORM, Body::from_stream(broken)))
        .await
        .is_plain(400, "Bad Request");
}

#[tokio::test]
async fn handler_can_handle_rejection() {
    for (content_type, body, message) in [
        (
            "text/plain",
            of_size(60),
            "the request is neither a form nor JSON",
        ),
        (
            FORM,
            String::new(),
            "invalid auth request: socket_id is missing",
        ),
        (FORM, of_size(65_537), "the body could not be read"),
    ] {
        assert_eq!(
            response_to(post("/own", content_type, body)).await.body,
            message
        );
    }
}
