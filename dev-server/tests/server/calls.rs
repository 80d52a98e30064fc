//! Records of HTTP API calls, including rejected and incomplete ones.

use pusher_dev_server::{DevServer, Fault};
use pusher_http::http::Method;
use pusher_http::{Info, SocketId};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::api::post;
use crate::client::Clients as _;
use crate::client::client_with;
use crate::until::until;

#[tokio::test]
async fn records_call_with_signed_fields() {
    let server = DevServer::start().await.unwrap();
    let socket_id = SocketId::new("1.2").unwrap();
    server
        .pusher()
        .trigger("room", "e", 1)
        .exclude(socket_id)
        .info(Info::SUBSCRIPTION_COUNT)
        .await
        .unwrap();
    server.pusher().channels().prefix("a b").await.unwrap();

    let [trigger, channels] = server.calls().try_into().unwrap();
    assert_eq!(trigger.app_id, "local-app");
    assert_eq!(trigger.method, Method::POST);
    assert_eq!(trigger.path, "/apps/local-app/events");
    let names: Vec<_> = trigger
        .query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap().0)
        .collect();
    let signed = ["auth_key", "auth_timestamp", "auth_version", "body_md5"];
    assert_eq!(names, signed);
    let body: Value = serde_json::from_str(&trigger.body).unwrap();
    let expected = json!({
        "name": "e", "channels": ["room"], "data": "1", "socket_id": "1.2",
        "info": "subscription_count",
    });
    assert_eq!(body, expected);
    assert_eq!(trigger.status, Some(200));
    assert_eq!((trigger.refusal, trigger.fault), (None, None));

    assert_eq!(channels.method, Method::GET);
    assert!(channels.query.ends_with("&filter_by_prefix=a%20b"));
    assert_eq!(channels.body, "");

    let event = &server.events()[0];
    assert_eq!(event.excluded.as_deref(), Some("1.2"));
    assert_eq!(event.info.as_deref(), Some("subscription_count"));
}

#[tokio::test]
async fn records_rejected_call_with_reason() {
    let server = DevServer::start().await.unwrap();
    let (status, message) = post(&server, "/events", r#"{"name":"e","data":"1"}"#).await;
    assert_eq!(status, 400);
    let call = &server.calls()[0];
    assert_eq!(call.status, Some(400));
    assert_eq!(call.refusal.as_deref(), Some(message.as_str()));

    let stranger = client_with(&server, "wrong").build().unwrap();
    stranger.trigger("room", "e", 1).await.unwrap_err();
    let call = &server.calls()[1];
    assert_eq!(call.status, Some(401));
    let refusal = call.refusal.as_deref().unwrap();
    assert!(refusal.starts_with("Invalid signature: "), "{refusal}");
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn records_fault_by_name() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::Status(503));
    server.fail_next(Fault::ResetAfterRead);
    let pusher = server.pusher();
    for _ in 0..2 {
        pusher.trigger("room", "e", 1).await.unwrap_err();
    }
    let [rejected, broken] = server.calls().try_into().unwrap();
    assert_eq!(rejected.fault.as_deref(), Some("Status(503)"));
    assert_eq!(rejected.status, Some(503));
    assert_eq!(broken.fault.as_deref(), Some("ResetAfterRead"));
    assert_eq!(broken.status, None);
}

#[tokio::test]
async fn records_call_outside_path_prefix() {
    let builder = DevServer::builder().path_prefix("/realtime");
    let server = builder.start().await.unwrap();
    let without = client_with(&server, "local-secret").build().unwrap();
    let error = without.trigger("room", "e", 1).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    let [call] = server.calls().try_into().unwrap();
    assert_eq!(call.path, "/apps/local-app/events");
    assert_eq!(call.status, Some(404));
    let message = "Not found: the API's paths begin with /realtime/apps/";
    assert_eq!(call.refusal.as_deref(), Some(message));
    assert_eq!(call.app_id, "local-app");
    let wrong = client_with(&server, "local-secret").path_prefix("/wrong");
    let error = wrong.build().unwrap().trigger("room", "e", 1).await;
    assert_eq!(error.unwrap_err().status(), Some(404));
    assert_eq!(server.calls()[1].path, "/wrong/apps/local-app/events");
    let favicon = format!("http://{}/favicon.ico", server.address());
    let client = pusher_http::reqwest::Client::builder().no_proxy().build();
    let response = client.unwrap().get(favicon).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(server.calls().len(), 2);
}

#[tokio::test]
async fn records_truncated_body() {
    let server = DevServer::start().await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let part =
        "POST /apps/local-app/events?a=b HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{";
    stream.write_all(part.as_bytes()).await.unwrap();
    until(|| !server.calls().is_empty()).await;
    drop(stream);
    until(|| server.calls()[0].refusal.is_some()).await;
    let [call] = server.calls().try_into().unwrap();
    assert_eq!(call.query, "a=b");
    assert!(call.refusal.unwrap().starts_with("The body ends early: "));
    assert_eq!(call.body, "");
}

#[tokio::test]
async fn records_oversized_body() {
    let server = DevServer::start().await.unwrap();
    let body = vec![b'x'; 64 * 1024 * 1024 + 1];
    let (status, message) = post(&server, "/events", body).await;
    assert_eq!(status, 413);
    assert_eq!(message, "The body is over 67108864 bytes");
    let [call] = server.calls().try_into().unwrap();
    assert_eq!(call.status, Some(413));
    assert_eq!(call.refusal.as_deref(), Some(message.as_str()));
    assert_eq!(call.body, "");
}
