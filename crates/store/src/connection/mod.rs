//! One connection of either engine: statements, and the life of a transaction.
//!
//! The two engines meet in one `enum`; nothing above is generic over them. A transaction goes
//! `begin`, then for each unit `savepoint` and `release` or `undo`, then `commit` or `rollback`. PostgreSQL sends
//! the control statements together with the next real one, so they cost no round trip of their own.

pub(crate) mod postgres;
pub(crate) mod postgres_records;
pub(crate) mod postgres_value;
pub(crate) mod sqlite;
pub(crate) mod sqlite_error;
pub(crate) mod tls;

use crate::{Dialect, Location, Result, Row, StoreError, Value};
use postgres::PostgresConnection;
use sqlite::SqliteConnection;
use std::{cell::Cell, rc::Rc};

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A batch of write units.
    Write,
    /// A read: one snapshot, refuses to write.
    Read,
}

/// Something that concerns the whole transaction, not only the statement that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A deadlock or serialization failure: the same transaction, run again, will probably succeed.
    Retry,
    /// The engine gave the transaction up (disk full, I/O error).
    Aborted,
    /// The connection is gone.
    Lost,
}

/// A connection of either engine.
pub(crate) enum Connection {
    /// SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(Box<PostgresConnection>),
}

impl Connection {
    /// Which engine.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// True while a statement is on its way to the server. A unit that waits while this is false waits for
    /// something that is not the database.
    pub fn in_flight(&self) -> Rc<Cell<bool>> {
        match self {
            Self::Sqlite(_) => Rc::default(),
            Self::Postgres(postgres) => postgres.in_flight(),
        }
    }

    /// What happened to the transaction since `begin`.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Sqlite(sqlite) => sqlite.trouble(),
            Self::Postgres(postgres) => postgres.trouble(),
        }
    }

    /// Runs a statement; answers the number of rows it touched.
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(sql, params),
            Self::Postgres(postgres) => postgres.execute(sql, params).await,
        }
    }

    /// Runs a statement; answers its rows.
    pub async fn fetch(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.fetch(sql, params),
            Self::Postgres(postgres) => postgres.fetch(sql, params).await,
        }
    }

    /// Opens a transaction, connecting first if the connection was lost.
    pub async fn begin(&mut self, purpose: Purpose) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.begin(purpose),
            Self::Postgres(postgres) => postgres.begin(purpose).await,
        }
    }

    /// Runs a script of several statements inside the transaction (migrations).
    pub async fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.script(sql),
            Self::Postgres(postgres) => postgres.script(sql).await,
        }
    }

    /// A unit begins.
    pub fn savepoint(&mut self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.savepoint(),
            Self::Postgres(postgres) => postgres.savepoint(),
        }
    }

    /// The unit succeeded.
    pub fn release(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.release(),
            Self::Postgres(postgres) => {
                postgres.release();
                Ok(())
            }
        }
    }

    /// The unit failed: everything since `savepoint` is undone.
    pub fn undo(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.undo(),
            Self::Postgres(postgres) => {
                postgres.undo();
                Ok(())
            }
        }
    }

    /// Makes everything durable. An error means that nothing was stored, unless the connection was lost.
    /// `notify` tells the other nodes that the feed has news.
    pub async fn commit(&mut self, notify: bool) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.commit(),
            Self::Postgres(postgres) => postgres.commit(notify).await,
        }
    }

    /// Gives everything up; never fails, a broken connection is replaced at the next `begin`.
    pub async fn rollback(&mut self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.rollback(),
            Self::Postgres(postgres) => postgres.rollback().await,
        }
    }
}

/// The name of the SQLite file in the data directory.
pub(crate) const FILE_NAME: &str = "notifymdm.db";

/// Opens a connection on a thread of the blocking pool and runs `work` there to its end.
pub(crate) async fn on_a_thread<T: Send + 'static>(
    location: Location,
    purpose: Purpose,
    work: impl AsyncFnOnce(&mut Connection) -> Result<T> + Send + 'static,
) -> Result<T> {
    let task = tokio::task::spawn_blocking(move || match location {
        Location::Sqlite(directory) => {
            let file = directory.join(FILE_NAME);
            let mut connection = Connection::Sqlite(SqliteConnection::open(&file, purpose, true)?);
            crate::unit::run_ready(work(&mut connection))
                .unwrap_or_else(|| Err(StoreError::Other("work on SQLite waited".to_owned())))
        }
        Location::Postgres(url) => {
            let target = tls::parse(&url)?;
            runtime()?.block_on(async move {
                let mut connection = Connection::Postgres(Box::new(PostgresConnection::new(target)));
                work(&mut connection).await
            })
        }
    });
    task.await.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())))
}

/// A runtime for one thread that drives its own connection.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| StoreError::Unavailable(format!("no runtime for the database: {error}")))
}
