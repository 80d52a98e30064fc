//! The Channels service that events go through.

use std::env;

use pusher_http::local::{LocalApp, LocalServer};
use pusher_http::{Error, Pusher};

/// The service that the environment names, or a server in this process.
pub struct Service {
    pusher: Pusher,
    /// It ends when it is dropped.
    _local: Option<LocalServer>,
}

impl Service {
    /// Takes the service that the environment names. Where it names none, a server is started in
    /// this process, which posts its webhooks to the chat at `origin`.
    pub async fn start(origin: &str) -> Result<Self, Error> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if is_set("PUSHER_URL") || is_set("PUSHER_APP_ID") {
            return Ok(Self {
                pusher: Pusher::from_env()?,
                _local: None,
            });
        }
        let app = LocalApp::default().webhook(format!("{origin}/pusher/webhook"));
        // Nobody asks for its records.
        let local = LocalServer::builder().app(app).max_records(0).start();
        let local = local.await?;
        Ok(Self {
            pusher: local.pusher(),
            _local: Some(local),
        })
    }

    #[must_use]
    pub fn pusher(&self) -> Pusher {
        self.pusher.clone()
    }
}
