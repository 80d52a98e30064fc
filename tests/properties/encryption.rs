//! Encrypted channels: data can be decrypted only with its own key and for its own channel.

use proptest::prelude::*;
use proptest::sample::Index;
use pusher_http::encryption::MasterKey;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{App, ChannelName, WebhookEvent};
use serde_json::{Value, json};

use crate::cases;
use crate::strategies::near;

const ENVELOPE: &str = "\\{\"nonce\":\"[A-Za-z0-9+/]{32}\",\"ciphertext\":\"[A-Za-z0-9+/]{24}\"\\}";
const MASTER_KEY: &str = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=";
const KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn decrypts_client_data_only_with_its_own_key(
        name in "private-encrypted-[a-z0-9]{1,20}", data in any::<String>(),
        nonce in any::<[u8; 24]>(), other_key in any::<[u8; 32]>(), at in any::<Index>(),
    ) {
        let key = MasterKey::from_base64(KEY).unwrap();
        let channel = ChannelName::new(&*name).unwrap();
        let sealed = key.shared_secret(&channel).seal(&data, nonce).unwrap();
        let other = MasterKey::new(other_key).shared_secret(&channel).seal(&data, nonce).unwrap();
        let mut changed: Value = serde_json::from_str(&sealed).unwrap();
        let mut ciphertext = changed["ciphertext"].as_str().unwrap().to_owned();
        // Does not change the last group: decoders ignore its spare bits.
        let at = at.index(ciphertext.len() - 4);
        let letter = if ciphertext.as_bytes()[at] == b'A' { "B" } else { "A" };
        ciphertext.replace_range(at..=at, letter);
        changed["ciphertext"] = ciphertext.into();

        let told = |channel: &str, data: &str| json!({
            "name": "client_event", "channel": channel, "event": "client-e", "data": data,
        });
        let body = json!({"time_ms": 1_403_175_510_755_u64, "events": [
            told(&name, &sealed), told(&name, &other), told(&name, &changed.to_string()),
            told(&format!("{name}-2"), &sealed), told("private-a", &sealed), told(&name, &data),
        ]}).to_string();
        let app = App::builder("3", "key", "secret")
            .encryption_master_key_base64(KEY)
            .build_app()
            .unwrap();
        let headers = WebhookSignature::new(app.credentials(), body.as_bytes()).headers();
        let heard: Vec<_> = app.webhook(&headers, body.as_bytes()).unwrap().events
            .into_iter()
            .map(|event| match event {
                WebhookEvent::ClientEvent(event) => (event.decrypted, event.data.unwrap()),
                other => panic!("{other:?}"),
            })
            .collect();
        prop_assert_eq!(heard, [
            (true, data.clone()), (false, other), (false, changed.to_string()),
            (false, sealed.clone()), (false, sealed), (false, data),
        ]);
    }

    #[test]
    fn does_not_decrypt_text_that_was_not_encrypted(text in near(ENVELOPE)) {
        let channel = ChannelName::new("private-encrypted-a").unwrap();
        let secret = MasterKey::new([7; 32]).shared_secret(&channel);
        prop_assert_eq!(secret.open(&text), None);
    }

    #[test]
    fn accepts_master_key_only_if_32_bytes_of_base64(text in near(MASTER_KEY)) {
        const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let place = |c: char| DIGITS.find(c);
        let fits = text.len() == 44
            && text.strip_suffix('=').is_some_and(|digits| {
                // With 32 bytes, two bits of the last digit have no meaning.
                digits.chars().all(|c| place(c).is_some())
                    && digits.chars().last().and_then(place).is_some_and(|last| last % 4 == 0)
            });
        let result = MasterKey::from_base64(&text);
        prop_assert_eq!(result.is_ok(), fits);
        if let Err(error) = result {
            let told = format!("{error} {error:?}");
            prop_assert!(text.len() < 8 || !told.contains(&text), "{}", told);
        }
    }
}
