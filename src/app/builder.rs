//! Setting up an app, one setting at a time.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::base_url::{BaseUrl, is_dots};
use super::{Address, App};
use crate::encryption::MasterKey;
use crate::error::Error;
use crate::limits::Limits;
use crate::token::Token;

/// The settings of an [`App`]; nothing is checked before [`build`](AppBuilder::build).
///
/// Without any setting the address is `https://api-mt1.pusher.com`.
#[derive(Clone)]
pub struct AppBuilder {
    id: String,
    key: String,
    secret: Zeroizing<String>,
    older_tokens: Vec<(String, Zeroizing<String>)>,
    base_url: BaseUrl,
    limits: Limits,
    master_key: Option<Zeroizing<String>>,
    older_master_keys: Vec<Zeroizing<String>>,
}

impl App {
    /// Starts the settings of an app from the three values that its "App Keys" page shows.
    #[must_use]
    pub fn builder(
        id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> AppBuilder {
        AppBuilder {
            id: id.into(),
            key: key.into(),
            secret: Zeroizing::new(secret.into()),
            older_tokens: Vec::new(),
            base_url: BaseUrl::default(),
            limits: Limits::default(),
            master_key: None,
            older_master_keys: Vec::new(),
        }
    }
}

impl AppBuilder {
    /// The hosted service's cluster, such as `eu`: the host is `api-{cluster}.pusher.com`.
    /// A [`host`](Self::host) takes precedence. Default: `mt1`.
    #[must_use]
    pub fn cluster(mut self, cluster: impl Into<String>) -> Self {
        self.base_url.cluster = cluster.into();
        self
    }

    /// The server's host name or IP address, without scheme and port.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.base_url.host = Some(host.into());
        self
    }

    /// The server's port. Default: 443 with TLS, 80 without.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.base_url.port = Some(port);
        self
    }

    /// Whether to use HTTPS. Default: yes.
    #[must_use]
    pub fn tls(mut self, tls: bool) -> Self {
        self.base_url.tls = tls;
        self
    }

    /// A path before `/apps/..`, such as `/realtime`, for a server behind a reverse proxy that
    /// strips it. It is part of the URL and not of what is signed.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.base_url.path_prefix = prefix.into();
        self
    }

    /// The limits that are checked before the network. Default: the hosted service's.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// One more token that webhooks may be signed with. The service signs with an app's oldest
    /// active token, so add that one while tokens are rotated. May be called several times.
    #[must_use]
    pub fn older_token(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.older_tokens
            .push((key.into(), Zeroizing::new(secret.into())));
        self
    }

    /// The master key of end-to-end encrypted channels: 32 bytes as standard base64.
    #[must_use]
    pub fn encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.master_key = Some(Zeroizing::new(key.into()));
        self
    }

    /// One more master key that encrypted data is opened with, from before a rotation: 32 bytes as
    /// standard base64. May be called several times.
    #[must_use]
    pub fn older_encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.older_master_keys.push(Zeroizing::new(key.into()));
        self
    }

    /// Checks all settings and makes the app.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the setting that is missing or malformed, never a secret's value.
    pub fn build(self) -> Result<App, Error> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if self.id.is_empty() || !self.id.bytes().all(is_plain) || is_dots(&self.id) {
            return Err(Error::config(
                "app id",
                "must be of A-Z a-z 0-9 - _ . and not empty",
            ));
        }
        let address = Arc::new(Address::new(self.base_url.checked()?)?);
        let mut tokens = vec![Token::new(self.key, self.secret.as_str())?];
        for (key, secret) in self.older_tokens {
            tokens.push(Token::new(key, secret.as_str())?);
        }
        if self.limits.channels_per_trigger == 0 || self.limits.events_per_batch == 0 {
            return Err(Error::config(
                "limits",
                "of channels per trigger and events per batch must be at least 1",
            ));
        }
        Ok(App {
            id: self.id,
            tokens,
            address,
            limits: self.limits,
            master_key: self
                .master_key
                .map(|key| MasterKey::from_base64(&key))
                .transpose()?,
            older_master_keys: self
                .older_master_keys
                .iter()
                .map(|key| MasterKey::from_base64(key))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl std::fmt::Debug for AppBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppBuilder")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("base_url", &self.base_url)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> AppBuilder {
        App::builder("3", "key", "marker-secret")
    }

    #[test]
    fn what_is_malformed_is_named() {
        for (broken, name) in [
            (App::builder("", "key", "secret"), "app id"),
            (App::builder("a/b", "key", "secret"), "app id"),
            (App::builder("..", "key", "secret"), "app id"),
            (App::builder("3", "", "secret"), "key"),
            (App::builder("3", "key", ""), "secret"),
            (builder().older_token("key2", ""), "secret"),
            (builder().cluster("eu.evil.example/"), "cluster"),
            (builder().cluster(""), "cluster"),
            (builder().host(""), "host"),
            (builder().host("https://example.com"), "host"),
            (builder().host("example.com:80"), "host"),
            (builder().host("user@example.com"), "host"),
            (builder().host("exa mple.com"), "host"),
            (builder().host("example.com:443"), "host"),
            (builder().host("example.com:"), "host"),
            (builder().host("[::1]:443"), "host"),
            (builder().host("ex\tample.com"), "host"),
            (builder().host("%65xample.com"), "host"),
            (builder().path_prefix("/a/../b"), "path prefix"),
            (builder().path_prefix("/a/%2E%2e/b"), "path prefix"),
            (builder().path_prefix("/a?b"), "path prefix"),
            (
                builder().limits(Limits {
                    events_per_batch: 0,
                    ..Limits::default()
                }),
                "limits",
            ),
        ] {
            let debug = format!("{broken:?}");
            assert!(!debug.contains("marker-secret"), "{debug}");
            let error = broken.build().unwrap_err();
            assert!(
                matches!(&error, Error::Config { name: named, .. } if named == name),
                "{error} should name {name}"
            );
        }
    }

    #[test]
    fn secrets_are_wiped_on_drop() {
        fn assert_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}

        let builder = builder().older_token("key2", "secret");
        assert_wiped(&builder.secret);
        assert_wiped(&builder.older_tokens[0].1);
        {
            let builder = builder
                .encryption_master_key_base64("")
                .older_encryption_master_key_base64("");
            assert_wiped(builder.master_key.as_ref().unwrap());
            assert_wiped(&builder.older_master_keys[0]);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let app = builder().older_token("key2", "marker-secret").build();
        assert!(!format!("{:?}", app.unwrap()).contains("marker-secret"));
    }
}
