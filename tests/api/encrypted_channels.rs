//! Encrypting data for encrypted channels without a client.

use crate::*;

const NONCE: [u8; 24] = [7; 24];

fn app() -> App {
    App::builder("3", KEY, SECRET)
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
        .build_app()
        .unwrap()
}

fn decrypted(request: &Request<Bytes>, data: impl Fn(&Value) -> &Value) -> String {
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let envelope = data(&body).as_str().unwrap();
    let key = app().encryption_key().unwrap().clone();
    let secret = key.shared_secret(&channel("private-encrypted-a"));
    secret.open(envelope).unwrap()
}

#[test]
fn rejects_request_before_data_is_encrypted() {
    let trigger = Trigger::new("private-encrypted-a", "e", "hush").unwrap();
    assert!(trigger.needs_encryption());
    let error = trigger.request(&app()).unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error:?}");

    let encrypted = trigger
        .encrypted(app().encryption_key().unwrap(), NONCE)
        .unwrap();
    assert!(!encrypted.needs_encryption());
    let request = signed(&app(), &encrypted);
    assert_signed(&request, "body_md5");
    assert_eq!(decrypted(&request, |body| &body["data"]), "\"hush\"");
}

#[test]
fn encrypts_batch_events_individually() {
    let events = [
        Event::new("private-encrypted-a", "e", 1).unwrap(),
        Event::new("a", "e", 2).unwrap(),
        Event::new("private-encrypted-a", "e", 3).unwrap(),
    ];
    let needing: Vec<_> = events.iter().map(Event::needs_encryption).collect();
    assert_eq!(needing, [true, false, true]);
    let error = TriggerBatch::new(&events).request(&app()).unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error:?}");

    let app = app();
    let mut encrypted = Vec::new();
    for (nonce, event) in (1..).zip(events) {
        let key = app.encryption_key().unwrap();
        encrypted.push(event.encrypted(key, [nonce; 24]).unwrap());
    }
    let request = signed(&app, &TriggerBatch::new(&encrypted));
    assert_eq!(decrypted(&request, |body| &body["batch"][0]["data"]), "1");
    assert_eq!(decrypted(&request, |body| &body["batch"][2]["data"]), "3");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["batch"][1]["data"], "2");
}

/// A deserialized event counts as not encrypted. It would be encrypted twice, and subscribers could
/// not read it.
#[test]
fn does_not_serialize_encrypted_event() {
    let event = Event::new("private-encrypted-a", "e", 1).unwrap();
    let stored = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), event);
    let encrypted = event
        .encrypted(app().encryption_key().unwrap(), NONCE)
        .unwrap();
    let error = serde_json::to_string(&encrypted).unwrap_err().to_string();
    assert_eq!(
        error,
        "an encrypted event can't be stored: store it before it is encrypted"
    );
}

#[test]
fn encryption_key_fails_without_master_key() {
    let error = crate::app().encryption_key().unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error:?}");
}

#[test]
fn other_channels_and_users_need_no_encryption() {
    for trigger in [
        Trigger::new(["a", "private-b", "presence-c"], "e", 1).unwrap(),
        Trigger::to_user("42", "e", 1).unwrap(),
    ] {
        assert!(!trigger.needs_encryption());
        let before = trigger.request(&app()).unwrap().body().clone();
        let after = trigger
            .encrypted(app().encryption_key().unwrap(), NONCE)
            .unwrap();
        assert_eq!(after.request(&app()).unwrap().body(), &before);
    }
}
