//! What has arrived, in order, and waiting for what has not.

use std::fmt::Debug;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;

/// How long anything may take to arrive. Sockudo holds some webhooks back for 3 seconds.
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

    /// The first item that fits, waited for; when none comes, what did come is shown.
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
