//! **Use cases**: authorisation, tenancy, audit and events happen here and only here.
//!
//! A face authenticates through the doorkeeper ([`sign_in`]), gets a [`Scope`], and calls one function of one
//! feature with typed input. The function opens a write unit or reads the in-memory index, asks `domain` to decide,
//! stores, and records what happened, all in one transaction. After the commit the index is updated, listeners are
//! told, then the caller is answered.

mod clock;
mod engine;
mod entropy;
mod error;
mod governor;
mod index;
mod issues;
mod json;
mod lease;
mod load;
mod passwords;
mod proofs;
mod scope;
pub mod set_up;
mod settle;

pub mod administrators;
pub mod alerts;
pub mod approvals;
pub mod assignment;
pub mod backups;
pub mod commands;
pub mod compliance;
pub mod connections;
pub mod custom_columns;
pub mod dashboard;
pub mod devices;
pub mod directories;
pub mod eas;
pub mod enrollment;
pub mod exchanges;
pub mod export;
pub mod feed;
pub mod followers;
pub mod getting_started;
pub mod groups;
pub mod housekeeping;
pub mod identity;
pub mod imports;
pub mod installation;
pub mod ise;
pub mod jobs;
pub mod journal;
pub mod journal_check;
pub mod letters;
pub mod mail;
pub mod notifications;
pub mod organizations;
pub mod passkeys;
pub mod policy;
pub mod presence;
pub mod quota;
pub mod radius;
pub mod report_mails;
pub mod reports;
pub mod retention;
pub mod roles;
pub mod running;
pub mod schedules;
pub mod second_factor;
pub mod self_service;
pub mod servers;
pub mod sign_in;
pub mod strangers;
pub mod tasks;
pub mod terms;
pub mod tokens;
pub mod traces;
pub mod users;
pub mod views;
pub mod watch;
pub mod webhooks;

pub use clock::{Clock, ManualClock, SystemClock};
pub use engine::{Engine, Listener, Options};
pub use entropy::Entropy;
pub use error::{Error, ErrorKind, FieldIssue, Result};
pub use index::{DeviceIndex, Directory, OrgIndex, OrgLock, OrgRead, PolicyGroup, Tally};
pub use scope::{Due, Principal, Scope};
