//! Webhooks: unsigned bodies are rejected, signed bodies never panic, and all fields are kept.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{App, Error, Webhook, WebhookError, WebhookEvent};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::strategies::{CHANNEL, EVENT, SOCKET_ID, USER_ID, body, hostile_json, near, text};
use crate::{cases, rules};

const TIME_MS: u64 = 1_403_175_510_755;

fn app() -> App {
    App::builder("3", "key", "secret")
        .older_credentials("older-key", "older-secret")
        .build_app()
        .unwrap()
}

fn signed(body: &[u8]) -> Result<Webhook, Error> {
    let signature = WebhookSignature::new(app().credentials(), body);
    app().webhook(&signature.headers(), body)
}

fn parse(events: &[Value]) -> Vec<WebhookEvent> {
    let body = json!({"time_ms": TIME_MS, "events": events}).to_string();
    let webhook = signed(body.as_bytes()).unwrap();
    assert_eq!(webhook.time_ms, TIME_MS);
    assert_eq!(webhook.events.len(), events.len());
    webhook.events
}

fn webhook_error(result: Result<Webhook, Error>) -> Option<WebhookError> {
    match result {
        Err(Error::Webhook(webhook_error)) => Some(webhook_error),
        _ => None,
    }
}

/// Changes to a signature, one at a time.
fn changed_signature() -> impl Strategy<Value = fn(&str) -> String> {
    prop_oneof![
        Just((|s| s.to_uppercase()) as fn(&str) -> String),
        Just((|s| s[..63].to_owned()) as fn(&str) -> String),
        Just((|s| format!("{s}0")) as fn(&str) -> String),
        Just((|s| format!(" {s}")) as fn(&str) -> String),
        Just((|s| format!("{s}\n")) as fn(&str) -> String),
        Just((|s| format!("sha256={s}")) as fn(&str) -> String),
        Just((|s| s.repeat(2)) as fn(&str) -> String),
        Just((|s| s.chars().rev().collect()) as fn(&str) -> String),
        Just((|_| String::new()) as fn(&str) -> String),
        Just((|_| "\0".repeat(64)) as fn(&str) -> String),
        Just((|_| "é".repeat(32)) as fn(&str) -> String),
    ]
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn rejects_signature_that_is_not_of_this_body(
        body in body(), key in prop_oneof![Just("key".to_owned()), any::<String>()],
        signature in any::<String>(), change in changed_signature(), at in any::<Index>(),
    ) {
        let real = WebhookSignature::new(app().credentials(), &body);
        let digit = at.index(64);
        let other_digit = if real.signature().as_bytes()[digit] == b'0' { "1" } else { "0" };
        let mut flipped = real.signature().to_owned();
        flipped.replace_range(digit..=digit, other_digit);
        for wrong in [signature, change(real.signature()), flipped] {
            let result = app().webhook_from_parts(Some(&key), Some(&wrong), &body);
            let expected = if body.is_empty() {
                WebhookError::MissingBody
            } else if key == "key" || key == "older-key" {
                WebhookError::InvalidSignature
            } else {
                WebhookError::UnknownKey
            };
            prop_assert_eq!(webhook_error(result), Some(expected), "{:?}", wrong);
        }
    }

    #[test]
    fn rejects_changed_body_and_signature_by_other_credentials(
        body in body(), at in any::<Index>(), byte in any::<u8>(),
    ) {
        prop_assume!(!body.is_empty());
        let real = WebhookSignature::new(app().credentials(), &body);
        let mut changed = body.clone();
        let at = at.index(body.len());
        changed[at] = byte;
        if changed != body {
            let result = app().webhook(&real.headers(), &changed);
            prop_assert_eq!(webhook_error(result), Some(WebhookError::InvalidSignature));
        }
        changed.clone_from(&body);
        changed.push(b' ');
        let result = app().webhook(&real.headers(), &changed);
        prop_assert_eq!(webhook_error(result), Some(WebhookError::InvalidSignature));
        // The key of the older credentials with a signature by the current credentials.
        let result = app().webhook_from_parts(Some("older-key"), Some(real.signature()), &body);
        prop_assert_eq!(webhook_error(result), Some(WebhookError::InvalidSignature));
    }

    #[test]
    fn signed_body_is_webhook_or_malformed(body in body()) {
        match signed(&body) {
            Ok(_) => {
                let members: BTreeMap<String, Option<IgnoredAny>> = serde_json::from_slice(&body).unwrap();
                prop_assert!(members.contains_key("time_ms") && members.contains_key("events"));
            }
            Err(Error::Webhook(WebhookError::MissingBody)) => prop_assert!(body.is_empty()),
            Err(Error::Webhook(WebhookError::Malformed(words))) => {
                prop_assert!(words.chars().count() <= 300);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn reads_any_headers_without_panic(
        key in vec(any::<u8>(), 0..8), signature in vec(any::<u8>(), 0..70),
        has_both in any::<bool>(),
    ) {
        let body = b"{}";
        let mut headers = HeaderMap::new();
        let mut insert = |name: &str, value: &[u8]| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.insert(name, value);
            }
        };
        insert("X-PUSHER-KEY", &key);
        if has_both {
            insert("x-Pusher-Signature", &signature);
        }
        let is_text = |name| matches!(headers.get(name).map(HeaderValue::to_str), Some(Ok(_)));
        let has_signature = is_text("X-Pusher-Signature");
        let expected = match (is_text("x-pusher-key"), has_signature) {
            (false, _) => WebhookError::MissingKey,
            (true, false) => WebhookError::MissingSignature,
            (true, true) => WebhookError::UnknownKey,
        };
        prop_assert_eq!(webhook_error(app().webhook(&headers, body)), Some(expected));
        headers.insert("x-pusher-key", HeaderValue::from_static("key"));
        let expected = if has_signature {
            WebhookError::InvalidSignature
        } else {
            WebhookError::MissingSignature
        };
        prop_assert_eq!(webhook_error(app().webhook(&headers, body)), Some(expected));
    }

    #[test]
    fn parses_channel_and_member_events(
        channel in any::<String>(), user_id in any::<String>(), count in any::<u64>(),
        added in any::<String>(), value in hostile_json(),
    ) {
        let own = ["name", "channel", "user_id", "subscription_count"];
        prop_assume!(!own.contains(&added.as_str()));
        let text = value.to_string();
        let of = |name: &str| json!({"name": name, "channel": channel, &*added: value});
        let member = |name: &str| {
            let mut event = of(name);
            event["user_id"] = user_id.clone().into();
            event
        };
        let mut counted = of("subscription_count");
        counted["subscription_count"] = count.into();
        let told = [
            of("channel_occupied"), of("channel_vacated"), of("cache_miss"),
            member("member_added"), member("member_removed"), counted,
        ];
        for (event, told) in parse(&told).into_iter().zip(&told) {
            prop_assert_eq!(event.name(), told["name"].as_str().unwrap());
            prop_assert_eq!(event.channel(), Some(channel.as_str()));
            let extra = match event {
                WebhookEvent::ChannelOccupied { extra, .. }
                | WebhookEvent::ChannelVacated { extra, .. }
                | WebhookEvent::CacheMiss { extra, .. } => extra,
                WebhookEvent::MemberAdded { user_id: id, extra, .. }
                | WebhookEvent::MemberRemoved { user_id: id, extra, .. } => {
                    prop_assert_eq!(&id, &user_id);
                    extra
                }
                WebhookEvent::SubscriptionCount { subscription_count, extra, .. } => {
                    prop_assert_eq!(subscription_count, count);
                    extra
                }
                other => panic!("{other:?}"),
            };
            let fields: Vec<_> = extra.iter().map(|(name, text)| (name, text.as_str())).collect();
            prop_assert_eq!(fields, [(added.as_str(), text.as_str())]);
        }
    }

    #[test]
    fn parses_client_events(
        channel in CHANNEL, event in EVENT, data in option::of(hostile_json()),
        socket_id in option::of(text(SOCKET_ID)), user_id in option::of(text(USER_ID)),
    ) {
        let mut told = json!({"name": "client_event", "channel": channel, "event": event});
        for (name, value) in [
            ("data", data.clone()),
            ("socket_id", socket_id.clone().map(Value::from)),
            ("user_id", user_id.clone().map(Value::from)),
        ] {
            if let Some(value) = value {
                told[name] = value;
            }
        }
        let WebhookEvent::ClientEvent(heard) = parse(&[told]).remove(0) else {
            panic!("a client event");
        };
        prop_assert_eq!((&heard.channel, &heard.event), (&channel, &event));
        prop_assert_eq!(heard.socket_id.as_ref().map(AsRef::as_ref), socket_id.as_deref());
        prop_assert_eq!(&heard.user_id, &user_id);
        prop_assert!(!heard.decrypted && heard.extra.is_empty());
        match data {
            None | Some(Value::Null) => prop_assert_eq!(heard.data, None),
            Some(Value::String(text)) => prop_assert_eq!(heard.data, Some(text)),
            Some(other) => prop_assert_eq!(heard.data, Some(other.to_string())),
        }
    }

    #[test]
    fn keeps_client_event_with_invalid_socket_id_as_unknown(socket_id in near(SOCKET_ID)) {
        let told = json!({
            "name": "client_event", "channel": "private-a", "event": "client-e",
            "socket_id": socket_id,
        });
        match parse(&[told]).remove(0) {
            WebhookEvent::ClientEvent(event) => {
                prop_assert!(rules::is_socket_id(event.socket_id.unwrap().as_str()));
            }
            WebhookEvent::Unknown { name, fields, .. } => {
                prop_assert!(!rules::is_socket_id(&socket_id));
                prop_assert_eq!(name, "client_event");
                let kept = fields.get("socket_id").unwrap().as_str();
                prop_assert_eq!(kept, Value::from(socket_id).to_string());
            }
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn unknown_event_keeps_all_fields(event in hostile_json()) {
        let heard = parse(std::slice::from_ref(&event)).remove(0);
        let WebhookEvent::Unknown { name, fields, .. } = heard else {
            panic!("{heard:?}");
        };
        let Value::Object(given) = &event else {
            prop_assert_eq!(fields.get("event").unwrap().as_str(), event.to_string());
            return Ok(());
        };
        for (key, value) in given {
            if key == "name" && value.is_string() {
                prop_assert_eq!(value, &name);
            } else {
                prop_assert_eq!(fields.get(key).unwrap().as_str(), value.to_string());
            }
        }
    }
}
