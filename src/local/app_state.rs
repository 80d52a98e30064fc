//! One app of a local server, as all its parts share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

use super::hub::{Hub, WebhookFact};
use super::record::Records;
use super::settings::Settings;
use crate::app::App;

pub(super) struct LocalAppState {
    pub(super) app: App,
    pub(super) settings: Settings,
    pub(super) records: Arc<Records>,
    hub: Mutex<Hub>,
    /// Rung when there may be something for webhooks to tell.
    webhook_bell: Notify,
}

impl LocalAppState {
    pub(super) fn new(app: App, settings: Settings, records: Arc<Records>, run: u32) -> Self {
        Self {
            app,
            settings,
            records,
            hub: Mutex::new(Hub::new(settings, run)),
            webhook_bell: Notify::new(),
        }
    }

    /// The hub, for a moment: nobody holds it over an `await`.
    pub(super) fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell_webhooks(&self) {
        self.webhook_bell.notify_one();
    }

    /// The next facts for webhooks, waited for.
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
