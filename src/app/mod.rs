//! One Pusher app: all that is needed to build a request, sign a token or verify a webhook.

mod address;
mod base_url;
mod builder;
mod from_url;
mod from_vars;

pub(crate) use address::Address;
pub(crate) use base_url::is_dots;
pub use builder::AppBuilder;
#[cfg(feature = "client")]
pub(crate) use from_vars::VARIABLES;

use std::sync::Arc;

use url::Url;

use crate::encryption::MasterKey;
use crate::error::Error;
use crate::limits::Limits;
use crate::token::Token;

/// An app's id, tokens, address, limits and encryption keys, checked once when it is built.
///
/// It is data: it reads no clock, no environment and no network. `Pusher` holds one, and the
/// functions of [`api`](crate::api) take one.
///
/// ```
/// use pusher_http::App;
///
/// let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8")
///     .cluster("eu")
///     .build()?;
/// assert_eq!(app.base_url().as_str(), "https://api-eu.pusher.com/");
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct App {
    id: String,
    /// The first one signs; all of them verify webhooks.
    tokens: Vec<Token>,
    address: Arc<Address>,
    limits: Limits,
    master_key: Option<MasterKey>,
    older_master_keys: Vec<MasterKey>,
}

impl App {
    /// The app's id, which stands in every path.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The token that signs requests and browsers' tokens.
    #[must_use]
    pub fn token(&self) -> &Token {
        // The builder puts one in; an app has no other source.
        &self.tokens[0]
    }

    /// The tokens that webhooks are verified against, the signing one first.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The server's address: scheme, host, port, and the path prefix where there is one.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.address.url
    }

    /// The whole path of an endpoint of this app: `/apps/{app_id}` and after it `path`, which
    /// begins with a slash and is percent-encoded as on the wire.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        format!("/apps/{}{path}", self.id)
    }

    pub(crate) fn address(&self) -> &Arc<Address> {
        &self.address
    }

    /// The limits in force.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The master key that data for encrypted channels is sealed with.
    ///
    /// # Errors
    ///
    /// [`Error::Encryption`] when none is configured.
    pub fn sealing_key(&self) -> Result<&MasterKey, Error> {
        self.master_key.as_ref().ok_or_else(|| {
            Error::encryption("no master key is configured: set encryption_master_key_base64")
        })
    }

    /// The master keys that encrypted data is opened with: the one that seals, and the older ones.
    pub fn opening_keys(&self) -> impl Iterator<Item = &MasterKey> + Clone {
        self.master_key.iter().chain(&self.older_master_keys)
    }
}
