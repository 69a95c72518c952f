//! **Use cases**: authorisation, tenancy, audit and events happen here and only here.
//!
//! A face authenticates through the doorkeeper ([`Engine::sign_in`], [`Engine::session`], [`Engine::token`], …),
//! gets a [`Scope`], and calls one function of one feature with typed input. The function opens a write unit or
//! reads the in-memory index, asks `domain` to decide, stores, and records what happened, all in one transaction.
//! After the commit the index is updated, listeners are told, then the caller is answered.

mod clock;
mod engine;
mod entropy;
mod error;
mod index;
mod scope;

pub use clock::{Clock, ManualClock, SystemClock};
pub use engine::{Engine, Listener, Options};
pub use entropy::Entropy;
pub use error::{Error, ErrorKind, FieldIssue, Result};
pub use index::{Directory, OrgIndex};
pub use scope::{Principal, Scope};
