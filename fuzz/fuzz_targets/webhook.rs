//! A webhook: the first line is given as the signature, and the rest is the body.
#![no_main]

#[path = "../../tests/properties/rules.rs"]
mod rules;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{App, Error, Extra, Webhook, WebhookError, WebhookEvent};
use serde::de::IgnoredAny;

const SECRET: &str = "marker-secret";

static APP: LazyLock<App> = LazyLock::new(|| {
    App::builder("3", "key", SECRET)
        .older_credentials("older-key", "marker-older-secret")
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
        .build_app()
        .expect("an app")
});

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|b| *b == b'\n').unwrap_or(data.len());
    let (given, body) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let right = WebhookSignature::new(APP.credentials(), body);
    rejects_other_signatures(given, body, right.signature());
    match APP.webhook(&right.headers(), body) {
        Ok(webhook) => matches_body(&webhook, body),
        Err(Error::Webhook(WebhookError::MissingBody)) => assert!(body.is_empty()),
        Err(Error::Webhook(WebhookError::Malformed(_))) => {}
        Err(other) => panic!("{other:?}"),
    }
});

fn rejects_other_signatures(given: &[u8], body: &[u8], right: &str) {
    let rejection = |signature: &str, body: &[u8]| match APP.webhook_from_parts(
        Some("key"),
        Some(signature),
        body,
    ) {
        Err(Error::Webhook(rejection)) => rejection,
        other => panic!("{signature:?}: {other:?}"),
    };
    let expected = if body.is_empty() {
        WebhookError::MissingBody
    } else {
        WebhookError::InvalidSignature
    };
    let given = String::from_utf8_lossy(given);
    if given != right {
        assert_eq!(rejection(&given, body), expected);
    }
    // The right signature with the given text written over its start, after it, and before it.
    let over = |text: &str| text.to_owned() + right.get(text.len()..).unwrap_or_default();
    for wrong in [
        over(&given),
        format!("{right}{given}"),
        format!("{given}{right}"),
    ] {
        if wrong != right {
            assert_eq!(rejection(&wrong, body), expected);
        }
    }
    let longer = [body, b" "].concat();
    assert_eq!(rejection(right, &longer), WebhookError::InvalidSignature);
    let older = APP.webhook_from_parts(Some("older-key"), Some(right), body);
    assert!(matches!(older, Err(Error::Webhook(rejection)) if rejection == expected));
}

fn matches_body(webhook: &Webhook, body: &[u8]) {
    // Not parsed into a `Value`: with `raw_value`, its depth has no limit.
    let members: BTreeMap<String, Option<IgnoredAny>> =
        serde_json::from_slice(body).expect("an object");
    assert!(members.contains_key("time_ms") && members.contains_key("events"));
    let _ = webhook.check_age(UNIX_EPOCH, Duration::from_mins(5));
    for event in &webhook.events {
        let _ = (event.name(), event.channel());
        if let WebhookEvent::ClientEvent(event) = event {
            if let Some(socket_id) = &event.socket_id {
                assert!(rules::is_socket_id(socket_id.as_str()));
            }
            let is_encrypted = event.channel.starts_with("private-encrypted-");
            assert!(!event.decrypted || is_encrypted && rules::is_channel(&event.channel));
            round_trips(&event.extra);
        }
        if let WebhookEvent::Unknown { fields, .. } = event {
            round_trips(fields);
        }
    }
    if !String::from_utf8_lossy(body).contains("marker") {
        assert!(!format!("{webhook:?}{:?}", *APP).contains("marker"));
    }
}

/// Checks that each field is one JSON value, and is the same after it is stored and read.
fn round_trips(extra: &Extra) {
    let stored = serde_json::to_string(extra).expect("JSON");
    assert_eq!(
        serde_json::from_str::<Extra>(&stored).expect("fields"),
        *extra
    );
}
