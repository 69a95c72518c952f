//! **How it behaves**, pure: the model, and decisions on it.
//!
//! Nothing here reads a clock, makes a random number, opens a socket or knows SQL. Times and random bytes are
//! arguments; decisions are values. Everything above asks these functions what follows from what is known.

mod change;
mod id;
pub mod model;

pub use catalog::Millis;
pub use change::{Change, ChangeKind};
pub use id::{Id, IdError, IdKind};
