//! Triggers: the request, splitting if there are many channels, checks before sending, and
//! encryption.

use pusher_http::{ChannelName, Error, EventData, Info, Outcome, SocketId};
use serde_json::json;

use crate::common::ScriptedServer;

#[tokio::test]
async fn sends_documented_trigger_request() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let response = pusher
        .trigger("project-3", "foo", json!({"some": "data"}))
        .await
        .unwrap();
    assert!(response.channels.is_empty());

    let request = server.request();
    assert_eq!(request.method, "POST");
    assert_eq!(request.uri.path(), "/apps/3/events");
    assert_eq!(
        request.body,
        r#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#
    );
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(
        request.headers["x-pusher-library"],
        concat!("pusher-http ", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(
        request.query("body_md5").as_deref(),
        Some("ec365a775a4cd0599faeb73354201b6f")
    );
    assert_eq!(request.query("auth_version").as_deref(), Some("1.0"));
    let signed_at: u64 = request.query("auth_timestamp").unwrap().parse().unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(now.abs_diff(signed_at) < 60, "{signed_at} is not now");
}

#[tokio::test]
async fn sends_options_after_data_and_omits_absent_ones() {
    let server = ScriptedServer::start().await;
    server
        .pusher()
        .trigger(["a", "presence-b"], "foo", EventData::raw("as \"is\""))
        .exclude(SocketId::new("12.34").unwrap())
        .info(Info::USER_COUNT | Info::SUBSCRIPTION_COUNT)
        .extra("idempotency_key", "k-1")
        .extra("tags", json!({"t": "1"}))
        .await
        .unwrap();
    assert_eq!(
        server.request().body,
        r#"{"name":"foo","channels":["a","presence-b"],"data":"as \"is\"","socket_id":"12.34","info":"user_count,subscription_count","idempotency_key":"k-1","tags":{"t":"1"}}"#
    );
}

#[tokio::test]
async fn returns_typed_counts_by_channel() {
    let server = ScriptedServer::start().await;
    server.will_respond(
        200,
        r#"{"channels":{"a":{"subscription_count":3,"other":1},"presence-b":{"user_count":"2"}}}"#,
    );
    let pusher = server.pusher();
    let info = Info::USER_COUNT | Info::SUBSCRIPTION_COUNT;
    let response = pusher
        .trigger(["a", "presence-b"], "foo", "x")
        .info(info)
        .await
        .unwrap();
    assert_eq!(response.channels["a"].subscription_count, Some(3));
    assert_eq!(response.channels["a"].user_count, None);
    assert_eq!(response.channels["presence-b"].user_count, Some(2));

    for ignoring in [r#"{"ok":true}"#, "{}", r#"{"channels":[]}"#] {
        server.will_respond(200, ignoring);
        let response = pusher.trigger("a", "foo", "x").info(info).await.unwrap();
        assert!(response.channels.is_empty(), "{ignoring}");
    }
}

#[tokio::test]
#[allow(clippy::needless_borrows_for_generic_args)] // The tests cover these forms.
async fn accepts_every_form_of_channels() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let name = ChannelName::new("a").unwrap();
    let list = vec!["a".to_owned()];
    let names = [name.clone()];
    pusher.trigger("a", "e", 1).await.unwrap();
    pusher.trigger("a".to_owned(), "e", 1).await.unwrap();
    pusher.trigger(&name, "e", 1).await.unwrap();
    pusher.trigger(&"a", "e", 1).await.unwrap();
    pusher.trigger(name, "e", 1).await.unwrap();
    pusher.trigger(["a"], "e", 1).await.unwrap();
    pusher.trigger(&["a"], "e", 1).await.unwrap();
    pusher.trigger(&["a"][..], "e", 1).await.unwrap();
    pusher.trigger(&list, "e", 1).await.unwrap();
    pusher.trigger(list, "e", 1).await.unwrap();
    pusher.trigger(&names, "e", 1).await.unwrap();
    let requests = server.recorded();
    assert_eq!(requests.len(), 11);
    for request in requests {
        assert_eq!(request.body, r#"{"name":"e","channels":["a"],"data":"1"}"#);
    }
}

fn many_channels(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("channel-{number}"))
        .collect()
}

#[tokio::test]
async fn splits_channels_into_hundreds_in_order() {
    let server = ScriptedServer::start().await;
    let channels = many_channels(250);
    for part in channels.chunks(100) {
        let counts: serde_json::Map<_, _> = part
            .iter()
            .map(|name| (name.clone(), json!({"subscription_count": name.len()})))
            .collect();
        server.will_respond(200, json!({"channels": counts}).to_string());
    }
    let response = server
        .pusher()
        .trigger(&channels, "foo", "x")
        .exclude(SocketId::new("1.2").unwrap())
        .info(Info::SUBSCRIPTION_COUNT)
        .await
        .unwrap();
    assert_eq!(response.channels.len(), 250);
    for (name, counts) in &response.channels {
        assert_eq!(counts.subscription_count, Some(name.len() as u64));
    }
    let requests = server.recorded();
    assert_eq!(requests.len(), 3);
    for (request, part) in requests.iter().zip(channels.chunks(100)) {
        assert_eq!(
            request.json(),
            json!({
                "name": "foo", "channels": part, "data": "\"x\"", "socket_id": "1.2",
                "info": "subscription_count",
            })
        );
    }
}

#[tokio::test]
async fn partial_error_has_outcome_of_every_channel() {
    use Outcome::{Accepted, NotAccepted, Unknown};
    for (status, of_failed) in [(400, NotAccepted), (500, Unknown)] {
        let server = ScriptedServer::start().await;
        server.will_respond(200, "{}").will_respond(status, "no");
        let channels = many_channels(250);
        let error = server
            .pusher()
            .trigger(&channels, "foo", "x")
            .await
            .unwrap_err();
        assert_eq!(
            server.recorded().len(),
            2,
            "nothing is sent after a failure"
        );
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.outcome(), Unknown);
        let Error::Partial(partial) = error else {
            panic!("{error}");
        };
        let actual: Vec<_> = partial
            .outcomes()
            .iter()
            .map(|one| (one.channel.to_string(), one.outcome))
            .collect();
        let expected: Vec<_> = channels
            .into_iter()
            .enumerate()
            .map(|(index, name)| {
                let outcome = [Accepted, of_failed, NotAccepted][index / 100];
                (name, outcome)
            })
            .collect();
        assert_eq!(actual, expected);
        assert_eq!(partial.channels(NotAccepted).last().unwrap(), "channel-249");
    }
}

#[tokio::test]
async fn rejects_invalid_trigger_before_sending() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let long_name = "e".repeat(201);
    for (call, part) in [
        (pusher.trigger("no spaces", "e", 1), "channel name"),
        (pusher.trigger(["a", "b!"], "e", 1), "channel name"),
        (pusher.trigger(Vec::<&str>::new(), "e", 1), "channels"),
        (pusher.trigger("a", "", 1), "event name"),
        (pusher.trigger("a", long_name.as_str(), 1), "event name"),
        (pusher.trigger("a", "pusher:ping", 1), "event name"),
        (pusher.trigger("a", "e", 1).info(Info::CACHE), "info"),
        (pusher.trigger("a", "e", 1).extra("data", 1), "extra field"),
        (
            pusher.trigger("a", "e", 1).extra("t", 1).extra("t", 2),
            "extra field",
        ),
        (
            pusher.trigger("a", "e", EventData::raw("x".repeat(10_241))),
            "event data in bytes is 10241, over the limit of 10240: event \"e\"",
        ),
    ] {
        let error = call.await.unwrap_err();
        assert!(error.to_string().contains(part), "{error} names {part}");
        assert_eq!(error.outcome(), Outcome::NotAccepted);
        assert!(!error.is_retryable());
    }
    assert_eq!(server.recorded().len(), 0);
    let trigger = |data: String| pusher.trigger("a", "e", EventData::raw(data));
    trigger("x".repeat(10_240)).await.unwrap();
    // The limit counts bytes, and each of these characters has two.
    trigger("é".repeat(5_120)).await.unwrap();
    assert!(matches!(
        trigger("é".repeat(5_121)).await.unwrap_err(),
        Error::Limit { actual: 10_242, .. }
    ));
    assert_eq!(server.recorded().len(), 2);
}

#[tokio::test]
async fn checks_split_trigger_before_first_request() {
    let server = ScriptedServer::start().await;
    let data = EventData::raw("x".repeat(10_241));
    let call = server.pusher().trigger(many_channels(250), "e", data);
    assert!(matches!(call.await.unwrap_err(), Error::Limit { .. }));
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn partial_error_is_not_accepted_if_first_request_is_rejected() {
    let server = ScriptedServer::start().await;
    server.will_respond(429, "slower");
    let call = server.pusher().trigger(many_channels(250), "e", 1);
    let error = call.await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotAccepted);
    assert!(error.is_retryable());
    assert!(matches!(error, Error::Partial(_)));
}

mod encrypted {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use pusher_http::encryption::MasterKey;

    use super::*;
    use crate::common::MASTER_KEY;

    #[tokio::test]
    async fn encrypts_data_with_fresh_nonce() {
        let server = ScriptedServer::start().await;
        let pusher = server.encrypting_pusher();
        for _ in 0..2 {
            pusher
                .trigger("private-encrypted-a", "e", json!({"a": 1}))
                .await
                .unwrap();
        }
        let secret = MasterKey::from_base64(MASTER_KEY)
            .unwrap()
            .shared_secret(&ChannelName::new("private-encrypted-a").unwrap());
        let encrypted_data: Vec<_> = server
            .recorded()
            .iter()
            .map(|request| request.json()["data"].as_str().unwrap().to_owned())
            .collect();
        assert_ne!(encrypted_data[0], encrypted_data[1]);
        for data in encrypted_data {
            assert_eq!(secret.open(&data).as_deref(), Some(r#"{"a":1}"#));
        }
    }

    #[tokio::test]
    async fn all_nonce_bytes_are_random() {
        let server = ScriptedServer::start().await;
        let pusher = server.encrypting_pusher();
        for _ in 0..8 {
            pusher.trigger("private-encrypted-a", "e", 1).await.unwrap();
        }
        let nonces: Vec<_> = server
            .recorded()
            .iter()
            .map(|request| {
                let data = request.json()["data"].as_str().unwrap().to_owned();
                let envelope: serde_json::Value = serde_json::from_str(&data).unwrap();
                BASE64.decode(envelope["nonce"].as_str().unwrap()).unwrap()
            })
            .collect();
        for place in 0..24 {
            let first = nonces[0][place];
            // With random bytes, this fails by chance once in 2^56 runs.
            assert!(
                nonces.iter().any(|nonce| nonce[place] != first),
                "byte {place}"
            );
        }
    }

    #[tokio::test]
    async fn older_master_key_never_encrypts() {
        const OLDER: &str = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";
        let server = ScriptedServer::start().await;
        let channel = ChannelName::new("private-encrypted-a").unwrap();
        let pusher = server
            .builder()
            .older_encryption_master_key_base64(OLDER)
            .encryption_master_key_base64("T1RrNU9UazVPVGs1T1RrNU9UazVPVGs1T1RrNU9UazU=")
            .encryption_master_key_base64(MASTER_KEY)
            .build()
            .unwrap();
        let secret = MasterKey::from_base64(MASTER_KEY)
            .unwrap()
            .shared_secret(&channel);
        pusher.trigger(&channel, "e", 1).await.unwrap();
        let data = server.request().json()["data"].clone();
        assert_eq!(secret.open(data.as_str().unwrap()).as_deref(), Some("1"));
        let socket_id = SocketId::new("1.2").unwrap();
        let auth = pusher.authorize_channel(&socket_id, &channel).unwrap();
        assert_eq!(auth.shared_secret(), Some(secret.to_base64().as_str()));

        let keyless = server
            .builder()
            .older_encryption_master_key_base64(OLDER)
            .build()
            .unwrap();
        let error = keyless.trigger(&channel, "e", 1).await.unwrap_err();
        assert!(matches!(error, Error::Encryption { .. }), "{error}");
        assert!(keyless.authorize_channel(&socket_id, &channel).is_err());
        assert_eq!(server.recorded().len(), 1);
    }

    #[tokio::test]
    async fn rejects_encrypted_channel_among_several_and_suggests_batch() {
        let server = ScriptedServer::start().await;
        let error = server
            .pusher()
            .trigger(["a", "private-encrypted-b"], "e", 1)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("send a batch"), "{error}");
        assert_eq!(server.recorded().len(), 0);
    }

    #[tokio::test]
    async fn rejects_encrypted_channel_without_master_key() {
        let server = ScriptedServer::start().await;
        let error = server
            .pusher()
            .trigger("private-encrypted-b", "e", 1)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Encryption { .. }), "{error}");
        assert!(error.to_string().contains("no master key"), "{error}");
        assert_eq!(server.recorded().len(), 0);
    }

    #[tokio::test]
    async fn size_limit_applies_to_encrypted_data() {
        let server = ScriptedServer::start().await;
        let pusher = server.encrypting_pusher();
        // 7,619 bytes become ceil((7,619 + 16) / 3) * 4 = 10,180 bytes of base64, and the envelope
        // adds 60.
        let trigger = |bytes| {
            let data = EventData::raw("x".repeat(bytes));
            pusher.trigger("private-encrypted-a", "e", data)
        };
        trigger(7_619).await.unwrap();
        assert_eq!(
            server.request().json()["data"].as_str().unwrap().len(),
            10_240
        );
        let error = trigger(7_620).await.unwrap_err();
        assert!(
            matches!(error, Error::Limit { actual: 10_244, .. }),
            "{error}"
        );
    }
}
