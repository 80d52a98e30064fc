//! Presence members: limits of a presence channel, and the format of member data.

use pusher_dev_server::{DevLimits, DevServer};
use pusher_http::PresenceMember;
use serde_json::json;

use crate::client::Clients as _;
use crate::socket::Socket;

const ROOM: &str = "presence-room";
const SUCCEEDED: &str = "pusher_internal:subscription_succeeded";

async fn with_members(presence_members: usize) -> DevServer {
    let limits = DevLimits {
        presence_members,
        ..DevLimits::default()
    };
    DevServer::builder().limits(limits).start().await.unwrap()
}

#[tokio::test]
async fn full_channel_rejects_new_user() {
    let server = with_members(2).await;
    let mut sockets = Vec::new();
    for id in ["ada", "bob", "bob"] {
        let mut socket = Socket::connect(&server).await;
        // A user who is already a member may join from another connection.
        socket.join(ROOM, PresenceMember::new(id).unwrap()).await;
        sockets.push(socket);
    }
    let mut late = Socket::connect(&server).await;
    let asked = late.membership(ROOM, PresenceMember::new("eve").unwrap());
    late.ask_for(asked.clone()).await;
    let message = late.error(None).await;
    assert_eq!(message, "The presence channel presence-room is full");

    sockets[0].unsubscribe(ROOM).await;
    sockets[2].expect("pusher_internal:member_removed").await;
    late.ask_for(asked).await;
    late.expect(SUCCEEDED).await;
}

#[tokio::test]
async fn default_limit_is_100_members() {
    let server = DevServer::start().await.unwrap();
    let mut sockets = Vec::new();
    for id in 0..100 {
        let mut socket = Socket::connect(&server).await;
        let member = PresenceMember::new(id).unwrap();
        let told = socket.join(ROOM, member).await;
        assert_eq!(told["presence"]["count"], id + 1);
        sockets.push(socket);
    }
    let mut late = Socket::connect(&server).await;
    let asked = late.membership(ROOM, PresenceMember::new("100").unwrap());
    late.ask_for(asked).await;
    late.error(None).await;
}

#[tokio::test]
async fn rejected_member_is_not_subscribed() {
    let server = with_members(0).await;
    let mut socket = Socket::connect(&server).await;
    let asked = socket.membership(ROOM, PresenceMember::new("1").unwrap());
    socket.ask_for(asked).await;
    socket.error(None).await;
    let pusher = server.pusher();
    assert!(pusher.channels().await.unwrap().is_empty());
    pusher.trigger(ROOM, "e", 1).await.unwrap();
    socket.assert_nothing_received().await;
}

/// Returns member data of exactly this many bytes.
fn member_of(bytes: usize) -> String {
    let around = r#"{"user_id":"1","user_info":""}"#.len();
    let info = "x".repeat(bytes - around);
    format!(r#"{{"user_id":"1","user_info":"{info}"}}"#)
}

#[tokio::test]
async fn rejects_member_over_1_kb() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let asked = socket.signed_as(ROOM, &member_of(1_025));
    socket.ask_for(asked).await;
    let message = socket.error(None).await;
    assert_eq!(message, "The presence member has 1025 bytes, over 1024");
    let asked = socket.signed_as(ROOM, &member_of(1_024));
    socket.ask_for(asked).await;
    socket.expect(SUCCEEDED).await;
}

#[tokio::test]
async fn rejects_malformed_member() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let long = format!(r#"{{"user_id":"{}"}}"#, "é".repeat(129));
    for data in [
        "",
        "null",
        "1",
        "{}",
        r#"["1"]"#,
        r#"{"user_id":null}"#,
        r#"{"user_id":""}"#,
        r#"{"user_id":["1"]}"#,
        r#"{"user_id":"1""#,
        long.as_str(),
    ] {
        let asked = socket.signed_as(ROOM, data);
        socket.ask_for(asked).await;
        let message = socket.error(None).await;
        assert!(
            message.starts_with("Invalid channel_data: "),
            "{data}: {message}"
        );
    }
    assert!(server.pusher().users(ROOM).await.unwrap().is_empty());
}

#[tokio::test]
async fn accepts_numeric_or_any_text_user_id() {
    let server = DevServer::start().await.unwrap();
    let longest = "é".repeat(128);
    for (data, id) in [
        (r#"{"user_id":7}"#.to_owned(), "7"),
        (json!({"user_id": "a/b \"c\" é"}).to_string(), "a/b \"c\" é"),
        (json!({"user_id": longest}).to_string(), longest.as_str()),
    ] {
        let mut socket = Socket::connect(&server).await;
        let asked = socket.signed_as(ROOM, &data);
        socket.ask_for(asked).await;
        let told = socket.expect(SUCCEEDED).await;
        assert_eq!(told["presence"]["ids"], json!([id]));
        let users = server.pusher().users(ROOM).await.unwrap();
        assert_eq!(users[0].id, id);
        socket.unsubscribe(ROOM).await;
        socket.assert_nothing_received().await;
    }
}
