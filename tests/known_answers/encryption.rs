//! Shared secrets, secretboxes and master keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use pusher_http::encryption::MasterKey;

use super::*;

#[derive(Deserialize)]
struct Vectors {
    shared_secret: Vec<SharedSecretVector>,
    secretbox: Vec<SecretboxVector>,
}

#[derive(Deserialize)]
struct SharedSecretVector {
    source: String,
    channel: String,
    master_key_base64: String,
    shared_secret_base64: String,
}

#[derive(Deserialize)]
struct SecretboxVector {
    source: String,
    channel: String,
    master_key_base64: String,
    nonce_base64: String,
    plaintext: String,
    ciphertext_base64: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../vectors/encryption.json")).expect("the vectors parse")
}

#[test]
fn shared_secrets() {
    let vectors = vectors().shared_secret;
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let secret = MasterKey::from_base64(&vector.master_key_base64)
            .unwrap()
            .shared_secret(&ChannelName::new(vector.channel).unwrap());
        assert_eq!(
            secret.to_base64(),
            vector.shared_secret_base64,
            "{}",
            vector.source
        );
    }
}

#[test]
fn encrypts_and_decrypts_secretboxes() {
    let vectors = vectors().secretbox;
    assert_eq!(vectors.len(), 1);
    for vector in vectors {
        let secret = MasterKey::from_base64(&vector.master_key_base64)
            .unwrap()
            .shared_secret(&ChannelName::new(vector.channel).unwrap());
        let nonce = BASE64.decode(&vector.nonce_base64).unwrap();
        let sealed = secret
            .seal(&vector.plaintext, nonce.try_into().unwrap())
            .unwrap();
        let expected = format!(
            r#"{{"nonce":"{}","ciphertext":"{}"}}"#,
            vector.nonce_base64, vector.ciphertext_base64
        );
        assert_eq!(sealed, expected, "{}", vector.source);
        assert_eq!(
            secret.open(&expected),
            Some(vector.plaintext),
            "{}",
            vector.source
        );
    }
}

#[test]
fn accepts_master_key_only_if_32_bytes_of_base64() {
    let lists = invalid_input();
    assert_eq!(
        (lists.master_key_b64.len(), lists.master_key_ok.len()),
        (4, 2)
    );
    for (what, text) in &lists.master_key_b64 {
        let error = MasterKey::from_base64(text).unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{what}");
        assert!(!error.to_string().contains(text.as_str()), "{what}");
    }
    for (text, bytes) in &lists.master_key_ok {
        let channel = ChannelName::new("private-encrypted-a").unwrap();
        let from_text = MasterKey::from_base64(text).unwrap();
        let from_bytes = MasterKey::new(bytes.as_bytes().try_into().unwrap());
        assert_eq!(
            from_text.shared_secret(&channel).to_base64(),
            from_bytes.shared_secret(&channel).to_base64()
        );
    }
}
