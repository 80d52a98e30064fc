//! Clients of a server.

use pusher_dev_server::DevServer;
use pusher_http::{Builder, Pusher};

/// A client of the server's address, whatever path prefix and keys the server has.
pub(crate) fn client(server: &DevServer, app_id: &str, key: &str, secret: &str) -> Builder {
    Pusher::builder(app_id, key, secret)
        .host("127.0.0.1")
        .port(server.address().port())
        .tls(false)
        .no_proxy()
}

/// A client of the app that a server has by itself, with this secret.
pub(crate) fn client_with(server: &DevServer, secret: &str) -> Builder {
    client(server, "local-app", "local-key", secret)
}

/// Clients of the apps that a server has.
pub(crate) trait Clients {
    /// A client of the first app.
    fn pusher(&self) -> Pusher;

    /// A client of the app with this id.
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
