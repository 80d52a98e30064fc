//! Queries for all channels, one channel, and the users of a channel.

use pusher_dev_server::DevServer;
use pusher_http::{PresenceMember, UserData};
use serde_json::json;

use super::{get, json};
use crate::client::Clients as _;
use crate::socket::Socket;

fn rejected(message: &str) -> (u16, String) {
    (400, message.to_owned())
}

async fn visited_by_two_users() -> (DevServer, [Socket; 2]) {
    let server = DevServer::start().await.unwrap();
    let mut ada = Socket::connect(&server).await;
    let mut bob = Socket::connect(&server).await;
    ada.join("presence-room", PresenceMember::new("ada").unwrap())
        .await;
    bob.join("presence-room", PresenceMember::new("bob").unwrap())
        .await;
    bob.join("presence-hall", PresenceMember::new("bob").unwrap())
        .await;
    bob.subscribe("room").await;
    bob.sign_in(UserData::new("bob").unwrap()).await;
    // The API does not list a user's own channel.
    bob.subscribe("#server-to-user-bob").await;
    (server, [ada, bob])
}

#[tokio::test]
async fn lists_occupied_channels() {
    let (server, [ada, bob]) = visited_by_two_users().await;
    let (status, all) = get(&server, "/channels", &[]).await;
    assert_eq!(status, 200);
    let expected = json!({"channels": {"presence-hall": {}, "presence-room": {}, "room": {}}});
    assert_eq!(json(&all), expected);

    let (_, some) = get(&server, "/channels", &[("filter_by_prefix", "presence-r")]).await;
    assert_eq!(json(&some), json!({"channels": {"presence-room": {}}}));
    let (_, none) = get(&server, "/channels", &[("filter_by_prefix", "x")]).await;
    assert_eq!(none, r#"{"channels":{}}"#);
    drop((ada, bob));
}

#[tokio::test]
async fn counts_users_only_with_presence_prefix() {
    let (server, sockets) = visited_by_two_users().await;
    let users = ("info", "user_count");
    let query = [("filter_by_prefix", "presence-"), users];
    let (status, counted) = get(&server, "/channels", &query).await;
    assert_eq!(status, 200);
    let expected = json!({"channels": {
        "presence-hall": {"user_count": 1}, "presence-room": {"user_count": 2},
    }});
    assert_eq!(json(&counted), expected);

    let message = "user_count may only be requested for presence channels - please supply \
                 filter_by_prefix beginning with presence-";
    assert_eq!(get(&server, "/channels", &[users]).await, rejected(message));
    for prefix in ["", "presence", "private-"] {
        let query = [("filter_by_prefix", prefix), users];
        let response = get(&server, "/channels", &query).await;
        assert_eq!(response, rejected(message), "{prefix}");
    }
    let query = [("filter_by_prefix", "presence-"), ("info", "user_count,x")];
    let response = get(&server, "/channels", &query).await;
    assert_eq!(response, rejected("Unknown attribute x"));
    drop(sockets);
}

#[tokio::test]
async fn returns_state_of_one_channel() {
    let (server, sockets) = visited_by_two_users().await;
    for (channel, info, expected) in [
        ("room", "", json!({"occupied": true})),
        ("empty", "", json!({"occupied": false})),
        ("a,b;c@d=e", "", json!({"occupied": false})),
        (
            "room",
            "subscription_count",
            json!({"occupied": true, "subscription_count": 1}),
        ),
        (
            "presence-room",
            "user_count",
            json!({"occupied": true, "user_count": 2}),
        ),
        (
            "presence-empty",
            "user_count",
            json!({"occupied": false, "user_count": 0}),
        ),
        (
            "cache-room",
            "cache,subscription_count",
            json!({"occupied": false, "cache": null, "subscription_count": 0}),
        ),
    ] {
        let path = format!("/channels/{channel}");
        let (status, state) = get(&server, &path, &[("info", info)]).await;
        assert_eq!(status, 200, "{channel}: {state}");
        assert_eq!(json(&state), expected, "{channel}");
    }
    drop(sockets);
}

#[tokio::test]
async fn rejects_attributes_of_other_channel_types() {
    let server = DevServer::start().await.unwrap();
    for (channel, attribute) in [
        ("room", "user_count"),
        ("private-room", "user_count"),
        ("presence-room", "subscription_count"),
        ("presence-room", "cache"),
        ("cached", "cache"),
        ("room", "x"),
    ] {
        let path = format!("/channels/{channel}");
        let response = get(&server, &path, &[("info", attribute)]).await;
        let message = format!("Cannot retrieve {attribute} of the channel {channel}");
        assert_eq!(response, rejected(&message));
    }
}

#[tokio::test]
async fn returns_cached_event_with_ttl() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    pusher.trigger("cache-room", "e", 1).await.unwrap();
    pusher
        .trigger("cache-room", "e", json!({"a": 2}))
        .await
        .unwrap();
    let query = [("info", "cache")];
    let (status, state) = get(&server, "/channels/cache-room", &query).await;
    assert_eq!(status, 200);
    let state = json(&state);
    assert_eq!(state["occupied"], false);
    assert_eq!(state["cache"]["data"], r#"{"a":2}"#);
    let ttl = state["cache"]["ttl"].as_u64().unwrap();
    assert!((1..=1_800).contains(&ttl), "{ttl}");
}

#[tokio::test]
async fn lists_users_of_presence_channel() {
    let (server, [ada, mut bob]) = visited_by_two_users().await;
    let users = async || get(&server, "/channels/presence-room/users", &[]).await;
    let two = r#"{"users":[{"id":"ada"},{"id":"bob"}]}"#;
    assert_eq!(users().await, (200, two.to_owned()));
    bob.unsubscribe("presence-room").await;
    bob.assert_nothing_received().await;
    assert_eq!(
        users().await,
        (200, r#"{"users":[{"id":"ada"}]}"#.to_owned())
    );

    let none = get(&server, "/channels/presence-empty/users", &[]).await;
    assert_eq!(none, (200, r#"{"users":[]}"#.to_owned()));
    for channel in ["room", "private-room", "presence", "cache-room"] {
        let response = get(&server, &format!("/channels/{channel}/users"), &[]).await;
        let message = "Users can only be retrieved for presence channels";
        assert_eq!(response, rejected(message), "{channel}");
    }
    drop(ada);
}
