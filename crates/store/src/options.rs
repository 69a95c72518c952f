//! Where the database is and how it is opened.

use crate::SecretKey;
use domain::Millis;
use std::{path::PathBuf, sync::Arc};

/// Tells the time in milliseconds since 1970. Tests inject their own.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// Which engine, and where.
#[derive(Clone)]
pub enum Location {
    /// SQLite in the file `notifymdm.db` of this data directory.
    Sqlite(PathBuf),
    /// PostgreSQL at this address (`postgres://user:password@host:5432/database?sslmode=require`).
    Postgres(String),
}

/// How to open a [`Store`](crate::Store).
#[derive(Clone)]
pub struct Options {
    /// Which engine, and where.
    pub location: Location,
    /// Reader threads, each with a connection of its own. At least 1.
    pub readers: usize,
    /// Writer threads on PostgreSQL (organizations are spread by hash). SQLite always has one.
    pub writers: usize,
    /// The time of units and records.
    pub clock: Clock,
    /// Seals secrets and authenticates the heads of the journal.
    pub secret_key: SecretKey,
    /// Open only to read beside a running server: no writer, no lock file, no migration.
    pub read_only: bool,
}

impl Options {
    /// The usual numbers: two readers and two writers, the system clock.
    pub fn new(location: Location, secret_key: SecretKey) -> Self {
        Self { location, readers: 2, writers: 2, clock: system_clock(), secret_key, read_only: false }
    }
}

/// The time of the machine.
#[expect(clippy::disallowed_methods, reason = "the store's one clock, replaced in tests")]
fn system_clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_millis());
        i64::try_from(since).unwrap_or(i64::MAX)
    })
}
