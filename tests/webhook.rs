//! Webhooks: the signature is verified before parsing, events are typed, and no field is lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use std::time::{Duration, UNIX_EPOCH};

use pusher_http::webhook::{ClientEvent, WebhookSignature};
use pusher_http::{App, Credentials, Error, Extra, Webhook, WebhookError, WebhookEvent};
use serde_json::{Value, json};

fn app() -> App {
    App::builder("3", "key", "secret").build_app().unwrap()
}

fn parse(body: &str) -> Result<Webhook, Error> {
    let headers = WebhookSignature::new(app().credentials(), body.as_bytes()).headers();
    app().webhook(&headers, body.as_bytes())
}

fn event(json: &Value) -> WebhookEvent {
    let body = json!({"time_ms": 1_403_175_510_755_u64, "events": [json]}).to_string();
    parse(&body).unwrap().events.remove(0)
}

fn fields_of(extra: &Extra) -> Vec<(&str, &str)> {
    let fields = extra.iter().map(|(name, text)| (name, text.as_str()));
    fields.collect()
}

fn client_event(json: &Value) -> ClientEvent {
    match event(json) {
        WebhookEvent::ClientEvent(event) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn known_events_keep_undocumented_fields() {
    // Sockudo sends events like this, with more fields and `name` last.
    let event = event(&json!({"data": "{}", "channel": "cache-a", "name": "cache_miss"}));
    assert_eq!(
        (event.name(), event.channel()),
        ("cache_miss", Some("cache-a"))
    );
    let WebhookEvent::CacheMiss { channel, extra, .. } = event else {
        panic!("a cache miss");
    };
    assert_eq!(channel, "cache-a");
    assert_eq!(fields_of(&extra), [("data", r#""{}""#)]);
}

#[test]
fn keeps_field_with_empty_name() {
    let event = event(&json!({"name": "channel_occupied", "channel": "a", "": 1}));
    let WebhookEvent::ChannelOccupied { extra, .. } = event else {
        panic!("an occupied channel");
    };
    assert_eq!(fields_of(&extra), [("", "1")]);
}

#[test]
fn unknown_event_keeps_all_fields() {
    let event = event(&json!({"name": "moon_landed", "channel": "a", "n": {"x": [1]}}));
    assert_eq!((event.name(), event.channel()), ("moon_landed", Some("a")));
    let WebhookEvent::Unknown { name, fields, .. } = event else {
        panic!("an unknown event");
    };
    assert_eq!(name, "moon_landed");
    assert_eq!(
        fields_of(&fields),
        [("channel", r#""a""#), ("n", r#"{"x":[1]}"#)]
    );
}

#[test]
fn malformed_known_event_becomes_unknown_and_others_are_kept() {
    let body = json!({"time_ms": 1_403_175_510_755_u64, "events": [
        {"name": "member_added", "channel": "presence-a"},
        {"name": "channel_occupied", "channel": 7},
        {"name": "client_event", "channel": "a", "event": "client-e", "socket_id": "x"},
        {"channel": "nameless"},
        {"name": 5},
        {"name": "channel_vacated", "channel": "#server-to-user-1"},
    ]});
    let events = parse(&body.to_string()).unwrap().events;
    assert_eq!(events.len(), 6);
    for unknown in &events[..5] {
        assert!(
            matches!(unknown, WebhookEvent::Unknown { .. }),
            "{unknown:?}"
        );
    }
    assert_eq!(events[0].name(), "member_added");
    assert_eq!(events[3].name(), "");
    let WebhookEvent::Unknown { fields, .. } = &events[4] else {
        panic!("an unknown event");
    };
    assert_eq!(fields_of(fields), [("name", "5")]);
    assert_eq!(events[5].channel(), Some("#server-to-user-1"));
}

#[test]
fn keeps_event_that_is_not_an_object_or_is_deeply_nested() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let body = format!(
        r#"{{"time_ms":1403175510755,"events":[7,{{"name":"channel_occupied","channel":"a","deep":{deep},"huge":1e999}}]}}"#
    );
    let events = parse(&body).unwrap().events;
    let WebhookEvent::Unknown { fields, .. } = &events[0] else {
        panic!("{:?}", events[0]);
    };
    assert_eq!(fields_of(fields), [("event", "7")]);
    let WebhookEvent::ChannelOccupied { extra, .. } = &events[1] else {
        panic!("{:?}", events[1]);
    };
    assert_eq!(fields_of(extra), [("deep", &*deep), ("huge", "1e999")]);
}

#[test]
fn accepts_numbers_and_strings_for_counts_and_ids() {
    for count in [json!(7), json!("7")] {
        let event = event(
            &json!({"name": "subscription_count", "channel": "a", "subscription_count": count}),
        );
        assert!(
            matches!(
                event,
                WebhookEvent::SubscriptionCount {
                    subscription_count: 7,
                    ..
                }
            ),
            "{event:?}"
        );
    }
    for id in [json!(7), json!("7")] {
        let event = event(&json!({"name": "member_added", "channel": "a", "user_id": id}));
        assert!(
            matches!(&event, WebhookEvent::MemberAdded { user_id, .. } if user_id == "7"),
            "{event:?}"
        );
    }
}

#[test]
fn client_event_data_is_text_for_json_string_or_value() {
    let of = |data: Value| {
        client_event(
            &json!({"name": "client_event", "channel": "private-a", "event": "client-e", "data": data}),
        )
    };
    assert_eq!(of(json!("{\"a\":1}")).data.as_deref(), Some("{\"a\":1}"));
    assert_eq!(of(json!({"a": 1})).data.as_deref(), Some("{\"a\":1}"));
    assert_eq!(of(json!("plain")).data.as_deref(), Some("plain"));
    assert_eq!(of(Value::Null).data, None);
    assert_eq!(
        of(json!({"a": 1})).json::<Value>().unwrap(),
        json!({"a": 1})
    );
    assert!(of(json!("plain")).json::<Value>().is_err());
    let event = of(Value::Null);
    assert_eq!(
        (event.socket_id, event.user_id, event.decrypted),
        (None, None, false)
    );
}

#[test]
fn converts_seconds_to_milliseconds() {
    for time in [1_403_175_510, 1_403_175_510_000_u64] {
        let webhook = parse(&format!(r#"{{"time_ms":{time},"events":[]}}"#)).unwrap();
        assert_eq!(webhook.time_ms, 1_403_175_510_000);
    }
}

#[test]
fn age_window_applies_in_both_directions() {
    let webhook = parse(r#"{"time_ms":1403175510755,"events":[]}"#).unwrap();
    let sent = UNIX_EPOCH + Duration::from_millis(1_403_175_510_755);
    let window = Duration::from_secs(300);
    for now in [sent, sent + window, sent - window] {
        webhook.check_age(now, window).unwrap();
    }
    let past = Duration::from_secs(301);
    for now in [sent + past, sent - past] {
        let error = webhook.check_age(now, window).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Webhook(WebhookError::OutsideWindow { off, .. }) if off == past
            ),
            "{error}"
        );
    }
    let hostile = parse(&format!(r#"{{"time_ms":{},"events":[]}}"#, u64::MAX)).unwrap();
    assert!(hostile.check_age(sent, window).is_err());
}

#[test]
fn accepts_signature_of_any_configured_credentials() {
    let body = br#"{"time_ms":1403175510755,"events":[]}"#;
    let app = App::builder("3", "new", "secret-of-new")
        .older_credentials("old", "secret-of-old")
        .older_credentials("old", "another-secret-of-old")
        .build_app()
        .unwrap();
    for (key, secret, accepted) in [
        ("new", "secret-of-new", true),
        ("old", "secret-of-old", true),
        ("old", "another-secret-of-old", true),
        ("new", "secret-of-old", false),
        ("other", "secret-of-new", false),
    ] {
        let signed = WebhookSignature::new(&Credentials::new(key, secret).unwrap(), body);
        assert_eq!(
            app.webhook(&signed.headers(), body).is_ok(),
            accepted,
            "{key} {secret}"
        );
    }
}

#[test]
fn verifies_signature_before_parsing_body() {
    let body = b"not JSON";
    let error =
        Webhook::from_parts(app().all_credentials(), Some("key"), Some("00"), body).unwrap_err();
    assert!(matches!(
        error,
        Error::Webhook(WebhookError::InvalidSignature)
    ));
    for body in [
        "not JSON",
        "[]",
        "{}",
        r#"{"time_ms":-1,"events":[]}"#,
        "[1403175510755,[]]",
        "\u{0}",
    ] {
        let error = parse(body).unwrap_err();
        assert!(
            matches!(error, Error::Webhook(WebhookError::Malformed(_))),
            "{body}"
        );
    }
}

#[test]
fn rejects_changed_body_and_malformed_signature_headers() {
    let body = br#"{"time_ms":1403175510755,"events":[]}"#;
    let headers = WebhookSignature::new(app().credentials(), body).headers();
    let mut changed = body.to_vec();
    changed[12] = b'2';
    assert!(app().webhook(&headers, body).is_ok());
    assert!(app().webhook(&headers, &changed).is_err());
    for value in [&b"\xff\xfe"[..], b"", &[b'a'; 10_000]] {
        let mut odd = headers.clone();
        odd.insert(
            "x-pusher-signature",
            http::HeaderValue::from_bytes(value).unwrap(),
        );
        assert!(app().webhook(&odd, body).is_err());
    }
}

mod encrypted {
    use pusher_http::ChannelName;
    use pusher_http::encryption::MasterKey;

    use super::*;

    const KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";
    const OLDER_KEY: &str = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";

    fn encrypted_with(key: &str) -> String {
        encrypted_for("private-encrypted-a", key)
    }

    fn encrypted_for(channel: &str, key: &str) -> String {
        MasterKey::from_base64(key)
            .unwrap()
            .shared_secret(&ChannelName::new(channel).unwrap())
            .seal("opened", [7; 24])
            .unwrap()
    }

    fn event_on(channel: &str, data: &Value) -> ClientEvent {
        let app = App::builder("3", "key", "secret")
            .encryption_master_key_base64(KEY)
            .older_encryption_master_key_base64(OLDER_KEY)
            .build_app()
            .unwrap();
        let body = json!({"time_ms": 1_403_175_510_755_u64, "events": [
            {"name": "client_event", "channel": channel, "event": "client-e", "data": data},
            {"name": "channel_occupied", "channel": channel},
        ]})
        .to_string();
        let headers = WebhookSignature::new(app.credentials(), body.as_bytes()).headers();
        let mut events = app.webhook(&headers, body.as_bytes()).unwrap().events;
        assert_eq!(events.len(), 2);
        match events.remove(0) {
            WebhookEvent::ClientEvent(event) => event,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn decrypts_client_event_with_current_or_older_key() {
        for key in [KEY, OLDER_KEY] {
            let envelope = encrypted_with(key);
            let as_value: Value = serde_json::from_str(&envelope).unwrap();
            for data in [json!(envelope), as_value] {
                let event = event_on("private-encrypted-a", &data);
                assert_eq!(event.data.as_deref(), Some("opened"));
                assert!(event.decrypted);
            }
        }
    }

    #[test]
    fn leaves_data_unchanged_if_it_cannot_be_decrypted() {
        let envelope = json!(encrypted_with(KEY));
        let foreign = json!(encrypted_with(
            "T1RrNU9UazVPVGs1T1RrNU9UazVPVGs1T1RrNU9UazU="
        ));
        for (channel, data) in [
            ("private-encrypted-a", json!("plain")),
            ("private-encrypted-a", foreign),
            ("private-encrypted-b", envelope.clone()),
            ("private-a", envelope),
            ("private-a", json!(encrypted_for("private-a", KEY))),
        ] {
            let event = event_on(channel, &data);
            assert_eq!(event.data.as_deref(), data.as_str());
            assert!(!event.decrypted);
        }
        let event = event_on("private-encrypted-a", &Value::Null);
        assert_eq!((event.data, event.decrypted), (None, false));
    }
}
