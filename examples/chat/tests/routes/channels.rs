//! Channel authorization and webhooks.

use axum::http::{Request, StatusCode};
use pusher_http::{ChannelAuth, ChannelName, PresenceMember, Pusher, SocketId, WebhookSignature};
use serde_json::json;

use crate::{BOB, ID, LAUNCH, Server, get};

#[tokio::test]
async fn only_members_come_into_a_room() {
    let server = Server::start().await;
    let bob = server.sign_in(BOB).await;
    let words = "You are not a member of this room.";
    for room in [LAUNCH, 4711] {
        let path = format!("/rooms/{room}/messages");
        server.call(get(&path, &bob)).await.is(403, words);
        server.send(&bob, room, ID, "hello").await.is(403, words);
    }
    for channel in [
        "presence-room-2",
        "presence-room-4711",
        "presence-room-01",
        "presence-room-+1",
        "presence-room-1-x",
        "private-room-1",
        "presence-cache-room-1",
    ] {
        // Encode it like a browser.
        let channel = channel.replace('+', "%2B");
        let status = server.authorize(&bob, &channel).await.status.as_u16();
        // A channel name cannot contain a plus.
        let expected = if channel.contains('%') { 400 } else { 403 };
        assert_eq!(status, expected, "{channel}");
    }

    let answer = server.authorize(&bob, "presence-room-1").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, token_of_bob(&server).to_json());
}

fn token_of_bob(server: &Server) -> ChannelAuth {
    let socket_id = SocketId::new("1234.5678").unwrap();
    let channel = ChannelName::new("presence-room-1").unwrap();
    let member = PresenceMember::new(BOB)
        .unwrap()
        .user_info(json!({"name": "Bob"}));
    let pusher = Pusher::from_url(&server.service.url()).unwrap();
    pusher
        .authorize_presence_channel(&socket_id, &channel, member.unwrap())
        .unwrap()
}

#[tokio::test]
async fn webhooks_are_verified() {
    let server = Server::start().await;
    let body = r#"{"time_ms":1,"events":[{"name":"member_added","channel":"presence-room-1","user_id":"1"}]}"#;
    let hook = |signature: Option<WebhookSignature>| {
        let mut request = Request::post("/pusher/webhook").body(body.into()).unwrap();
        if let Some(signature) = signature {
            request.headers_mut().extend(signature.headers());
        }
        request
    };
    let pusher = Pusher::from_url(&server.service.url()).unwrap();
    let signature = WebhookSignature::new(pusher.app().credentials(), body.as_bytes());
    assert_eq!(server.call(hook(Some(signature))).await.status, 200);
    assert_eq!(server.call(hook(None)).await.status, 401);
    let signature = WebhookSignature::new(pusher.app().credentials(), b"another body");
    assert_eq!(server.call(hook(Some(signature))).await.status, 401);
}
