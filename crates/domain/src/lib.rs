//! **How it behaves**, pure: the model, and decisions on it.
//!
//! Nothing here reads a clock, makes a random number, opens a socket or knows SQL. Times and random bytes are
//! arguments; decisions are values. Everything above asks these functions what follows from what is known.

pub mod assignment;
mod change;
pub mod command;
pub mod compliance;
pub mod directory;
pub mod gate;
mod id;
pub mod letter;
pub mod mail;
pub mod membership;
pub mod model;
pub mod names;
pub mod notification;
pub mod policy;
pub mod schedule;

pub use catalog::Millis;
pub use change::{Change, ChangeKind};
pub use id::{Id, IdError, IdKind};
