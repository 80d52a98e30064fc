//! The state of one app, which all parts of the server share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::hub::{Hub, WebhookFact};
use super::record::Records;
use super::settings::Settings;
use pusher_http::App;

pub(super) struct AppState {
    pub(super) app: App,
    pub(super) settings: Settings,
    pub(super) records: Arc<Records>,
    hub: Mutex<Hub>,
    /// Notified by the hub when there is something new for webhooks to report.
    webhook_bell: Arc<Notify>,
}

impl AppState {
    /// Creates the state of an app.
    ///
    /// `run` is the first half of its socket ids, and differs between servers.
    pub(super) fn new(app: App, settings: Settings, records: Arc<Records>, run: u32) -> Self {
        let webhook_bell = Arc::new(Notify::new());
        Self {
            app,
            settings,
            records,
            hub: Mutex::new(Hub::new(settings, run, webhook_bell.clone())),
            webhook_bell,
        }
    }

    /// Locks the hub for a moment: the lock is never held across an `await`.
    pub(super) fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next facts for webhooks.
    pub(super) async fn webhook_facts(&self) -> Vec<WebhookFact> {
        loop {
            let (facts, next) = self.hub().take_facts(Instant::now());
            if !facts.is_empty() {
                return facts;
            }
            let rung = self.webhook_bell.notified();
            match next {
                Some(at) => {
                    let _ = tokio::time::timeout_at(at.into(), rung).await;
                }
                None => rung.await,
            }
        }
    }
}
