//! Authorizations: each signed text has only one meaning, so one grant cannot be used as another.

use proptest::prelude::*;
use pusher_http::auth::{ChannelAuthRequest, UserAuthRequest};
use pusher_http::webhook::WebhookSignature;
use pusher_http::{App, ChannelName, Error, PresenceMember, SocketId, UserData, WebhookError};
use serde_json::{Value, json};

use crate::strategies::{
    CHANNEL, PRESENCE_CHANNEL, PRIVATE_CHANNEL, SOCKET_ID, USER_ID, json, nasty, near, text,
};
use crate::{app, cases, rules};

/// The permission that an authorization gives.
#[derive(Debug, Clone, PartialEq)]
enum Grant {
    Channel {
        socket_id: String,
        channel: String,
    },
    Member {
        socket_id: String,
        channel: String,
        member: Value,
    },
    User {
        socket_id: String,
        user: Value,
    },
}

impl Grant {
    /// Returns the text that is signed according to the documentation, or `None` if the crate
    /// rejects the grant.
    fn signed_text(&self) -> Option<String> {
        let app = app();
        let socket_id = |text: &str| SocketId::new(text).ok();
        let channel = |text: &str| ChannelName::new(text).ok();
        let (auth, text) = match self {
            Self::Channel {
                socket_id: id,
                channel: name,
            } => {
                let auth = app
                    .authorize_channel(&socket_id(id)?, &channel(name)?)
                    .ok()?;
                (auth.auth().to_owned(), format!("{id}:{name}"))
            }
            Self::Member {
                socket_id: id,
                channel: name,
                member,
            } => {
                let of = PresenceMember::new(member["user_id"].as_str()?).ok()?;
                let of = of.user_info(&member["user_info"]).unwrap();
                let auth = app
                    .authorize_presence_channel(&socket_id(id)?, &channel(name)?, of)
                    .ok()?;
                let data = auth.channel_data().unwrap();
                assert_eq!(&serde_json::from_str::<Value>(data).unwrap(), member);
                (auth.auth().to_owned(), format!("{id}:{name}:{data}"))
            }
            Self::User {
                socket_id: id,
                user,
            } => {
                let of = UserData::new(user["id"].as_str()?).ok()?;
                let of = of.user_info(&user["user_info"]).unwrap();
                let auth = app.authenticate_user(&socket_id(id)?, &of).ok()?;
                let data = auth.user_data();
                assert_eq!(&serde_json::from_str::<Value>(data).unwrap(), user);
                (auth.auth().to_owned(), format!("{id}::user::{data}"))
            }
        };
        let signature = auth.strip_prefix("key:").unwrap();
        assert!(
            app.credentials().verify(&[&text], signature),
            "{text:?} is what was signed"
        );
        Some(text)
    }

    /// Returns the one grant that a signed text belongs to.
    fn read(text: &str) -> Self {
        let (socket_id, rest) = text.split_once(':').unwrap();
        let socket_id = socket_id.to_owned();
        if let Some(user) = rest.strip_prefix(":user::") {
            let user = serde_json::from_str(user).unwrap();
            return Self::User { socket_id, user };
        }
        // A name may contain a colon, but not a brace.
        match rest.split_once(":{") {
            None => Self::Channel {
                socket_id,
                channel: rest.to_owned(),
            },
            Some((channel, member)) => Self::Member {
                socket_id,
                channel: channel.to_owned(),
                member: serde_json::from_str(&format!("{{{member}")).unwrap(),
            },
        }
    }

    fn is_valid(&self) -> bool {
        let of_user = |id: &Value| rules::is_user_id(id.as_str().unwrap());
        match self {
            Self::Channel { socket_id, channel } => {
                rules::is_socket_id(socket_id)
                    && rules::is_channel(channel)
                    && channel.starts_with("private-")
                    && !channel.starts_with("private-encrypted-") // This app has no master key.
            }
            Self::Member {
                socket_id,
                channel,
                member,
            } => {
                rules::is_socket_id(socket_id)
                    && rules::is_channel(channel)
                    && channel.starts_with("presence-")
                    && of_user(&member["user_id"])
            }
            Self::User { socket_id, user } => {
                rules::is_socket_id(socket_id) && of_user(&user["id"])
            }
        }
    }
}

/// IDs that try to inject other fields.
fn user_id() -> impl Strategy<Value = String> {
    prop_oneof![
        near(USER_ID),
        (text("[0-9]{1,3}"), nasty(), text("[0-9.]{1,3}")).prop_map(|(a, b, c)| a + b + &c),
        Just(r#"1","user_info":{"admin":true},"x":""#.to_owned()),
        Just(r#"1:presence-boss:{"user_id":"2"}"#.to_owned()),
        Just("1.1::user::{\"id\":\"2\"}".to_owned()),
    ]
}

fn grant() -> impl Strategy<Value = Grant> {
    let socket_id = || near(SOCKET_ID);
    prop_oneof![
        (
            socket_id(),
            prop_oneof![near(PRIVATE_CHANNEL), near(CHANNEL)]
        )
            .prop_map(|(socket_id, channel)| Grant::Channel { socket_id, channel }),
        (socket_id(), near(PRESENCE_CHANNEL), user_id(), json()).prop_map(
            |(socket_id, channel, id, info)| Grant::Member {
                socket_id,
                channel,
                member: json!({"user_id": id, "user_info": info}),
            }
        ),
        (socket_id(), user_id(), json()).prop_map(|(socket_id, id, info)| Grant::User {
            socket_id,
            user: json!({"id": id, "user_info": info}),
        }),
    ]
}

proptest! {
    #![proptest_config(cases(256))]

    /// A text with only one reading cannot belong to two grants.
    #[test]
    fn signed_text_has_only_one_reading(grant in grant()) {
        match grant.signed_text() {
            Some(text) => {
                prop_assert!(grant.is_valid());
                prop_assert_eq!(Grant::read(&text), grant);
            }
            None => prop_assert!(!grant.is_valid(), "{:?} was refused", grant),
        }
    }

    /// Webhooks and requests are signed with the same secret.
    #[test]
    fn authorization_signature_is_not_valid_for_webhook_or_request(grant in grant()) {
        if let Some(text) = grant.signed_text() {
            let signature = WebhookSignature::new(app().credentials(), text.as_bytes());
            let webhook = app().webhook(&signature.headers(), text.as_bytes());
            let is_malformed = matches!(webhook, Err(Error::Webhook(WebhookError::Malformed(_))));
            prop_assert!(is_malformed, "{:?}", webhook);
            // The signed text of a request begins with its method and a line break.
            let method = text.split('\n').next().unwrap();
            prop_assert!(http::Method::from_bytes(method.as_bytes()).is_err());
        }
    }

    #[test]
    fn verifies_only_the_exact_signature(
        text in any::<String>(), wrong in proptest::collection::vec(any::<u8>(), 0..130),
    ) {
        let token = app().credentials().clone();
        let signature = token.sign(&[&text]);
        prop_assert!(token.verify(&[&text], &signature));
        prop_assert!(!token.verify(&[&text], &wrong));
        let wrong: Vec<u8> = signature.bytes().zip(wrong).map(|(a, b)| a ^ b).collect();
        prop_assert_eq!(token.verify(&[&text], &wrong), wrong == signature.as_bytes());
    }
}

/// The 2015 advisory: server libraries that did not check the socket ID, or checked it loosely,
/// signed `{socket_id}:{channel_name}` for a browser that put a channel into its socket ID.
#[test]
fn rejects_socket_id_attack_of_2015() {
    let attacks = [
        // The target is in the socket ID; the rest of the text becomes the member's data.
        ("1.1:private-boss", "private-mine"),
        ("1.1:private-boss:", "private-mine"),
        ("1.1:presence-boss:{\"user_id\":\"1\"}", "private-mine"),
        ("1.1::user::{\"id\":\"boss\"}", "private-mine"),
        // In many regular expressions `$` matches before a last line break, in some before any.
        ("1.1\n", "private-mine"),
        ("1.1\n:private-boss", "private-mine"),
        (":private-boss\n1.1", "private-mine"),
        ("1.1\r\n", "private-mine"),
        ("1.1\0:private-boss", "private-mine"),
        ("1.1\u{2028}:private-boss", "private-mine"),
        // Digits that are not ASCII digits, and numbers that are not socket IDs.
        ("١.١", "private-mine"),
        ("1.1.1", "private-mine"),
        ("1e1.1", "private-mine"),
        ("", "private-mine"),
        (".", "private-mine"),
        (" 1.1", "private-mine"),
        // The target, or the member's data, is in the channel.
        ("1.1", "presence-boss:{\"user_id\":\"1\"}"),
        ("1.1", "private-boss\n"),
        ("1.1", "private-mine\n:private-boss"),
        ("1.1", "#server-to-user-boss"),
        ("1.1", ":user::{\"id\":\"boss\"}"),
        ("1.1", ""),
    ];
    for (socket_id, channel) in attacks {
        let encode =
            |text| url::form_urlencoded::byte_serialize(str::as_bytes(text)).collect::<String>();
        let form = format!(
            "socket_id={}&channel_name={}",
            encode(socket_id),
            encode(channel)
        );
        let json = json!({"socket_id": socket_id, "channel_name": channel}).to_string();
        for request in [
            ChannelAuthRequest::from_form(form.as_bytes()),
            ChannelAuthRequest::from_query(&form),
            ChannelAuthRequest::from_json(json.as_bytes()),
        ] {
            let error = request.unwrap_err();
            assert!(matches!(error, Error::Invalid { .. }), "{form}: {error}");
        }
        if channel == "private-mine" {
            assert!(
                UserAuthRequest::from_form(form.as_bytes()).is_err(),
                "{form}"
            );
        }
        let checked = (SocketId::new(socket_id), ChannelName::new(channel));
        assert!(
            !matches!(checked, (Ok(_), Ok(_))),
            "{socket_id:?} {channel:?}"
        );
    }
    // A doubly encoded colon is not a digit either.
    for form in [
        "socket_id=1.1%253Aprivate-boss&channel_name=private-mine",
        "socket_id=1.1&channel_name=private-mine%253A",
    ] {
        assert!(
            ChannelAuthRequest::from_form(form.as_bytes()).is_err(),
            "{form}"
        );
    }
    // Some servers allow such a name, and its authorization is valid only for that name.
    for channel in [
        "private-mine:private-boss",
        ":private-boss",
        "private-mine:",
    ] {
        let form = format!("socket_id=1.1&channel_name={channel}");
        let request = ChannelAuthRequest::from_form(form.as_bytes()).unwrap();
        let member = PresenceMember::new("1").unwrap();
        let hosted = App::builder("3", "key", "secret").build_app().unwrap();
        let error = hosted.authorize(&request, &member).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{form}: {error}");
        if let Ok(auth) = app().authorize(&request, &member) {
            let signature = auth.auth().strip_prefix("key:").unwrap();
            let signs = |text: &str| app().credentials().verify(&[text], signature);
            assert!(signs(&format!("1.1:{channel}")), "{channel}");
            assert!(!signs("1.1:private-mine") && !signs("1.1:private-boss"));
        } else {
            assert_eq!(channel, ":private-boss", "a public one");
        }
    }
    // For an honest browser, only this channel is signed.
    let (socket_id, channel) = (
        SocketId::new("1.1").unwrap(),
        ChannelName::new("private-mine").unwrap(),
    );
    let auth = app().authorize_channel(&socket_id, &channel).unwrap();
    let signature = auth.auth().strip_prefix("key:").unwrap();
    assert!(app().credentials().verify(&["1.1:private-mine"], signature));
    assert!(!app().credentials().verify(&["1.1:private-boss"], signature));
}
