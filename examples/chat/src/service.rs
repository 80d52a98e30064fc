//! The Channels service that delivers events.

use std::env;
use std::error::Error;

use pusher_dev_server::{DevApp, DevServer};
use pusher_http::Pusher;

/// The service that the environment names, or a server in this process.
pub struct Service {
    pusher: Pusher,
    /// The server stops when it is dropped.
    _local: Option<DevServer>,
}

impl Service {
    /// Uses the service that the environment names.
    ///
    /// If the environment names none, starts a server in this process, which posts its webhooks to
    /// the chat at `origin`.
    pub async fn start(origin: &str) -> Result<Self, Box<dyn Error>> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if is_set("PUSHER_URL") || is_set("PUSHER_APP_ID") {
            return Ok(Self {
                pusher: Pusher::from_env()?,
                _local: None,
            });
        }
        let app = DevApp::default().webhook(format!("{origin}/pusher/webhook"));
        // The records are not used.
        let local = DevServer::builder().app(app).max_records(0).start();
        let local = local.await?;
        Ok(Self {
            pusher: Pusher::from_url(&local.url())?,
            _local: Some(local),
        })
    }

    #[must_use]
    pub fn pusher(&self) -> Pusher {
        self.pusher.clone()
    }
}
