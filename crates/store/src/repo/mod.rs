//! Repositories: the model's entities as rows, and the logs beside them. One module per table family.
//!
//! The room knows how an entity is kept and nothing of what it means. Grids, searches and the hot path run on
//! an index in memory, so there is little here: get, put, remove, and reading everything once
//! ([`installation`]). An entity is one row: its organization first in the key, the few columns that keys and
//! statements need, `rev`, and the whole of it as JSON text in `doc`.
//!
//! * Every statement on a tenant's table binds the organization of the unit ([`Tx::organization`]); an id of
//!   another organization reads as absent. The exceptions are all in [`installation`].
//! * `put` of an entity whose `rev` is 0 inserts it; otherwise it replaces exactly the revision that was read.
//!   If somebody was faster the answer is the conflict `<entity>_changed`. On success `rev` has grown by one
//!   and the change is in the feed. A unit may be run again, so it should read or clone its entities inside.
//! * Uniqueness conflicts carry the name of their index; [`constraint`] lists them.

pub mod access;
pub mod administrators;
pub mod alerts;
pub mod check_ins;
pub mod commands;
pub mod compliance_days;
pub mod constraint;
pub mod cursors;
pub mod devices;
pub mod directories;
pub mod enrollment_tokens;
mod entity;
pub mod exchanges;
pub mod governor;
pub mod groups;
pub mod held_changes;
pub mod installation;
pub mod ise_calls;
pub mod journal;
pub mod mail;
pub mod mailings;
pub mod messaging;
pub mod notices;
pub mod organizations;
pub mod presence;
pub mod radius;
pub mod report_mails;
pub mod roles;
pub mod schedules;
pub mod servers;
pub mod sessions;
pub mod sign_in;
pub mod suites;
pub mod task_runs;
pub mod terms;
mod text;
pub mod tokens;
pub mod traces;
pub mod unknown_macs;
pub mod user_imports;
pub mod user_letters;
pub mod user_sessions;
pub mod users;
pub mod verdicts;
pub mod views;
pub mod watch;
pub mod webhooks;

#[cfg(doc)]
use crate::Tx;
