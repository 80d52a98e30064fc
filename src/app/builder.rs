//! Setting up an app, one setting at a time.

use std::sync::Arc;

use url::Url;
use zeroize::Zeroizing;

use super::{Address, App};
#[cfg(feature = "encryption")]
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
    cluster: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    tls: bool,
    path_prefix: String,
    limits: Limits,
    #[cfg(feature = "encryption")]
    master_key: Option<Zeroizing<String>>,
    #[cfg(feature = "encryption")]
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
            cluster: None,
            host: None,
            port: None,
            tls: true,
            path_prefix: String::new(),
            limits: Limits::default(),
            #[cfg(feature = "encryption")]
            master_key: None,
            #[cfg(feature = "encryption")]
            older_master_keys: Vec::new(),
        }
    }
}

impl AppBuilder {
    /// The hosted service's cluster, such as `eu`: the host is `api-{cluster}.pusher.com`.
    /// A [`host`](Self::host) takes precedence. Default: `mt1`.
    #[must_use]
    pub fn cluster(mut self, cluster: impl Into<String>) -> Self {
        self.cluster = Some(cluster.into());
        self
    }

    /// The server's host name or IP address, without scheme and port.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The server's port. Default: 443 with TLS, 80 without.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Whether to use HTTPS. Default: yes.
    #[must_use]
    pub fn tls(mut self, tls: bool) -> Self {
        self.tls = tls;
        self
    }

    /// A path before `/apps/..`, such as `/realtime`, for a server behind a reverse proxy that
    /// strips it. It is part of the URL and not of what is signed.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = prefix.into();
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
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.master_key = Some(Zeroizing::new(key.into()));
        self
    }

    /// One more master key that encrypted data is opened with: one from before a rotation. 32 bytes as standard base64. May be called several times.
    #[cfg(feature = "encryption")]
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
        let is_unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if self.id.is_empty() || !self.id.bytes().all(is_unreserved) || is_dots(&self.id) {
            return Err(Error::config(
                "app id",
                "must be of A-Z a-z 0-9 - _ . and not empty",
            ));
        }
        let address = Arc::new(Address::new(self.base_url()?, &self.id)?);
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
            #[cfg(feature = "encryption")]
            master_key: self
                .master_key
                .map(|key| MasterKey::from_base64(&key))
                .transpose()?,
            #[cfg(feature = "encryption")]
            older_master_keys: self
                .older_master_keys
                .iter()
                .map(|key| MasterKey::from_base64(key))
                .collect::<Result<_, _>>()?,
        })
    }

    fn base_url(&self) -> Result<Url, Error> {
        let host = match (&self.host, &self.cluster) {
            (Some(host), _) => host.clone(),
            (None, Some(cluster)) => {
                let is_label = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
                if cluster.is_empty() || !cluster.bytes().all(is_label) {
                    return Err(Error::config(
                        "cluster",
                        "must be a name such as eu, of A-Z a-z 0-9 -",
                    ));
                }
                format!("api-{cluster}.pusher.com")
            }
            (None, None) => "api-mt1.pusher.com".to_owned(),
        };
        // The URL parser takes an IPv6 address in brackets only, and much that is no host.
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let host = match host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) if !host.is_empty() && host.bytes().all(is_name) => host,
            Err(_) => {
                return Err(Error::config(
                    "host",
                    "must be a host name or an IP address alone, without scheme, port and path",
                ));
            }
        };
        let scheme = if self.tls { "https" } else { "http" };
        let mut url = Url::parse(&format!("{scheme}://{host}"))
            .map_err(|error| Error::config("host", format!("is malformed: {error}")))?;
        url.set_port(self.port)
            .map_err(|()| Error::config("port", "can't be set on this host"))?;
        url.set_path(&checked_prefix(&self.path_prefix)?);
        Ok(url)
    }
}

impl std::fmt::Debug for AppBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppBuilder")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("cluster", &self.cluster)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .field("path_prefix", &self.path_prefix)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The prefix with one slash before it and none after it; empty stays empty.
fn checked_prefix(prefix: &str) -> Result<String, Error> {
    let trimmed = prefix.trim_matches('/');
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/%".contains(&b);
    if !trimmed.bytes().all(is_plain) || trimmed.split('/').any(is_dots) {
        return Err(Error::config(
            "path prefix",
            "must be a path of A-Z a-z 0-9 - _ . ~ / and percent-encoded bytes",
        ));
    }
    Ok(if trimmed.is_empty() {
        String::new()
    } else {
        format!("/{trimmed}")
    })
}

/// A URL parser takes such a segment, in any spelling, as a step up or as nothing.
pub(crate) fn is_dots(segment: &str) -> bool {
    let mut rest = segment;
    let mut dots = 0;
    while let Some(after) = [".", "%2e", "%2E"]
        .iter()
        .find_map(|dot| rest.strip_prefix(dot))
    {
        rest = after;
        dots += 1;
    }
    rest.is_empty() && (dots == 1 || dots == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder() -> AppBuilder {
        App::builder("3", "key", "marker-secret")
    }

    fn url(builder: AppBuilder) -> String {
        builder.build().unwrap().base_url().to_string()
    }

    #[test]
    fn the_address_follows_the_settings() {
        assert_eq!(url(builder()), "https://api-mt1.pusher.com/");
        assert_eq!(url(builder().cluster("eu")), "https://api-eu.pusher.com/");
        assert_eq!(
            url(builder()
                .cluster("eu")
                .host("127.0.0.1")
                .port(6001)
                .tls(false)),
            "http://127.0.0.1:6001/"
        );
        assert_eq!(url(builder().host("::1").port(1)), "https://[::1]:1/");
        assert_eq!(
            url(builder().host("example.com").path_prefix("/a/b/")),
            "https://example.com/a/b"
        );
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
        #[cfg(feature = "encryption")]
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
