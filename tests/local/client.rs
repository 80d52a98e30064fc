//! Clients of a server with other credentials or settings than those of its own client.

use pusher_http::local::LocalServer;
use pusher_http::{Pusher, PusherBuilder};

/// A client of the server's address, whatever path prefix and keys the server has.
pub(crate) fn client(server: &LocalServer, app_id: &str, key: &str, secret: &str) -> PusherBuilder {
    Pusher::builder(app_id, key, secret)
        .host("127.0.0.1")
        .port(server.address().port())
        .tls(false)
        .no_proxy()
}

/// A client of the app that a server has by itself, with this secret.
pub(crate) fn client_with(server: &LocalServer, secret: &str) -> PusherBuilder {
    client(server, "local-app", "local-key", secret)
}
