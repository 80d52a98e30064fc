//! The key and secret of an app, and the only HMAC code in this crate.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::error::Error;

/// The length of a signature, which is HMAC-SHA256 as lower-case hexadecimal digits.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// A digest of `N` bytes as lower-case hexadecimal digits, on the stack.
pub(crate) type HexDigest<const N: usize> = hex::Buffer<N>;

/// A key and its secret, as shown on an app's "App Keys" page.
///
/// The secret is hashed once into the HMAC's key schedule, and its text is not kept. The key
/// schedule is wiped on drop, and `Debug` shows only the key.
///
/// ```
/// use pusher_http::Credentials;
///
/// let credentials = Credentials::new("278d425bdf160c739803", "7ad3773142a6692b25b8")?;
/// assert_eq!(
///     credentials.sign(&["1234.1234", ":", "private-foobar"]),
///     "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
/// );
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    key: String,
    keyed: Hmac<Sha256>,
}

impl Credentials {
    /// Creates credentials from a `key` and its `secret`.
    ///
    /// The key is public and part of every request. The secret never leaves this machine.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for an empty secret, an empty key, or a key with a colon or with
    /// characters other than visible ASCII. The key is sent in headers and URLs, and a colon ends
    /// it in an authorization.
    pub fn new(key: impl Into<String>, secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        let key = key.into();
        let secret = secret.as_ref();
        if key.is_empty() {
            return Err(Error::config("key", "is empty"));
        }
        if !key.bytes().all(|b| b.is_ascii_graphic() && b != b':') {
            return Err(Error::config(
                "key",
                "may only have visible ASCII characters and no colon",
            ));
        }
        if secret.is_empty() {
            return Err(Error::config("secret", "is empty"));
        }
        let keyed = Hmac::new_from_slice(secret)
            .map_err(|_| Error::config("secret", "has a length that HMAC does not take"))?;
        Ok(Self { key, keyed })
    }

    /// Returns the key, which is public.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Signs the pieces as one text.
    ///
    /// The signature is HMAC-SHA256 in 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn sign<P: AsRef<[u8]>>(&self, pieces: &[P]) -> String {
        HexDigest::new().format(&self.mac(pieces)).to_owned()
    }

    /// Whether `signature` is the signature of the pieces.
    ///
    /// The time of the comparison does not depend on where the signature differs. Anything except
    /// 64 lower-case hexadecimal digits is not a valid signature.
    #[must_use]
    pub fn verify<P: AsRef<[u8]>>(&self, pieces: &[P], signature: impl AsRef<[u8]>) -> bool {
        let mut expected = HexDigest::new();
        let expected = expected.format(&self.mac(pieces)).as_bytes();
        let signature = signature.as_ref();
        signature.len() == SIGNATURE_BYTES && expected.ct_eq(signature).into()
    }

    /// Returns `key:signature` for the pieces as one text, in the form that a browser passes on.
    pub(crate) fn auth_string(&self, pieces: &[&str]) -> String {
        let mut auth = String::with_capacity(self.key.len() + 1 + SIGNATURE_BYTES);
        auth.push_str(&self.key);
        auth.push(':');
        push_hex(&mut auth, &self.mac(pieces));
        auth
    }

    /// Computes the HMAC of the pieces as one text.
    pub(crate) fn mac(&self, pieces: impl IntoIterator<Item: AsRef<[u8]>>) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for piece in pieces {
            mac.update(piece.as_ref());
        }
        mac.finalize().into_bytes().into()
    }
}

/// Appends a digest to a text as lower-case hexadecimal digits.
#[inline]
pub(crate) fn push_hex<const N: usize>(text: &mut String, digest: &[u8; N]) {
    text.push_str(HexDigest::new().format(digest));
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_a_missing_key_or_secret() {
        for (key, secret) in [("", "s"), ("k", ""), ("a b", "s"), ("a:b", "s"), ("é", "s")] {
            assert!(Credentials::new(key, secret).is_err(), "{key:?} {secret:?}");
        }
    }

    #[test]
    fn verifies_only_the_exact_signature() {
        let credentials = Credentials::new("key", "secret").unwrap();
        let signature = credentials.sign(&["text"]);
        assert!(credentials.verify(&["te", "xt"], &signature));
        for wrong in [
            "",
            "é",
            &signature[..63],
            &format!("{signature}0"),
            &signature.to_uppercase(),
            &"0".repeat(64),
        ] {
            assert!(!credentials.verify(&["text"], wrong), "{wrong}");
        }
        assert!(!credentials.verify(&["text"], [0xff; 64]));
    }

    /// `Hmac` does not implement `ZeroizeOnDrop`, but its parts do.
    ///
    /// It consists of two SHA-256 states and a block buffer.
    #[test]
    fn secret_is_wiped_on_drop() {
        use hmac::block_api::HmacCore;
        use hmac::digest::block_api::{Buffer, CoreProxy, EagerHash};
        use zeroize::ZeroizeOnDrop;

        fn assert_wiped<T: ZeroizeOnDrop>() {}
        fn assert_core<T: CoreProxy<Core = HmacCore<Sha256>>>(_: &T) {}

        assert_core(&Credentials::new("key", "secret").unwrap().keyed);
        assert_wiped::<<Sha256 as EagerHash>::Core>();
        assert_wiped::<Buffer<HmacCore<Sha256>>>();
    }

    #[test]
    fn debug_shows_the_key_and_not_the_secret() {
        let credentials = Credentials::new("key", "marker-secret").unwrap();
        assert_eq!(
            format!("{credentials:?}"),
            "Credentials { key: \"key\", .. }"
        );
    }
}
