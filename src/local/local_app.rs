//! What can be set of one app of a local server.

use std::fmt;

use crate::app::{App, AppBuilder};

/// An app of a [`LocalServer`](super::LocalServer): its keys, its webhooks, and what the hosted
/// service's dashboard lets one switch on and off for it.
///
/// The app's host, port, TLS, path prefix and limits are the server's own. The default is an app
/// with the id `local-app`, the key `local-key`, the secret `local-secret`, and a master key for
/// encrypted channels.
///
/// ```
/// use pusher_http::App;
/// use pusher_http::local::{LocalApp, LocalServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pusher_http::Error> {
/// let shop = LocalApp::new(App::builder("1", "shop-key", "shop-secret"))
///     .webhook("http://127.0.0.1:3000/pusher/webhook")
///     .subscription_count_events(true);
/// let server = LocalServer::builder().app(shop).app(LocalApp::default()).start().await?;
/// assert_eq!(server.app().id(), "1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct LocalApp {
    pub(super) app: AppBuilder,
    pub(super) webhook_urls: Vec<String>,
    pub(super) switches: Switches,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Switches {
    pub(super) client_events: bool,
    pub(super) subscription_count_events: bool,
}

impl LocalApp {
    /// An app with these ids, keys and secrets, and without webhooks.
    #[must_use]
    pub fn new(app: AppBuilder) -> Self {
        Self {
            app,
            webhook_urls: Vec::new(),
            switches: Switches {
                client_events: true,
                subscription_count_events: false,
            },
        }
    }

    /// Posts the app's webhooks, of all types, to this URL. May be called several times.
    #[must_use]
    pub fn webhook(mut self, url: impl Into<String>) -> Self {
        self.webhook_urls.push(url.into());
        self
    }

    /// Whether clients may trigger [events of their own][]. Default: yes, other than on the hosted
    /// service, where it is to be switched on first. What is refused is answered as there, by a
    /// `pusher:error` that says so.
    ///
    /// [events of their own]: https://pusher.com/docs/channels/using_channels/events/#triggering-client-events
    #[must_use]
    pub fn client_events(mut self, are_on: bool) -> Self {
        self.switches.client_events = are_on;
        self
    }

    /// Whether subscribers, but for those of presence channels, are [told how many they are][], and
    /// webhooks too. Default: no, as on the hosted service.
    /// [`Info::SUBSCRIPTION_COUNT`](crate::Info::SUBSCRIPTION_COUNT) is always answered here; there
    /// it is to be switched on too.
    ///
    /// [told how many they are]: https://pusher.com/docs/channels/using_channels/events/#pusher-subscription-count
    #[must_use]
    pub fn subscription_count_events(mut self, are_on: bool) -> Self {
        self.switches.subscription_count_events = are_on;
        self
    }
}

impl Default for LocalApp {
    fn default() -> Self {
        let app = App::builder("local-app", "local-key", "local-secret");
        let app = app.encryption_master_key_base64("bG9jYWwtbWFzdGVyLWtleS1vZi0zMi1ieXRlcy4uLi4=");
        Self::new(app)
    }
}

impl From<AppBuilder> for LocalApp {
    fn from(app: AppBuilder) -> Self {
        Self::new(app)
    }
}

/// A webhook's URL may have a password.
impl fmt::Debug for LocalApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalApp")
            .field("app", &self.app)
            .field("webhooks", &self.webhook_urls.len())
            .field("switches", &self.switches)
            .finish()
    }
}
