//! Who may subscribe: the token is checked on every kind of channel but the public ones, the
//! cache kinds among them.

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

/// Asks, and asserts that the service's words of a wrong token come back, and nothing else.
async fn refused(socket: &mut Socket, asked: &Value) -> String {
    socket.ask_for(asked.clone()).await;
    let words = socket.error(None).await;
    let channel = asked["channel"].as_str().unwrap();
    let signed = match asked["channel_data"].as_str() {
        Some(data) => format!("{}:{channel}:{data}", socket.id),
        None => format!("{}:{channel}", socket.id),
    };
    let start = format!("Invalid signature: Expected HMAC SHA256 hex digest of {signed}, but got ");
    let given = words.strip_prefix(&start);
    let given = given.unwrap_or_else(|| panic!("{words}")).to_owned();
    socket.assert_nothing_came().await;
    given
}

#[tokio::test]
async fn a_wrong_token_is_refused_in_the_services_words() {
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
            // The signature is right, but of a key that the app does not have.
            (json!(format!("other-key:{signature}")), signature.clone()),
            (json!(format!(":{signature}")), signature.clone()),
            (json!(signature), String::new()),
            (json!(""), String::new()),
            (Value::Null, String::new()),
        ] {
            let mut asked = right.clone();
            asked["auth"] = auth;
            assert_eq!(refused(&mut socket, &asked).await, given, "{channel}");
        }
    }
    let channels = server.pusher().channels().await.unwrap();
    assert!(channels.is_empty(), "{channels:?}");
}

#[tokio::test]
async fn no_token_at_all_is_refused() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    for channel in KINDS {
        refused(&mut socket, &json!({"channel": channel})).await;
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_connection_and_its_channel_alone() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let other = Socket::connect(&server).await;
    for channel in KINDS {
        let of_another = other.subscription(channel);
        refused(&mut socket, &of_another).await;
        let mut for_another = socket.subscription(channel);
        for_another["channel"] = json!(format!("{channel}-2"));
        refused(&mut socket, &for_another).await;
    }
}

#[tokio::test]
async fn a_member_is_who_was_signed() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let mut asked = socket.membership("presence-room", PresenceMember::new("1").unwrap());
    asked["channel_data"] = json!(r#"{"user_id":"2"}"#);
    refused(&mut socket, &asked).await;
    // The same value in other words is not what was signed either.
    asked["channel_data"] = json!(r#"{ "user_id":"1"}"#);
    refused(&mut socket, &asked).await;
}

#[tokio::test]
async fn a_private_channels_token_does_not_open_a_presence_channel() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let token = server.app().credentials();
    let signature = token.sign(&[socket.id.as_str(), ":presence-room"]);
    let auth = format!("{}:{signature}", token.key());
    socket
        .ask_for(json!({"channel": "presence-room", "auth": auth}))
        .await;
    let words = socket.error(None).await;
    assert_eq!(words, "channel_data is required for presence channels");
}

#[tokio::test]
async fn an_older_token_is_as_good() {
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
async fn a_public_channel_asks_for_no_token() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    let asked = json!({"channel": "room", "auth": "nonsense", "channel_data": "nonsense"});
    socket.ask_for(asked).await;
    socket
        .expect("pusher_internal:subscription_succeeded")
        .await;
}
