//! Collects arriving items in order, and waits for expected ones.

use std::fmt::Debug;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;

/// How long an item may take to arrive. Sockudo delays some webhooks by 3 seconds.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

pub(crate) struct Inbox<T> {
    items: Mutex<Vec<T>>,
    arrived: Notify,
}

impl<T: Clone + Debug> Inbox<T> {
    pub(crate) fn new() -> Self {
        Self {
            items: Mutex::new(Vec::new()),
            arrived: Notify::new(),
        }
    }

    pub(crate) fn put(&self, item: T) {
        self.items.lock().unwrap().push(item);
        self.arrived.notify_waiters();
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.items.lock().unwrap().clone()
    }

    /// Waits for the first matching item; if none arrives, panics and shows the items that did.
    pub(crate) async fn expect(&self, what: &str, fits: impl Fn(&T) -> bool) -> T {
        let search = async {
            loop {
                let arrived = self.arrived.notified();
                if let Some(item) = self.all().into_iter().find(&fits) {
                    return item;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(DEADLINE, search)
            .await
            .unwrap_or_else(|_| panic!("{what} did not arrive; this did: {:#?}", self.all()))
    }
}
