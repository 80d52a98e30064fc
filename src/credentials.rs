//! The key and secret of an app, and the crate's only HMAC.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::error::Error;

/// The length of a signature in bytes: HMAC-SHA256 as lower-case hexadecimal digits.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// A digest of `N` bytes as lower-case hexadecimal digits, on the stack.
pub(crate) type HexDigest<const N: usize> = hex::Buffer<N>;

/// A key and its secret, as an app's "App Keys" page shows them.
///
/// The secret is hashed into the HMAC's key schedule once, here; the text itself is not kept.
/// What is kept is wiped on drop, and `Debug` shows the key only.
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
    /// Takes a `key`, which is public and goes into every request, and its `secret`, which never
    /// leaves this machine.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for an empty secret, and for a key that is empty or has anything but visible
    /// ASCII characters (it goes into headers and URLs), or a colon (which ends it in an authorization).
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

    /// The key, which is public.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Signs the pieces as one text: HMAC-SHA256 in 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn sign<P: AsRef<[u8]>>(&self, pieces: &[P]) -> String {
        HexDigest::new().format(&self.mac(pieces)).to_owned()
    }

    /// Whether `signature` is that of the pieces, in time that does not depend on where it
    /// differs. Anything that is not 64 lower-case hexadecimal digits is not.
    #[must_use]
    pub fn verify<P: AsRef<[u8]>>(&self, pieces: &[P], signature: impl AsRef<[u8]>) -> bool {
        let mut expected = HexDigest::new();
        let expected = expected.format(&self.mac(pieces)).as_bytes();
        let signature = signature.as_ref();
        signature.len() == SIGNATURE_BYTES && expected.ct_eq(signature).into()
    }

    /// `key:signature` of the pieces as one text, as a browser passes it on.
    pub(crate) fn auth_string(&self, pieces: &[&str]) -> String {
        let mut auth = String::with_capacity(self.key.len() + 1 + SIGNATURE_BYTES);
        auth.push_str(&self.key);
        auth.push(':');
        push_hex(&mut auth, &self.mac(pieces));
        auth
    }

    /// The HMAC of the pieces as one text.
    pub(crate) fn mac(&self, pieces: impl IntoIterator<Item: AsRef<[u8]>>) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for piece in pieces {
            mac.update(piece.as_ref());
        }
        mac.finalize().into_bytes().into()
    }
}

/// Adds a digest to a text as lower-case hexadecimal digits.
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
    fn verifies_the_exact_signature_only() {
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

    /// `Hmac` does not say so of itself: it is two states of SHA-256 and a block's buffer.
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
