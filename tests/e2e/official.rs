//! Compares this crate with the official Node library.
//!
//! The same input gives the same signatures and authorizations, if that library is correct.

use http::Method;
use pusher_http::api::{self, Endpoint as _, Request, TerminateConnections, Trigger, TriggerBatch};
use pusher_http::webhook::WebhookSignature;
use pusher_http::{
    App, ChannelName, Credentials, Event, Info, Limits, PresenceMember, SocketId, UserData,
};
use serde_json::{Value, json};

use crate::peer::Peer;
use crate::stage::{APP_ID, KEY, MASTER_KEY, SECRET};

const TIMESTAMP: u64 = 1_353_088_179;

fn app() -> App {
    App::builder(APP_ID, KEY, SECRET)
        .limits(Limits::default().user_id_any_chars(true))
        .encryption_master_key_base64(MASTER_KEY)
        .build_app()
        .unwrap()
}

async fn ask(official: &Peer, what: &str, mut arguments: Value) -> Value {
    arguments["do"] = json!(what);
    arguments["app_id"] = json!(APP_ID);
    arguments["key"] = json!(KEY);
    arguments["secret"] = json!(SECRET);
    arguments["master_key"] = json!(MASTER_KEY);
    official.r#do(arguments).await
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn signed_queries_are_equal() {
    let official = Peer::start("official.mjs", &[]);
    for (method, path, params, body) in [
        ("GET", "/channels", json!({}), None),
        (
            "GET",
            "/channels",
            json!({"filter_by_prefix": "presence-", "info": "user_count"}),
            None,
        ),
        (
            "POST",
            "/events",
            json!({}),
            Some(r#"{"name":"e","channels":["é"],"data":"1"}"#),
        ),
        ("POST", "/ping", json!({"a": "1", "z": "-_.~"}), Some("{}")),
    ] {
        let mut arguments = json!({
            "method": method, "path": format!("/apps/{APP_ID}{path}"), "params": params,
            "timestamp": TIMESTAMP,
        });
        if let Some(body) = body {
            arguments["body"] = json!(body);
        }
        let theirs = ask(&official, "signed_query", arguments).await;

        let method: Method = method.parse().unwrap();
        let mut request = Request::new(method, path, body.unwrap_or_default()).unwrap();
        for (key, value) in params.as_object().unwrap() {
            request = request.query(key.clone(), value.as_str().unwrap()).unwrap();
        }
        let ours = app().sign(&request, TIMESTAMP).unwrap();
        assert_eq!(ours.uri().query().unwrap(), theirs.as_str().unwrap());
    }
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn authorizations_are_equal() {
    let official = Peer::start("official.mjs", &[]);
    let app = app();
    let socket_id = SocketId::new("123.456").unwrap();
    for name in [
        "private-a",
        "private-azAZ9_=@,.;",
        "private-cache-a",
        "private-encrypted-a",
    ] {
        let arguments = json!({"socket_id": "123.456", "channel": name});
        let theirs = ask(&official, "authorize_channel", arguments).await;
        let channel = ChannelName::new(name).unwrap();
        let ours = app.authorize_channel(&socket_id, &channel).unwrap();
        assert_eq!(json!(ours), theirs, "{name}");
    }

    let info = json!({"name": "Ada é\"", "list": [1, null]});
    let presence = json!({"user_id": "a/b", "user_info": info});
    let arguments = json!({"socket_id": "123.456", "channel": "presence-a", "presence": presence});
    let theirs = ask(&official, "authorize_channel", arguments).await;
    let member = PresenceMember::new("a/b")
        .unwrap()
        .user_info(&info)
        .unwrap();
    let channel = ChannelName::new("presence-a").unwrap();
    let ours = app
        .authorize_presence_channel(&socket_id, &channel, member)
        .unwrap();
    assert_equal_grants(&json!(ours), &theirs, "channel_data");

    let user = json!({"id": "a/b", "user_info": info, "watchlist": ["1", "2"]});
    let arguments = json!({"socket_id": "123.456", "user": user});
    let theirs = ask(&official, "authenticate_user", arguments).await;
    let user = UserData::new("a/b")
        .unwrap()
        .user_info(&info)
        .unwrap()
        .watchlist(["1", "2"])
        .unwrap();
    let ours = app.authenticate_user(&socket_id, &user).unwrap();
    assert_equal_grants(&json!(ours), &theirs, "user_data");
}

fn assert_equal_grants(ours: &Value, theirs: &Value, data: &str) {
    assert_eq!(ours[data], theirs[data]);
    assert_eq!(ours, theirs);
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn our_webhook_signatures_are_valid_in_official_library() {
    let official = Peer::start("official.mjs", &[]);
    let body = r#"{"time_ms":1403175510755,"events":[{"name":"channel_occupied","channel":"é"}]}"#;
    for (secret, valid) in [(SECRET, true), ("wrong", false)] {
        let token = Credentials::new(KEY, secret).unwrap();
        let signed = WebhookSignature::new(&token, body.as_bytes());
        let headers = json!({
            "content-type": "application/json",
            "x-pusher-key": signed.key(),
            "x-pusher-signature": signed.signature(),
        });
        let arguments = json!({"headers": headers, "body": body});
        let theirs = ask(&official, "webhook_valid", arguments).await;
        assert_eq!(theirs["valid"], valid);
    }
}

/// Asserts that the official library sends the same request as this crate.
///
/// The path is equal, the body is the same JSON, and the signature is the one that this crate
/// computes for the library's body.
async fn assert_same_request(official: &Peer, arguments: Value, ours: &Request) {
    let theirs = ask(official, "captured", arguments).await;
    let url = url::Url::parse("http://x").unwrap();
    let url = url.join(theirs["url"].as_str().unwrap()).unwrap();
    assert_eq!(theirs["method"], ours.method().as_str());
    assert_eq!(url.path(), format!("/apps/{APP_ID}{}", ours.path()));
    let body = theirs["body"].as_str().unwrap_or_default();
    if body.is_empty() {
        assert!(ours.body().is_empty());
    } else {
        let said: Value = serde_json::from_str(body).unwrap();
        let we_say: Value = serde_json::from_slice(ours.body()).unwrap();
        assert_eq!(said, we_say);
    }

    let mut request = Request::new(
        ours.method().clone(),
        ours.path().to_owned(),
        body.to_owned(),
    )
    .unwrap();
    let mut timestamp = None;
    for (key, value) in url.query_pairs() {
        match key.as_ref() {
            "auth_timestamp" => timestamp = Some(value.parse().unwrap()),
            "auth_key" | "auth_version" | "auth_signature" | "body_md5" => {}
            _ => request = request.query(key.into_owned(), value).unwrap(),
        }
    }
    let signed = app().sign(&request, timestamp.unwrap()).unwrap();
    let signature = |query: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "auth_signature")
            .map(|(_, value)| value.into_owned())
            .unwrap()
    };
    assert_eq!(
        signature(signed.uri().query().unwrap()),
        signature(url.query().unwrap())
    );
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn requests_have_same_body_and_signature() {
    let official = Peer::start("official.mjs", &[]);
    let app = app();
    let data = json!({"n": 1, "text": "é\"\n"});

    let ours = Trigger::new(["a", "private-b"], "e", &data)
        .unwrap()
        .exclude(SocketId::new("1.2").unwrap())
        .info(Info::SUBSCRIPTION_COUNT);
    let theirs = json!({
        "call": "trigger", "channels": ["a", "private-b"], "event": "e", "data": data,
        "params": {"socket_id": "1.2", "info": "subscription_count"},
    });
    assert_same_request(&official, theirs, &ours.request(&app).unwrap()).await;

    let events = [
        Event::new("a", "e", &data).unwrap(),
        Event::new("private-b", "f", &data)
            .unwrap()
            .exclude(SocketId::new("1.2").unwrap()),
    ];
    let theirs = json!({"call": "trigger_batch", "batch": [
        {"channel": "a", "name": "e", "data": data},
        {"channel": "private-b", "name": "f", "data": data, "socket_id": "1.2"},
    ]});
    let ours = TriggerBatch::new(&events).request(&app).unwrap();
    assert_same_request(&official, theirs, &ours).await;

    let theirs = json!({"call": "send_to_user", "user_id": "7", "event": "e", "data": data});
    let ours = Trigger::to_user("7", "e", &data).unwrap();
    assert_same_request(&official, theirs, &ours.request(&app).unwrap()).await;

    let theirs = json!({"call": "terminate", "user_id": "7"});
    let ours = TerminateConnections::new("7").unwrap();
    assert_same_request(&official, theirs, &ours.request(&app).unwrap()).await;

    let theirs = json!({
        "call": "get", "path": "/channels",
        "params": {"filter_by_prefix": "presence-", "info": "user_count"},
    });
    let ours = api::ChannelsQuery::new()
        .prefix("presence-")
        .info(Info::USER_COUNT);
    assert_same_request(&official, theirs, &ours.request(&app).unwrap()).await;
}
