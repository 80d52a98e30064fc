//! Signing in, events for one user, and watchlists.

use pusher_dev_server::{DevLimits, DevServer};
use pusher_http::{Limits, UserData};
use serde_json::{Value, json};

use crate::client::Clients as _;
use crate::socket::Socket;

const ODD_IDS: [&str; 6] = ["a b", "a/b c?é", "\"quoted\"", "%2F", "#", "\\ \u{0}\n☃"];

/// Starts a server that accepts more user IDs than the hosted service.
pub(crate) async fn with_any_user_ids() -> DevServer {
    let limits = DevLimits {
        api: Limits::default().user_id_any_chars(true),
        ..DevLimits::default()
    };
    DevServer::builder().limits(limits).start().await.unwrap()
}

async fn signed_in(server: &DevServer, user: UserData) -> Socket {
    let mut socket = Socket::connect(server).await;
    socket.sign_in(user).await;
    socket
}

#[tokio::test]
async fn signs_in_with_valid_auth() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let user_data = r#"{ "id":"1", "user_info":{"name":"Ada"}, "more": [1] }"#;
    let auth = socket.sign_in_auth(user_data);
    socket.ask_to_sign_in(&auth, user_data).await;
    let frame = socket.next().await;
    let data = json!({"user_data": user_data}).to_string();
    // The signed data comes back unchanged.
    let expected = json!({"event": "pusher:signin_success", "data": data});
    assert_eq!(frame, expected);
}

#[tokio::test]
async fn rejects_sign_in_with_wrong_auth() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let other = Socket::connect(&server).await;
    let user_data = r#"{"id":"1"}"#;
    let right = socket.sign_in_auth(user_data);
    let signature = right.strip_prefix("local-key:").unwrap();
    for auth in [
        String::new(),
        signature.to_owned(),
        format!("other-key:{signature}"),
        format!("{right}0"),
        other.sign_in_auth(user_data),
        socket.sign_in_auth(r#"{"id":"2"}"#),
    ] {
        socket.ask_to_sign_in(&auth, user_data).await;
        let message = socket.error(Some(4009)).await;
        let given = auth.split_once(':').map_or("", |(_, given)| given);
        let expected = format!(
            "Invalid signature: Expected HMAC SHA256 hex digest of {}::user::{user_data}, \
             but got {given}",
            socket.id
        );
        assert_eq!(message, expected);
    }
    socket
        .ask_for(json!({"channel": "#server-to-user-1"}))
        .await;
    let message = socket.error(None).await;
    assert_eq!(message, "Not signed in as the user of #server-to-user-1");
}

#[tokio::test]
async fn rejects_malformed_user_data_even_if_signed() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let long = json!({"id": "é".repeat(129)}).to_string();
    let watching = json!({"id": "1", "watchlist": vec!["x"; 101]}).to_string();
    for user_data in [
        "",
        "null",
        "{}",
        r#"["1"]"#,
        r#"{"id":null}"#,
        r#"{"id":""}"#,
        r#"{"id":{}}"#,
        r#"{"id":"1","watchlist":"2"}"#,
        r#"{"id":"1","watchlist":[""]}"#,
        long.as_str(),
        watching.as_str(),
    ] {
        let auth = socket.sign_in_auth(user_data);
        socket.ask_to_sign_in(&auth, user_data).await;
        let message = socket.error(Some(4009)).await;
        assert!(message.starts_with("Invalid user_data: "), "{message}");
    }
    // None of the attempts counts as a sign-in.
    socket
        .sign_in(
            UserData::new("1")
                .unwrap()
                .watchlist(vec!["x"; 100])
                .unwrap(),
        )
        .await;
}

#[tokio::test]
async fn rejects_sign_in_with_characters_outside_limits() {
    let hosted = DevServer::start().await.unwrap();
    let roomy = with_any_user_ids().await;
    for id in ODD_IDS.into_iter().chain([":", "é"]) {
        let mut socket = Socket::connect(&hosted).await;
        for (user_data, is_named) in [
            (json!({"id": id}), true),
            (json!({"id": "1", "watchlist": ["2", id]}), true),
            (json!({"id": "1", "watchlist": ["2"]}), false),
        ] {
            let user_data = user_data.to_string();
            let auth = socket.sign_in_auth(&user_data);
            socket.ask_to_sign_in(&auth, &user_data).await;
            if is_named {
                let message = socket.error(Some(4009)).await;
                let expected = format!("Invalid user_data: invalid user id {id:?}: ");
                assert!(message.starts_with(&expected), "{message}");
            } else {
                socket.expect("pusher:signin_success").await;
            }
        }
        signed_in(&roomy, UserData::new(id).unwrap()).await;
    }
    let longest = "AZaz09_-=@,.;".repeat(10);
    signed_in(&hosted, UserData::new(&longest[2..]).unwrap()).await;
}

#[tokio::test]
async fn rejects_second_sign_in() {
    let server = DevServer::start().await.unwrap();
    let mut socket = signed_in(&server, UserData::new("1").unwrap()).await;
    let user_data = r#"{"id":"2"}"#;
    let auth = socket.sign_in_auth(user_data);
    socket.ask_to_sign_in(&auth, user_data).await;
    let message = socket.error(Some(4009)).await;
    assert_eq!(message, "The connection is signed in already");
    socket.subscribe("#server-to-user-1").await;
}

#[tokio::test]
async fn delivers_user_event_only_to_all_connections_of_that_user() {
    let server = with_any_user_ids().await;
    for id in ODD_IDS {
        let channel = format!("#server-to-user-{id}");
        let mut first = signed_in(&server, UserData::new(id).unwrap()).await;
        let mut second = signed_in(&server, UserData::new(id).unwrap()).await;
        let mut other = signed_in(&server, UserData::new(format!("{id}2")).unwrap()).await;
        first.subscribe(&channel).await;
        second.subscribe(&channel).await;
        other.ask_for(json!({"channel": channel})).await;
        let message = other.error(None).await;
        assert_eq!(message, format!("Not signed in as the user of {channel}"));

        let pusher = server.pusher();
        pusher
            .send_to_user(id, "hello", json!({"é": 1}))
            .await
            .unwrap();
        for socket in [&mut first, &mut second] {
            let frame = socket.next().await;
            let expected = json!({"event": "hello", "channel": channel, "data": "{\"é\":1}"});
            assert_eq!(frame, expected);
        }
        other.assert_nothing_received().await;
        let recorded = server.expect_event(&channel, "hello").await.unwrap();
        assert_eq!(recorded.json::<Value>().unwrap(), json!({"é": 1}));
    }
}

#[tokio::test]
async fn rejects_other_reserved_channels() {
    let server = DevServer::start().await.unwrap();
    let mut socket = signed_in(&server, UserData::new("1").unwrap()).await;
    for channel in [
        "#server-to-user-",
        "#server-to-user",
        "#1",
        "#server-to-user-2",
    ] {
        socket.ask_for(json!({"channel": channel})).await;
        socket.error(None).await;
    }
}

fn watchlist(name: &str, ids: &[&str]) -> Value {
    json!({"events": [{"name": name, "user_ids": ids}]})
}

const WATCHLIST: &str = "pusher_internal:watchlist_events";

#[tokio::test]
async fn notifies_watcher_of_first_and_last_connection() {
    let server = with_any_user_ids().await;
    for id in ODD_IDS {
        let user = || UserData::new(id).unwrap();
        let watching = UserData::new("watcher")
            .unwrap()
            .watchlist([id, "nobody"])
            .unwrap();
        let mut watcher = signed_in(&server, watching).await;
        let mut first = signed_in(&server, user()).await;
        assert_eq!(watcher.expect(WATCHLIST).await, watchlist("online", &[id]));
        let mut second = signed_in(&server, user()).await;
        watcher.assert_nothing_received().await;
        first.assert_nothing_received().await;

        drop(first);
        second.assert_nothing_received().await;
        drop(second);
        // If two connections end, only the last one is announced.
        assert_eq!(watcher.expect(WATCHLIST).await, watchlist("offline", &[id]));
        watcher.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn tells_new_watcher_who_is_already_online() {
    let server = DevServer::start().await.unwrap();
    let ada = signed_in(&server, UserData::new("ada").unwrap()).await;
    let bob = signed_in(&server, UserData::new("bob").unwrap()).await;
    let watching = UserData::new("eve")
        .unwrap()
        .watchlist(["bob", "nobody", "ada"])
        .unwrap();
    let mut watcher = signed_in(&server, watching).await;
    let told = watcher.expect(WATCHLIST).await;
    assert_eq!(told, watchlist("online", &["bob", "ada"]));
    watcher.assert_nothing_received().await;
    drop((ada, bob));
}

#[tokio::test]
async fn notifies_self_watcher_once() {
    let server = DevServer::start().await.unwrap();
    let mut socket = signed_in(
        &server,
        UserData::new("1").unwrap().watchlist(["1"]).unwrap(),
    )
    .await;
    assert_eq!(socket.expect(WATCHLIST).await, watchlist("online", &["1"]));
    socket.assert_nothing_received().await;
}

#[tokio::test]
async fn termination_notifies_watchers_and_closes_with_4009() {
    let server = DevServer::start().await.unwrap();
    let mut watcher = signed_in(
        &server,
        UserData::new("eve").unwrap().watchlist(["ada"]).unwrap(),
    )
    .await;
    let mut ada = signed_in(&server, UserData::new("ada").unwrap()).await;
    watcher.expect(WATCHLIST).await;
    let pusher = server.pusher();
    pusher.terminate_user_connections("ada").await.unwrap();
    assert_eq!(ada.close_code().await, 4009);
    let told = watcher.expect(WATCHLIST).await;
    assert_eq!(told, watchlist("offline", &["ada"]));
    // The user may sign in again.
    signed_in(&server, UserData::new("ada").unwrap()).await;
    let told = watcher.expect(WATCHLIST).await;
    assert_eq!(told, watchlist("online", &["ada"]));
}
