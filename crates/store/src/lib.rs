//! The only place that knows SQL.
//!
//! One set of portable SQL runs on SQLite (a file in the data directory) and on PostgreSQL (any number of
//! server nodes). Everything above this crate sees [`Store::write`], [`Store::read`] and the repository
//! functions; no driver type leaves this crate.
//!
//! * A **write unit** is one re-runnable async closure over [`Tx`]. It runs on a writer thread inside a batch:
//!   its error undoes only itself, and its caller is answered after the batch has been committed durably.
//! * A **read** is the same closure on a reader thread, inside a read-only snapshot.
//! * **Two records** are written in the same transaction: [`Tx::changed`] for the feed that caches and other
//!   nodes follow, [`Tx::journal`] for the audit trail that [`verify_journal`] can check.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test that cannot go on should say where"))]

mod archive;
mod backup;
mod connection;
mod copy;
mod directory;
mod error;
pub mod feed;
pub mod filter;
pub mod job;
pub mod journal;
pub mod lease;
mod migrations;
mod options;
mod reader;
mod remove;
pub mod repo;
mod row;
pub mod seal;
mod store;
mod tables;
mod tx;
mod unit;
mod value;
mod writer;

pub use archive::Archive;
pub use backup::{backup, restore};
pub use copy::{CopyReport, copy};
pub use directory::private_directory;
pub use error::{Result, StoreError};
pub use feed::Committed;
pub use filter::Sql;
pub use journal::{Journaled, Problem, Report, purge_journal_before, purge_journal_bodies, verify_journal};
pub use migrations::schema_checksum;
pub use options::{Clock, Location, Options};
pub use row::Row;
pub use seal::SecretKey;
pub use store::Store;
pub use tx::{Dialect, Tx};
pub use value::Value;
pub use writer::{Hook, JournalHook};
