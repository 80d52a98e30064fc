//! Data for encrypted channels, sealed without a client.

use crate::*;

const NONCE: [u8; 24] = [7; 24];

fn app() -> App {
    App::builder("3", KEY, SECRET)
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
        .build_app()
        .unwrap()
}

fn opened(request: &Request<Bytes>, data: impl Fn(&Value) -> &Value) -> String {
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let envelope = data(&body).as_str().unwrap();
    let key = app().encryption_key().unwrap().clone();
    let secret = key.shared_secret(&channel("private-encrypted-a"));
    secret.open(envelope).unwrap()
}

#[test]
fn data_becomes_no_request_before_it_is_sealed() {
    let trigger = Trigger::new("private-encrypted-a", "e", "hush").unwrap();
    assert!(trigger.needs_encryption());
    let error = trigger.request(&app()).unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error:?}");

    let sealed = trigger
        .encrypted(app().encryption_key().unwrap(), NONCE)
        .unwrap();
    assert!(!sealed.needs_encryption());
    let request = signed(&app(), &sealed);
    is_signed(&request, "body_md5");
    assert_eq!(opened(&request, |body| &body["data"]), "\"hush\"");
}

#[test]
fn events_of_a_batch_are_encrypted_one_by_one() {
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
    assert_eq!(opened(&request, |body| &body["batch"][0]["data"]), "1");
    assert_eq!(opened(&request, |body| &body["batch"][2]["data"]), "3");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["batch"][1]["data"], "2");
}

/// Read back, it would count as not sealed, and be sealed once more: subscribers could not read it.
#[test]
fn a_sealed_event_is_not_stored() {
    let event = Event::new("private-encrypted-a", "e", 1).unwrap();
    let stored = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), event);
    let sealed = event
        .encrypted(app().encryption_key().unwrap(), NONCE)
        .unwrap();
    let error = serde_json::to_string(&sealed).unwrap_err().to_string();
    assert_eq!(
        error,
        "an encrypted event can't be stored: store it before it is encrypted"
    );
}

#[test]
fn without_a_master_key_there_is_none_that_seals() {
    let error = crate::app().encryption_key().unwrap_err();
    assert!(matches!(error, Error::Encryption { .. }), "{error:?}");
}

#[test]
fn other_channels_and_users_need_no_sealing() {
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
