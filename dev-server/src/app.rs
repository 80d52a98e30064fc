//! The settings of one app.

use std::fmt;

use pusher_http::{App, Builder};

/// An app of a [`DevServer`](super::DevServer).
///
/// Its settings are its keys, its webhooks, and the features that can be switched on and off for it
/// in the hosted service's dashboard.
///
/// The server sets the app's host, port, TLS, path prefix and limits. The default app has the id
/// `local-app`, the key `local-key`, the secret `local-secret`, and a master key for encrypted
/// channels.
///
/// ```
/// use pusher_dev_server::{DevApp, DevServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pusher_dev_server::ConfigError> {
/// let shop = DevApp::new("1", "shop-key", "shop-secret")
///     .webhook("http://127.0.0.1:3000/pusher/webhook")
///     .subscription_count_events(true);
/// let server = DevServer::builder().app(shop).app(DevApp::default()).start().await?;
/// assert_eq!(server.app().id(), "1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DevApp {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) secret: String,
    older_credentials: Vec<(String, String)>,
    master_key: Option<String>,
    pub(super) webhook_urls: Vec<String>,
    pub(super) switches: Switches,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Switches {
    pub(super) client_events: bool,
    pub(super) subscription_count_events: bool,
}

impl DevApp {
    /// Creates an app with this id, key and secret, and without webhooks.
    #[must_use]
    pub fn new(id: impl Into<String>, key: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            key: key.into(),
            secret: secret.into(),
            older_credentials: Vec::new(),
            master_key: None,
            webhook_urls: Vec::new(),
            switches: Switches {
                client_events: true,
                subscription_count_events: false,
            },
        }
    }

    /// Adds an older key and its secret.
    ///
    /// Requests and browsers may use it too. The last one added signs webhooks: the hosted service
    /// signs them with the oldest active key.
    #[must_use]
    pub fn older_credentials(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.older_credentials.push((key.into(), secret.into()));
        self
    }

    /// Sets the master key of encrypted channels: 32 bytes as standard base64.
    ///
    /// With a master key, the server records the decrypted data of encrypted events.
    #[must_use]
    pub fn encryption_master_key_base64(mut self, key: impl Into<String>) -> Self {
        self.master_key = Some(key.into());
        self
    }

    /// Returns a builder with the app's own settings.
    pub(super) fn settings(&self) -> Builder {
        let mut settings = App::builder(&self.id, &self.key, &self.secret);
        for (key, secret) in &self.older_credentials {
            settings = settings.older_credentials(key, secret);
        }
        match &self.master_key {
            Some(key) => settings.encryption_master_key_base64(key),
            None => settings,
        }
    }

    /// Posts the app's webhooks, of all types, to this URL. May be called several times.
    #[must_use]
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        self.webhook_urls.push(url.into());
        self
    }

    /// Sets whether clients may trigger [events of their own][]. Default: yes.
    ///
    /// On the hosted service this has to be switched on first. A rejected event gets the same
    /// response as on the hosted service: a `pusher:error` that says so.
    ///
    /// [events of their own]: https://pusher.com/docs/channels/using_channels/events/#triggering-client-events
    #[must_use]
    pub fn client_events(mut self, are_on: bool) -> Self {
        self.switches.client_events = are_on;
        self
    }

    /// Sets whether [subscription counts][] are sent to subscribers and webhooks. Default: no.
    ///
    /// The default is the same as on the hosted service. Presence channels never have these counts.
    /// [`Info::SUBSCRIPTION_COUNT`](pusher_http::Info::SUBSCRIPTION_COUNT) is always available
    /// here; on the hosted service it has to be switched on too.
    ///
    /// [subscription counts]: https://pusher.com/docs/channels/using_channels/events/#pusher-subscription-count
    #[must_use]
    pub fn subscription_count_events(mut self, are_on: bool) -> Self {
        self.switches.subscription_count_events = are_on;
        self
    }
}

impl Default for DevApp {
    fn default() -> Self {
        Self::new("local-app", "local-key", "local-secret")
            .encryption_master_key_base64("bG9jYWwtbWFzdGVyLWtleS1vZi0zMi1ieXRlcy4uLi4=")
    }
}

impl fmt::Debug for DevApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevApp")
            .field("id", &self.id)
            .field("key", &self.key)
            .field("webhooks", &self.webhook_urls.len())
            .field("switches", &self.switches)
            .finish_non_exhaustive()
    }
}
