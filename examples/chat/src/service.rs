//! The Channels service that events go through.

use std::env;
use std::error::Error;

use pusher_dev_server::{DevApp, DevServer};
use pusher_http::Pusher;

/// The service that the environment names, or a server in this process.
pub struct Service {
    pusher: Pusher,
    /// It ends when it is dropped.
    _local: Option<DevServer>,
}

impl Service {
    /// Takes the service that the environment names. Where it names none, a server is started in
    /// this process, which posts its webhooks to the chat at `origin`.
    pub async fn start(origin: &str) -> Result<Self, Box<dyn Error>> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if is_set("PUSHER_URL") || is_set("PUSHER_APP_ID") {
            return Ok(Self {
                pusher: Pusher::from_env()?,
                _local: None,
            });
        }
        let app = DevApp::default().webhook(format!("{origin}/pusher/webhook"));
        // Nobody asks for its records.
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
