//! End-to-end encryption: a key per channel, and data that the service can't read.
//!
//! The scheme is that of Pusher's
//! [encrypted channels](https://pusher.com/docs/channels/using_channels/encrypted-channels/). A
//! channel's secret is `SHA-256(channel name ‖ master key)`, and the data is an XSalsa20-Poly1305
//! secretbox. Channel and event names stay readable.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crypto_secretbox::aead::Aead;
use crypto_secretbox::{KeyInit, XSalsa20Poly1305};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::channel::ChannelName;
use crate::error::Error;

/// The length of a nonce in bytes.
///
/// Each nonce must be new and random. If a nonce is used twice with the same key, both texts can be
/// recovered.
pub const NONCE_BYTES: usize = 24;

/// The length in bytes of the Poly1305 tag that a secretbox adds.
const TAG_BYTES: usize = 16;

/// The 32 bytes that the secrets of all encrypted channels of an app are derived from.
///
/// The key never leaves the server and is wiped on drop. `Debug` does not show it. Create one with
/// `openssl rand -base64 32`.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Creates a key from its 32 bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Creates a key from standard base64 with padding, which has 44 characters.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if the text is not base64, or if it does not decode to 32 bytes. In that
    /// case the message says how many bytes there are.
    pub fn from_base64(text: &str) -> Result<Self, Error> {
        let malformed = |reason: String| Err(Error::config("encryption master key", reason));
        // The decoded bytes are wiped even if they are rejected.
        let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
        let Ok(length) = BASE64.decode_slice(text, &mut bytes) else {
            return malformed("is not standard base64 with padding".to_owned());
        };
        let mut key = Zeroizing::new([0; 32]);
        if length != key.len() {
            return malformed(format!("has {length} bytes, not 32"));
        }
        key.copy_from_slice(&bytes[..length]);
        Ok(Self(key))
    }

    /// Derives the secret of this channel.
    #[must_use]
    pub fn shared_secret(&self, channel: &ChannelName) -> SharedSecret {
        let mut secret = Zeroizing::new([0; 32]);
        Sha256::new()
            .chain_update(channel.as_str())
            .chain_update(self.0.as_slice())
            .finalize_into((&mut *secret).into());
        SharedSecret(secret)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// The secret of an encrypted channel, shared by the server and the channel's subscribers.
///
/// It is wiped on drop, and `Debug` does not show it.
///
/// ```
/// use pusher_http::{ChannelName, encryption::MasterKey};
///
/// let key = MasterKey::from_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")?;
/// let secret = key.shared_secret(&ChannelName::new("private-encrypted-bla")?);
/// // In production each nonce is fresh and random.
/// let sealed = secret.seal("hello", [7; 24])?;
/// assert_eq!(secret.open(&sealed), Some("hello".to_owned()));
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedSecret(Zeroizing<[u8; 32]>);

/// Encrypted data in its JSON form.
#[derive(Serialize, Deserialize)]
struct Envelope {
    nonce: String,
    ciphertext: String,
}

impl SharedSecret {
    /// Returns the secret as standard base64 with padding, as it is sent in an authorization.
    #[must_use]
    pub fn to_base64(&self) -> String {
        BASE64.encode(self.0.as_slice())
    }

    /// Encrypts a text into the JSON that an encrypted event has as its data.
    ///
    /// The JSON is `{"nonce":"<base64>","ciphertext":"<base64>"}`.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] if the cipher fails, which does not happen for any text that fits into
    /// memory.
    pub fn seal(&self, text: &str, nonce: [u8; NONCE_BYTES]) -> Result<String, Error> {
        let failed = || Error::encryption("the data could not be encrypted");
        let ciphertext = self
            .cipher()
            .encrypt(&nonce.into(), text.as_bytes())
            .map_err(|_| failed())?;
        let envelope = Envelope {
            nonce: BASE64.encode(nonce),
            ciphertext: BASE64.encode(ciphertext),
        };
        serde_json::to_string(&envelope).map_err(|_| failed())
    }

    /// Decrypts the output of [`seal`](Self::seal).
    ///
    /// Returns `None` if the text is not such JSON, was encrypted with another key, was changed, or
    /// does not contain UTF-8.
    #[must_use]
    pub fn open(&self, envelope: &str) -> Option<String> {
        let envelope: Envelope = serde_json::from_str(envelope).ok()?;
        let nonce: [u8; NONCE_BYTES] = BASE64.decode(envelope.nonce).ok()?.try_into().ok()?;
        let ciphertext = BASE64.decode(envelope.ciphertext).ok()?;
        let text = self
            .cipher()
            .decrypt(&nonce.into(), ciphertext.as_slice())
            .ok()?;
        String::from_utf8(text).ok()
    }

    fn cipher(&self) -> XSalsa20Poly1305 {
        XSalsa20Poly1305::new((&*self.0).into())
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(..)")
    }
}

/// Returns the output length of [`SharedSecret::seal`] for a text of `text_bytes` bytes.
pub(crate) fn encrypted_bytes(text_bytes: usize) -> usize {
    let base64_bytes = |bytes: usize| bytes.div_ceil(3) * 4;
    r#"{"nonce":"","ciphertext":""}"#.len()
        + base64_bytes(NONCE_BYTES)
        + base64_bytes(text_bytes + TAG_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SharedSecret {
        MasterKey::new([7; 32]).shared_secret(&ChannelName::new("private-encrypted-a").unwrap())
    }

    #[test]
    fn encrypted_bytes_matches_actual_size() {
        for bytes in 0..70 {
            let sealed = secret().seal(&"x".repeat(bytes), [1; 24]).unwrap();
            assert_eq!(sealed.len(), encrypted_bytes(bytes), "{bytes}");
        }
    }

    #[test]
    fn rejects_wrong_key_changed_or_malformed_envelope() {
        let sealed = secret().seal("hello", [1; 24]).unwrap();
        assert_eq!(secret().open(&sealed).as_deref(), Some("hello"));
        let other = MasterKey::new([8; 32])
            .shared_secret(&ChannelName::new("private-encrypted-a").unwrap());
        assert_eq!(other.open(&sealed), None);
        for text in [
            "",
            "null",
            "plain",
            "{}",
            r#"{"nonce":"AAAA","ciphertext":"AAAA"}"#,
            r#"{"nonce":"!","ciphertext":"!"}"#,
            &sealed.replace("\"nonce\":\"AQ", "\"nonce\":\"Ag"),
        ] {
            assert_eq!(secret().open(text), None, "{text}");
        }
    }

    #[test]
    fn keys_are_wiped_on_drop() {
        fn assert_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}

        assert_wiped(&MasterKey::new([7; 32]).0);
        assert_wiped(&secret().0);
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", MasterKey::new([7; 32])), "MasterKey(..)");
        assert_eq!(format!("{:?}", secret()), "SharedSecret(..)");
    }
}
