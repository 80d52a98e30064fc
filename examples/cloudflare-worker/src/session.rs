//! Whose request it is, by its session cookie: `session=USER.SIGNATURE`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use http::header::COOKIE;
use sha2::Sha256;

/// Checks session cookies. A real one would also end them at some time.
pub struct Sessions {
    secret: String,
}

impl Sessions {
    pub fn new(secret: String) -> Self {
        Self { secret }
    }

    /// The user who is signed in, such as `operator-7`; `None` without a cookie, and with one that
    /// is forged.
    pub fn user<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(COOKIE).iter();
        let session = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix("session="))?;
        let (user, signature) = session.split_once('.')?;
        let signature = hex::decode(signature).ok()?;
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).ok()?;
        // In constant time.
        let is_ours = mac.chain_update(user).verify_slice(&signature).is_ok();
        is_ours.then_some(user)
    }
}
