//! Builds clients of a server.

use pusher_dev_server::DevServer;
use pusher_http::{Builder, Pusher};

/// Builds a client for the server's address; ignores the server's path prefix and keys.
pub(crate) fn client(server: &DevServer, app_id: &str, key: &str, secret: &str) -> Builder {
    Pusher::builder(app_id, key, secret)
        .host("127.0.0.1")
        .port(server.address().port())
        .tls(false)
        .no_proxy()
}

/// Builds a client of the server's default app, with this secret.
pub(crate) fn client_with(server: &DevServer, secret: &str) -> Builder {
    client(server, "local-app", "local-key", secret)
}

/// Builds clients of a server's apps.
pub(crate) trait Clients {
    /// Builds a client of the first app.
    fn pusher(&self) -> Pusher;

    /// Builds a client of the app with this ID.
    fn pusher_of(&self, app_id: &str) -> Option<Pusher>;
}

impl Clients for DevServer {
    fn pusher(&self) -> Pusher {
        Pusher::from_app(self.app().clone()).unwrap()
    }

    fn pusher_of(&self, app_id: &str) -> Option<Pusher> {
        Some(Pusher::from_url(&self.url_of(app_id)?).unwrap())
    }
}
