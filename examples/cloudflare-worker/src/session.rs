//! Identifies the user of a request by the session cookie: `session=USER.SIGNATURE`.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use http::header::COOKIE;
use sha2::Sha256;

/// Checks session cookies. A real application would also let them expire.
pub struct Sessions {
    secret: String,
}

impl Sessions {
    pub fn new(secret: String) -> Self {
        Self { secret }
    }

    /// Returns the signed-in user, such as `operator-7`.
    ///
    /// Returns `None` if the cookie is missing or forged.
    pub fn user<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(COOKIE).iter();
        let session = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix("session="))?;
        let (user, signature) = session.split_once('.')?;
        let signature = hex::decode(signature).ok()?;
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).ok()?;
        // `verify_slice` compares in constant time.
        let is_ours = mac.chain_update(user).verify_slice(&signature).is_ok();
        is_ours.then_some(user)
    }
}
