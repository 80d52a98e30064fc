//! One HTTP client for each tokio runtime.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime::{Handle, Id};
use tokio::task::AbortHandle;

use crate::error::Error;

/// Holds an HTTP client for each tokio runtime in which calls are awaited.
///
/// A connection is driven by the runtime in which it was made. It breaks when that runtime ends,
/// and makes no progress while that runtime is blocked, so other runtimes can't use it.
pub(super) struct PerRuntime<C> {
    make: Box<dyn Fn() -> Result<C, Error> + Send + Sync>,
    clients: Arc<Clients<C>>,
}

struct Clients<C> {
    /// Created in advance, so that a malformed setting is found before the first call.
    first: Mutex<Option<C>>,
    by_runtime: Mutex<HashMap<Id, Entry<C>>>,
}

struct Entry<C> {
    client: C,
    /// The task that removes this entry when the runtime ends.
    remover: Option<AbortHandle>,
}

impl<C: Clone + Send + 'static> PerRuntime<C> {
    pub(super) fn new(
        make: impl Fn() -> Result<C, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let clients = Clients {
            first: Mutex::new(Some(make()?)),
            by_runtime: Mutex::default(),
        };
        Ok(Self {
            make: Box::new(make),
            clients: Arc::new(clients),
        })
    }

    /// Returns the client of the current runtime.
    pub(super) fn current(&self) -> Result<C, Error> {
        let runtime = Handle::try_current().map_err(|_| {
            let reason = "is missing: await calls in a tokio runtime, or use the module `blocking`";
            Error::config("tokio runtime", reason)
        })?;
        let id = runtime.id();
        if let Some(entry) = lock(&self.clients.by_runtime).get(&id) {
            return Ok(entry.client.clone());
        }
        let first = lock(&self.clients.first).take();
        let made = first.map_or_else(&self.make, Ok)?;
        let client = match lock(&self.clients.by_runtime).entry(id) {
            // Another thread of the runtime was faster.
            MapEntry::Occupied(entry) => return Ok(entry.get().client.clone()),
            MapEntry::Vacant(place) => {
                let remover = None;
                place
                    .insert(Entry {
                        client: made,
                        remover,
                    })
                    .client
                    .clone()
            }
        };
        let remover = Remover {
            clients: Arc::downgrade(&self.clients),
            runtime: id,
        };
        // The task runs until it is dropped with its runtime or aborted with its entry. A runtime
        // that is shutting down drops it immediately, so no lock may be held here.
        let task = runtime.spawn(async move {
            let _remover = remover;
            std::future::pending::<()>().await;
        });
        if let Some(entry) = lock(&self.clients.by_runtime).get_mut(&id) {
            entry.remover = Some(task.abort_handle());
        }
        Ok(client)
    }
}

/// Removes the client of a runtime when it is dropped.
struct Remover<C> {
    clients: Weak<Clients<C>>,
    runtime: Id,
}

impl<C> Drop for Remover<C> {
    fn drop(&mut self) {
        if let Some(clients) = self.clients.upgrade() {
            // The client is dropped after the lock is released.
            let _entry = lock(&clients.by_runtime).remove(&self.runtime);
        }
    }
}

impl<C> Drop for Entry<C> {
    fn drop(&mut self) {
        if let Some(remover) = &self.remover {
            remover.abort();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    /// Clients numbered in the order of their creation.
    fn numbered() -> PerRuntime<usize> {
        let made = AtomicUsize::new(0);
        PerRuntime::new(move || Ok(made.fetch_add(1, SeqCst))).unwrap()
    }

    #[test]
    fn each_runtime_has_its_own_client() {
        let clients = numbered();
        let (first, second) = (runtime(), runtime());
        for _ in 0..2 {
            assert_eq!(first.block_on(async { clients.current().unwrap() }), 0);
            assert_eq!(second.block_on(async { clients.current().unwrap() }), 1);
        }
    }

    #[test]
    fn client_of_ended_runtime_is_dropped() {
        let clients = numbered();
        let ended = runtime();
        ended.block_on(async { clients.current().unwrap() });
        assert_eq!(lock(&clients.clients.by_runtime).len(), 1);
        drop(ended);
        assert_eq!(lock(&clients.clients.by_runtime).len(), 0);
    }

    #[test]
    fn call_during_runtime_shutdown_does_not_block_other_calls() {
        /// Sends a message when it is dropped.
        struct OnDrop(mpsc::Sender<()>);
        impl Drop for OnDrop {
            fn drop(&mut self) {
                self.0.send(()).unwrap();
            }
        }

        let clients = Arc::new(numbered());
        let (started, is_started) = mpsc::channel();
        let (tasks_dropped, are_tasks_dropped) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel();
        let (ended, has_ended) = mpsc::channel();
        let shutting_down = Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        let on_drop = OnDrop(tasks_dropped);
        shutting_down.spawn(async move {
            let _on_drop = on_drop;
            std::future::pending::<()>().await;
        });
        let of_task = clients.clone();
        shutting_down.spawn(async move {
            started.send(()).unwrap();
            may_go_on.recv().unwrap();
            ended.send(of_task.current()).unwrap();
        });
        is_started.recv().unwrap();
        shutting_down.shutdown_background();
        // From now on, the runtime drops a new task while it is being spawned.
        are_tasks_dropped.recv().unwrap();
        go_on.send(()).unwrap();
        let client = has_ended.recv_timeout(Duration::from_secs(20));
        assert_eq!(client.expect("the call does not block").unwrap(), 0);
        assert_eq!(lock(&clients.clients.by_runtime).len(), 0);
        assert_eq!(runtime().block_on(async { clients.current().unwrap() }), 1);
    }

    #[test]
    fn dropped_client_leaves_no_task_in_runtime() {
        let runtime = runtime();
        runtime.block_on(async {
            let clients = numbered();
            clients.current().unwrap();
            assert_eq!(Handle::current().metrics().num_alive_tasks(), 1);
            drop(clients);
            tokio::task::yield_now().await;
            assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
        });
    }

    #[test]
    fn rejects_call_outside_of_runtime() {
        let error = numbered().current().unwrap_err();
        assert!(
            matches!(&error, Error::Config { name, .. } if name == "tokio runtime"),
            "{error:?}"
        );
    }
}
