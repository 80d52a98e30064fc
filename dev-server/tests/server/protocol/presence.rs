//! Presence channels: the member list for a new member, and the events for the others.

use pusher_dev_server::DevServer;
use pusher_http::PresenceMember;
use serde_json::json;

use crate::client::Clients as _;
use crate::socket::Socket;

const ROOM: &str = "presence-room";
const ADDED: &str = "pusher_internal:member_added";
const REMOVED: &str = "pusher_internal:member_removed";

fn member(id: &str) -> PresenceMember {
    PresenceMember::new(id)
        .unwrap()
        .user_info(json!({"name": id.to_uppercase()}))
        .unwrap()
}

#[tokio::test]
async fn new_member_gets_all_members_including_itself() {
    let server = DevServer::start().await.unwrap();
    let mut ada = Socket::connect(&server).await;
    let mut bob = Socket::connect(&server).await;
    let alone = ada.join(ROOM, member("ada")).await;
    let expected = json!({"presence": {
        "count": 1, "ids": ["ada"], "hash": {"ada": {"name": "ADA"}},
    }});
    assert_eq!(alone, expected);
    let both = bob.join(ROOM, PresenceMember::new("bob").unwrap()).await;
    let expected = json!({"presence": {
        "count": 2, "ids": ["ada", "bob"], "hash": {"ada": {"name": "ADA"}, "bob": null},
    }});
    assert_eq!(both, expected);
}

#[tokio::test]
async fn announces_joins_and_leaves_to_other_members() {
    let server = DevServer::start().await.unwrap();
    let mut ada = Socket::connect(&server).await;
    let mut bob = Socket::connect(&server).await;
    ada.join(ROOM, member("ada")).await;
    bob.join(ROOM, member("bob")).await;
    let added = ada.next().await;
    assert_eq!(
        (&added["event"], &added["channel"]),
        (&json!(ADDED), &json!(ROOM))
    );
    assert_eq!(
        added["data"],
        r#"{"user_id":"bob","user_info":{"name":"BOB"}}"#
    );
    // A member gets no event about itself.
    bob.assert_nothing_received().await;

    bob.unsubscribe(ROOM).await;
    let removed = ada.next().await;
    let expected = json!({"event": REMOVED, "channel": ROOM, "data": r#"{"user_id":"bob"}"#});
    assert_eq!(removed, expected);
    bob.assert_nothing_received().await;
}

#[tokio::test]
async fn user_on_several_connections_is_one_member() {
    let server = DevServer::start().await.unwrap();
    let mut ada = Socket::connect(&server).await;
    let mut bob = Socket::connect(&server).await;
    let mut also_bob = Socket::connect(&server).await;
    ada.join(ROOM, member("ada")).await;
    bob.join(ROOM, member("bob")).await;
    ada.expect(ADDED).await;
    let told = also_bob.join(ROOM, member("bob")).await;
    assert_eq!(told["presence"]["count"], 2);
    assert_eq!(told["presence"]["ids"], json!(["ada", "bob"]));
    ada.assert_nothing_received().await;
    bob.assert_nothing_received().await;
    let users = server.pusher().users(ROOM).await.unwrap();
    assert_eq!(users.len(), 2);

    // The server may notice either one first; only the second is announced.
    drop(bob);
    also_bob.unsubscribe(ROOM).await;
    assert_eq!(ada.expect(REMOVED).await, json!({"user_id": "bob"}));
    ada.assert_nothing_received().await;
}

#[tokio::test]
async fn removes_member_whose_connection_breaks() {
    let server = DevServer::start().await.unwrap();
    let mut ada = Socket::connect(&server).await;
    let mut bob = Socket::connect(&server).await;
    ada.join(ROOM, member("ada")).await;
    bob.join(ROOM, member("bob")).await;
    ada.expect(ADDED).await;
    drop(bob);
    assert_eq!(ada.expect(REMOVED).await, json!({"user_id": "bob"}));
    let users = server.pusher().users(ROOM).await.unwrap();
    assert_eq!(users.len(), 1);
}

#[tokio::test]
async fn does_not_notify_members_of_other_channels() {
    let server = DevServer::start().await.unwrap();
    let mut ada = Socket::connect(&server).await;
    let mut bob = Socket::connect(&server).await;
    ada.join(ROOM, member("ada")).await;
    bob.join("presence-hall", member("bob")).await;
    bob.unsubscribe("presence-hall").await;
    bob.assert_nothing_received().await;
    ada.assert_nothing_received().await;
}

#[tokio::test]
async fn forwards_member_info_verbatim() {
    let server = DevServer::start().await.unwrap();
    let mut ada = Socket::connect(&server).await;
    ada.join(ROOM, member("ada")).await;
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    // Values that a JSON parser would reject or change: too deep, too large, a duplicate key.
    for (id, info) in [
        ("deep", deep.as_str()),
        ("large", "1e999"),
        ("twice", r#"{"a":1,"a":2}"#),
    ] {
        let mut socket = Socket::connect(&server).await;
        let data = format!(r#"{{"user_id":"{id}","user_info":{info}}}"#);
        let asked = socket.signed_as(ROOM, &data);
        socket.ask_for(asked).await;
        socket.expect_frame(SUCCEEDED).await;
        let added = ada.expect_frame(ADDED).await;
        assert_eq!(added["data"], data);
        socket.unsubscribe(ROOM).await;
        ada.expect(REMOVED).await;
    }
}

const SUCCEEDED: &str = "pusher_internal:subscription_succeeded";
