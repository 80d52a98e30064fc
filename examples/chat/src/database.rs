//! The database: one SQLite connection.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::failed::Failed;

/// One connection, which all requests use one after the other.
///
/// SQLite serializes writes anyway, and every query here uses an index: a pool would only wait for
/// the same lock in another place.
#[derive(Clone)]
pub struct Database {
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens the database file; creates it if it does not exist.
    ///
    /// `:memory:` is a new, separate database each time.
    pub fn open(path: impl AsRef<Path>) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.execute_batch(include_str!("schema.sql"))?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs queries on a thread that may block on the disk.
    ///
    /// The queries continue if the request that started them is dropped.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        queries: impl FnOnce(&Connection) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Failed> {
        let connection = self.connection.clone();
        let work = move || {
            // A panic in a query leaves no partial changes: SQLite rolls back uncommitted ones.
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            queries(&connection)
        };
        tokio::task::spawn_blocking(work).await?
    }
}
