//! The database: one SQLite connection.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::failed::Failed;

/// One connection for all requests, one after the other. SQLite writes one after the other anyway,
/// and every query here goes by an index: a pool would wait for the same lock, elsewhere.
#[derive(Clone)]
pub struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the file, which is made when it is not there; `:memory:` is a database of its own
    /// each time.
    pub fn open(path: impl AsRef<Path>) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs queries on a thread that may wait for the disk. They go on when the request that asked
    /// for them is dropped.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        queries: impl FnOnce(&Connection) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Failed> {
        let connection = self.connection.clone();
        let work = move || {
            // A panic in a query leaves no half of it behind: SQLite undoes what is not committed.
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            queries(&connection)
        };
        tokio::task::spawn_blocking(work).await?
    }
}
