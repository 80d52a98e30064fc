//! Sending events to a user, and terminating a user's connections.

use pusher_http::{Limits, Pusher};
use serde_json::json;

use crate::common::ScriptedServer;

/// An id with characters that must be escaped in paths or in JSON.
const ODD_ID: &str = "a/b c?é\"";

/// Returns a client that accepts such an id, unlike the hosted service.
fn any_id(server: &ScriptedServer) -> Pusher {
    let limits = Limits::default().user_id_any_chars(true);
    server.builder().limits(limits).build().unwrap()
}

#[tokio::test]
async fn sends_user_event_to_server_to_user_channel() {
    let server = ScriptedServer::start().await;
    any_id(&server)
        .send_to_user(ODD_ID, "notification", json!({"n": 1}))
        .await
        .unwrap();
    let request = server.request();
    assert_eq!(request.uri.path(), "/apps/3/events");
    assert_eq!(
        request.body,
        r##"{"name":"notification","channels":["#server-to-user-a/b c?é\""],"data":"{\"n\":1}"}"##
    );
}

#[tokio::test]
async fn terminates_user_connections_with_encoded_path() {
    let server = ScriptedServer::start().await;
    let pusher = any_id(&server);
    pusher.terminate_user_connections(ODD_ID).await.unwrap();
    let request = server.request();
    assert_eq!(request.method, "POST");
    assert_eq!(
        request.uri.path(),
        "/apps/3/users/a%2Fb%20c%3F%C3%A9%22/terminate_connections"
    );
    assert_eq!(request.body, "{}");
}

#[tokio::test]
async fn rejects_invalid_user_ids_before_sending() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    for id in ["", ".", "..", &"x".repeat(129)] {
        let error = pusher.terminate_user_connections(id).await.unwrap_err();
        assert!(matches!(error, pusher_http::Error::Invalid { .. }), "{id}");
    }
    assert!(pusher.send_to_user("", "e", 1).await.is_err());
    assert_eq!(server.recorded().len(), 0);
}
