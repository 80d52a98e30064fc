//! Parsing the browser's request, and the exact documented response.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use pusher_http::auth::{self, ChannelAuthRequest, JsonpCallback, UserAuthRequest};
use pusher_http::encryption::MasterKey;
use pusher_http::{App, ChannelName, Error, Limits, PresenceMember, SocketId, UserData};
use serde_json::json;

const AUTH: &str =
    "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";

fn app() -> App {
    App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8")
        .build_app()
        .unwrap()
}

fn socket_id() -> SocketId {
    SocketId::new("1234.1234").unwrap()
}

fn presence() -> ChannelName {
    ChannelName::new("presence-foobar").unwrap()
}

#[test]
fn parses_form_query_and_json_alike() {
    let form = "socket_id=1.2&channel_name=private-a%3B%40b&room+key=x%20y%2Bz&empty=";
    for request in [
        ChannelAuthRequest::from_form(form.as_bytes()).unwrap(),
        ChannelAuthRequest::from_query(form).unwrap(),
        ChannelAuthRequest::from_json(
            br#"{"socket_id":"1.2","channel_name":"private-a;@b","room key":"x y+z","empty":""}"#,
        )
        .unwrap(),
    ] {
        assert_eq!(request.socket_id, "1.2");
        assert_eq!(request.channel_name, "private-a;@b");
        assert_eq!(request.callback, None);
        let params: Vec<_> = request.params.iter().collect();
        assert_eq!(params, [("room key", "x y+z"), ("empty", "")]);
        assert_eq!(request.params.get("absent"), None);
        let debug = format!("{:?}", request.params);
        assert!(
            debug.contains("room key") && !debug.contains("x y"),
            "{debug}"
        );
    }
}

#[test]
fn user_auth_request_needs_only_a_socket_id() {
    let request = UserAuthRequest::from_form(b"socket_id=1.2&a=b").unwrap();
    assert_eq!(request.socket_id, "1.2");
    assert_eq!(request.params.get("a"), Some("b"));
}

#[test]
fn null_callback_is_none() {
    let body = br#"{"socket_id":"1.2","channel_name":"a","callback":null}"#;
    let request = ChannelAuthRequest::from_json(body).unwrap();
    assert_eq!(request.callback, None);
}

#[test]
fn non_string_params_keep_their_json() {
    let body = br#"{"socket_id":"1.2","channel_name":"a","n":1.50,"o": { "k":[null]},"u":null}"#;
    let request = ChannelAuthRequest::from_json(body).unwrap();
    assert_eq!(request.params.get("n"), Some("1.50"));
    assert_eq!(request.params.get("o"), Some(r#"{ "k":[null]}"#));
    assert_eq!(request.params.get("u"), Some("null"));
}

#[test]
fn rejects_missing_malformed_and_duplicate_fields() {
    for form in [
        "",
        "socket_id=1.2",
        "channel_name=a",
        "socket_id=&channel_name=a",
        "socket_id=1.2&channel_name=",
        "socket_id=1.2&channel_name=a%20b",
        "socket_id=1.2%0A&channel_name=a",
        "socket_id=1.2%3Aprivate-boss&channel_name=a",
        "socket_id=1.2&channel_name=%23server-to-user-1",
        "socket_id=1.2&channel_name=a&channel_name=b",
        "socket_id=1.2&socket_id=1.2&channel_name=a",
        "socket_id=1.2&channel_name=a&callback=alert(1)",
        "socket_id=%ff&channel_name=a",
    ] {
        let error = ChannelAuthRequest::from_form(form.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{form}: {error}");
    }
    for json in [
        "",
        "[]",
        "null",
        "{",
        r#"{"socket_id":1.2,"channel_name":"a"}"#,
        r#"{"socket_id":1234.10,"channel_name":"a"}"#,
        r#"{"socket_id":"1.2","channel_name":["a"]}"#,
        r#"{"socket_id":"1.2","channel_name":null}"#,
        r#"{"socket_id":"1.2","channel_name":true}"#,
        r#"{"socket_id":"1.2","channel_name":5}"#,
        r#"{"socket_id":"1.2","channel_name":"a","callback":1}"#,
        r#"{"socket_id":null,"socket_id":"1.2","channel_name":"a"}"#,
        r#"{"socket_id":"1.2","channel_name":null,"channel_name":"a"}"#,
        r#"{"socket_id":"1.2","channel_name":"a","callback":null,"callback":"b"}"#,
        r#"{"socket_id":"1.2","channel_name":"a","callback":"b","callback":null}"#,
        r#"{"socket_id":"1.2","channel_name":"a","callback":null,"callback":null}"#,
        r#"{"socket_id":"1.2","channel_name":"a","x":"\ud800"}"#,
    ] {
        let error = ChannelAuthRequest::from_json(json.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{json}: {error}");
    }
    assert!(ChannelAuthRequest::from_json(b"\xff").is_err());
    let long = format!(r#"{{"socket_id":"{}"}}"#, "x".repeat(1_000_000));
    let error = ChannelAuthRequest::from_json(long.as_bytes()).unwrap_err();
    assert!(
        error.to_string().len() < 1_000,
        "{}",
        error.to_string().len()
    );
}

#[test]
fn auth_responses_match_documented_json() {
    let private = ChannelName::new("private-foobar").unwrap();
    let auth = app().authorize_channel(&socket_id(), &private).unwrap();
    assert_eq!(auth.to_json(), format!(r#"{{"auth":"{AUTH}"}}"#));
    assert_eq!(serde_json::to_string(&auth).unwrap(), auth.to_json());

    let member = PresenceMember::new("10")
        .and_then(|member| member.user_info(json!({"name": "Mr. Pusher"})))
        .unwrap();
    let auth = app()
        .authorize_presence_channel(&socket_id(), &presence(), member)
        .unwrap();
    assert_eq!(
        auth.to_json(),
        r#"{"auth":"278d425bdf160c739803:48dac51d2d7569e1e9c0f48c227d4b26f238fa68e5c0bb04222c966909c4f7c4","channel_data":"{\"user_id\":\"10\",\"user_info\":{\"name\":\"Mr. Pusher\"}}"}"#
    );

    let user = app()
        .authenticate_user(&socket_id(), &UserData::new("12345").unwrap())
        .unwrap();
    assert_eq!(
        user.to_json(),
        r#"{"auth":"278d425bdf160c739803:4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba","user_data":"{\"id\":\"12345\"}"}"#
    );
}

#[test]
fn encrypted_channel_auth_has_shared_secret() {
    let app = App::builder("3", "foo", "bar")
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
        .build_app()
        .unwrap();
    let socket_id = SocketId::new("345.23").unwrap();
    let channel = ChannelName::new("private-encrypted-bla").unwrap();
    let auth = app.authorize_channel(&socket_id, &channel).unwrap();
    let json: serde_json::Value = serde_json::from_str(&auth.to_json()).unwrap();
    assert_eq!(
        json,
        json!({
            "auth": auth.auth(),
            "shared_secret": "nlr49ISQHz91yS3cy/yWmW8wFMNeTnNL5tNHnbPJcLQ=",
        })
    );
    assert_eq!(format!("{auth:?}"), "ChannelAuth { .. }");

    let channel = ChannelName::new("private-encrypted-channel").unwrap();
    assert_eq!(
        app.authorize_channel(&socket_id, &channel).unwrap().auth(),
        "foo:fff0503dfe4929f5162efe4d1dacbce524b0d8e7e1331117a8651c0e74d369e3"
    );
}

#[test]
fn rejects_encrypted_channel_without_master_key() {
    let channel = ChannelName::new("private-encrypted-bla").unwrap();
    let error = app().authorize_channel(&socket_id(), &channel).unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error}");
}

#[test]
fn jsonp_response_calls_the_callback() {
    let query = "callback=Pusher.auth_callbacks%5B%271%27%5D&socket_id=1234.1234\
                 &channel_name=private-foobar";
    let request = ChannelAuthRequest::from_query(query).unwrap();
    let auth = app()
        .authorize_channel(&request.socket_id, &request.channel_name)
        .unwrap();
    assert_eq!(
        auth.to_jsonp(&request.callback.unwrap()),
        format!(r#"Pusher.auth_callbacks['1']({{"auth":"{AUTH}"}});"#)
    );
    assert_eq!(
        JsonpCallback::CONTENT_TYPE,
        "application/javascript; charset=utf-8"
    );
}

#[test]
fn rejects_members_and_watchlists_over_limits() {
    let member = |bytes: usize| {
        // {"user_id":"10","user_info":""} has 31 bytes.
        let member = PresenceMember::new("10")
            .and_then(|member| member.user_info("x".repeat(bytes - 31)))
            .unwrap();
        app().authorize_presence_channel(&socket_id(), &presence(), member)
    };
    assert_eq!(member(1_024).unwrap().channel_data().unwrap().len(), 1_024);
    let error = member(1_025).unwrap_err();
    assert_eq!(
        error.to_string(),
        "presence member in bytes is 1025, over the limit of 1024: user \"10\""
    );

    // The limit counts bytes, and each of these characters has two.
    let wide = PresenceMember::new("10")
        .and_then(|member| member.user_info("é".repeat(497)))
        .unwrap();
    let error = app().authorize_presence_channel(&socket_id(), &presence(), wide);
    assert!(matches!(error, Err(Error::Limit { actual: 1_025, .. })));

    let user = |ids: usize| {
        let user = UserData::new("10").unwrap();
        let user = user.watchlist((0..ids).map(|id| id.to_string())).unwrap();
        app().authenticate_user(&socket_id(), &user)
    };
    assert!(user(100).is_ok());
    let error = user(101).unwrap_err();
    assert_eq!(
        error.to_string(),
        "watchlist in user ids is 101, over the limit of 100: user \"10\""
    );

    for (user, message) in [
        (UserData::new(""), "invalid user id: it is empty"),
        (
            UserData::new("é".repeat(129)),
            "it has 129 characters, over the 128 allowed",
        ),
        (
            UserData::new("1").and_then(|user| user.watchlist(["2", ""])),
            "invalid user id: it is empty: id 1 of the watchlist",
        ),
    ] {
        let error = user.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "user id",
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(error.to_string().ends_with(message), "{error}");
    }

    let limits = Limits::default()
        .watchlist_ids(101)
        .presence_member_bytes(2_000);
    let app = App::builder("3", "key", "secret")
        .limits(limits)
        .build_app()
        .unwrap();
    let user = UserData::new("10").unwrap();
    let user = user.watchlist((0..101).map(|id| id.to_string())).unwrap();
    assert!(app.authenticate_user(&socket_id(), &user).is_ok());
}

#[test]
fn rejects_wrong_kind_of_channel() {
    let private = ChannelName::new("private-a").unwrap();
    let member = PresenceMember::new("10").unwrap();
    let error = app()
        .authorize_presence_channel(&socket_id(), &private, &member)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Invalid {
                what: "channel name",
                ..
            }
        ),
        "{error:?}"
    );
    let error = app()
        .authorize_channel(&socket_id(), &presence())
        .unwrap_err();
    assert!(error.to_string().contains("needs a member"), "{error}");
}

#[test]
fn free_functions_reject_other_kinds_of_channel() {
    let credentials = app().credentials().clone();
    let (socket_id, member) = (socket_id(), PresenceMember::new(10).unwrap());
    let kinds = [
        ("foobar", "a public channel needs no authorization"),
        (
            "private-foobar",
            "a private channel has neither a member nor a shared secret",
        ),
        (
            "private-encrypted-foobar",
            "an encrypted channel needs its shared secret, and has no member",
        ),
        ("presence-foobar", "a presence channel needs a member"),
    ];
    for (name, of_kind) in kinds {
        let channel = ChannelName::new(name).unwrap();
        let secret = MasterKey::new([7; 32]).shared_secret(&channel);
        for (own, result) in [
            (
                "private-foobar",
                auth::private_channel(&credentials, &socket_id, &channel),
            ),
            (
                "private-encrypted-foobar",
                auth::encrypted_channel(&credentials, &socket_id, &channel, &secret),
            ),
            (
                "presence-foobar",
                auth::presence_channel(&credentials, &socket_id, &channel, &member),
            ),
        ] {
            match result {
                Ok(_) => assert_eq!(name, own),
                Err(Error::Invalid {
                    what,
                    value,
                    reason,
                    ..
                }) => {
                    assert_ne!(name, own);
                    assert_eq!((what, &*value, &*reason), ("channel name", name, of_kind));
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn authorizes_request_for_every_kind_of_channel() {
    let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8")
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
        .build_app()
        .unwrap();
    let member = PresenceMember::new(10).unwrap();
    let authorize = |name: &str| {
        let form = format!("socket_id=1234.1234&channel_name={name}");
        let request = ChannelAuthRequest::from_form(form.as_bytes()).unwrap();
        app.authorize(&request, &member)
    };
    let socket_id = socket_id();
    for name in ["private-foobar", "private-encrypted-foobar"] {
        let channel = ChannelName::new(name).unwrap();
        let expected = app.authorize_channel(&socket_id, &channel).unwrap();
        assert_eq!(authorize(name).unwrap().to_json(), expected.to_json());
    }
    let expected = app.authorize_presence_channel(&socket_id, &presence(), &member);
    assert_eq!(
        authorize("presence-foobar").unwrap().to_json(),
        expected.unwrap().to_json()
    );
    let error = authorize("foobar").unwrap_err().to_string();
    assert!(
        error.ends_with("a public channel needs no authorization"),
        "{error}"
    );
}
