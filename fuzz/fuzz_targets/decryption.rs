//! Encrypted data. The first line is a channel, the second a master key, and the rest a text. The
//! text is encrypted, and is also decrypted as if it were encrypted data.
#![no_main]

#[path = "../../tests/properties/rules.rs"]
mod rules;

use libfuzzer_sys::fuzz_target;
use pusher_http::ChannelName;
use pusher_http::encryption::{MasterKey, NONCE_BYTES, SharedSecret};
use serde_json::Value;

const KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (name, key, text) = (line(), line(), line());

    let channel = ChannelName::new(name);
    assert_eq!(channel.is_ok(), rules::is_channel(name));
    let channel = channel.unwrap_or_else(|_| ChannelName::new("a").expect("a channel"));
    let key = match MasterKey::from_base64(key) {
        Ok(master) => {
            assert!(key.len() == 44 && key.ends_with('=') && key.is_ascii());
            master
        }
        Err(error) => {
            assert!(!format!("{error} {error:?}").contains("marker"));
            MasterKey::from_base64(KEY).expect("a key")
        }
    };
    let secret = key.shared_secret(&channel);
    assert_eq!(
        format!("{key:?} {secret:?}"),
        "MasterKey(..) SharedSecret(..)"
    );

    check_decryption(&secret, text);
    sealed(&secret, text, data);
});

/// Checks that only data encrypted with this secret can be decrypted.
fn check_decryption(secret: &SharedSecret, text: &str) {
    let Some(opened) = secret.open(text) else {
        return;
    };
    // serde accepts an array instead of an object.
    let value: Value = serde_json::from_str(text).expect("JSON");
    let field = |name: &str, place: usize| value.get(name).unwrap_or(&value[place]).clone();
    let nonce = decoded(field("nonce", 0).as_str().expect("a nonce"));
    let again = secret.seal(&opened, nonce).expect("sealed");
    let again: Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(again["ciphertext"], field("ciphertext", 1));
}

fn sealed(secret: &SharedSecret, text: &str, data: &[u8]) {
    let nonce: [u8; NONCE_BYTES] =
        std::array::from_fn(|place| data.get(place).copied().unwrap_or(7));
    let sealed = secret.seal(text, nonce).expect("sealed");
    assert_eq!(secret.open(&sealed).as_deref(), Some(text));
    let other = MasterKey::new([7; 32]).shared_secret(&ChannelName::new("b").expect("a channel"));
    assert_eq!(other.open(&sealed), None);

    // Changes one byte, at a position that the input chooses.
    let place = data
        .iter()
        .fold(0, |sum, b| (sum * 31 + usize::from(*b)) % sealed.len());
    let mut changed = sealed.clone().into_bytes();
    changed[place] = changed[place].wrapping_add(data.first().copied().unwrap_or(1) | 1);
    if let Ok(changed) = String::from_utf8(changed) {
        assert_eq!(secret.open(&changed), None, "{sealed} {changed}");
    }
}

/// Decodes Base64 by hand, so that the crate is not used to check itself.
fn decoded(text: &str) -> [u8; NONCE_BYTES] {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |digit: u8| DIGITS.iter().position(|d| *d == digit).expect("a digit");
    let bytes: Vec<u8> = text
        .as_bytes()
        .chunks(4)
        .flat_map(|four| {
            let group = four.iter().fold(0, |sum, digit| sum * 64 + value(*digit));
            [
                (group >> 16).to_le_bytes()[0],
                (group >> 8).to_le_bytes()[0],
                group.to_le_bytes()[0],
            ]
        })
        .collect();
    bytes.try_into().expect("24 bytes")
}
