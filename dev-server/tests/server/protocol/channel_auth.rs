//! Channel authorization, which is checked on every type of channel except public ones.
//!
//! It is also checked on the cache types.

use pusher_dev_server::DevServer;
use pusher_http::PresenceMember;
use serde_json::{Value, json};

use crate::client::Clients as _;
use crate::socket::Socket;

const KINDS: [&str; 6] = [
    "private-room",
    "private-encrypted-room",
    "presence-room",
    "private-cache-room",
    "private-encrypted-cache-room",
    "presence-cache-room",
];

/// Tries to subscribe; returns the signature that the error message quotes.
///
/// Asserts that only the service's message for a wrong signature comes back.
async fn rejected(socket: &mut Socket, asked: &Value) -> String {
    socket.ask_for(asked.clone()).await;
    let message = socket.error(None).await;
    let channel = asked["channel"].as_str().unwrap();
    let signed = match asked["channel_data"].as_str() {
        Some(data) => format!("{}:{channel}:{data}", socket.id),
        None => format!("{}:{channel}", socket.id),
    };
    let start = format!("Invalid signature: Expected HMAC SHA256 hex digest of {signed}, but got ");
    let given = message.strip_prefix(&start);
    let given = given.unwrap_or_else(|| panic!("{message}")).to_owned();
    socket.assert_nothing_received().await;
    given
}

#[tokio::test]
async fn rejects_wrong_auth_with_message_of_service() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for channel in KINDS {
        let right = socket.subscription(channel);
        let (_, signature) = right["auth"].as_str().unwrap().split_once(':').unwrap();
        let signature = signature.to_owned();
        for (auth, given) in [
            (json!("local-key:0000"), "0000".to_owned()),
            (
                json!(format!("local-key:{}", signature.to_uppercase())),
                signature.to_uppercase(),
            ),
            (
                json!(format!("local-key:{signature}0")),
                format!("{signature}0"),
            ),
            // The signature is valid, but the app does not have this key.
            (json!(format!("other-key:{signature}")), signature.clone()),
            (json!(format!(":{signature}")), signature.clone()),
            (json!(signature), String::new()),
            (json!(""), String::new()),
            (Value::Null, String::new()),
        ] {
            let mut asked = right.clone();
            asked["auth"] = auth;
            assert_eq!(rejected(&mut socket, &asked).await, given, "{channel}");
        }
    }
    let channels = server.pusher().channels().await.unwrap();
    assert!(channels.is_empty(), "{channels:?}");
}

/// The signature of a name with a colon must not be that of another channel with data.
#[tokio::test]
async fn rejects_data_signed_on_channel_without_members() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let credentials = server.app().credentials().clone();
    let signature = credentials.sign(&[format!("{}:private-room:1", socket.id)]);
    let auth = format!("{}:{signature}", credentials.key());
    let asked = json!({"channel": "private-room", "auth": auth, "channel_data": "1"});
    socket.ask_for(asked).await;
    let message = socket.error(None).await;
    let signed = format!("{}:private-room", socket.id);
    let expected = format!(
        "Invalid signature: Expected HMAC SHA256 hex digest of {signed}, but got {signature}"
    );
    assert_eq!(message, expected);
    let channels = server.pusher().channels().await.unwrap();
    assert!(channels.is_empty(), "{channels:?}");
}

#[tokio::test]
async fn rejects_missing_auth() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for channel in KINDS {
        rejected(&mut socket, &json!({"channel": channel})).await;
    }
}

#[tokio::test]
async fn auth_is_valid_only_for_its_socket_and_channel() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let other = Socket::connect(&server).await;
    for channel in KINDS {
        let of_another = other.subscription(channel);
        rejected(&mut socket, &of_another).await;
        let mut for_another = socket.subscription(channel);
        for_another["channel"] = json!(format!("{channel}-2"));
        rejected(&mut socket, &for_another).await;
    }
}

#[tokio::test]
async fn rejects_member_that_was_not_signed() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let mut asked = socket.membership("presence-room", PresenceMember::new("1").unwrap());
    asked["channel_data"] = json!(r#"{"user_id":"2"}"#);
    rejected(&mut socket, &asked).await;
    // An equal value with different whitespace was not signed either.
    asked["channel_data"] = json!(r#"{ "user_id":"1"}"#);
    rejected(&mut socket, &asked).await;
}

#[tokio::test]
async fn rejects_private_channel_auth_on_presence_channel() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let token = server.app().credentials();
    let signature = token.sign(&[socket.id.as_str(), ":presence-room"]);
    let auth = format!("{}:{signature}", token.key());
    socket
        .ask_for(json!({"channel": "presence-room", "auth": auth}))
        .await;
    let message = socket.error(None).await;
    assert_eq!(message, "channel_data is required for presence channels");
}

#[tokio::test]
async fn accepts_auth_signed_with_older_credentials() {
    let app = pusher_dev_server::DevApp::new("a", "new", "new secret")
        .older_credentials("old", "old secret");
    let server = DevServer::builder().app(app).start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let old = &server.app().all_credentials()[1];
    let signature = old.sign(&[socket.id.as_str(), ":private-room"]);
    let asked = json!({"channel": "private-room", "auth": format!("old:{signature}")});
    socket.ask_for(asked).await;
    socket
        .expect("pusher_internal:subscription_succeeded")
        .await;
}

#[tokio::test]
async fn public_channel_needs_no_auth() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let asked = json!({"channel": "room", "auth": "nonsense", "channel_data": "nonsense"});
    socket.ask_for(asked).await;
    socket
        .expect("pusher_internal:subscription_succeeded")
        .await;
}
