//! Commands in motion: the states of an ordered command, and the limit on destructive ones.
//!
//! The command row is the truth; these functions say what it becomes. Delivery is at least once, so every event may
//! come twice and the second time changes nothing.

mod governor;
mod step;
mod window;

pub use governor::{ApprovalRefused, NEW_ADMINISTRATOR_WAIT, Person, approve, independent_since};
pub use step::{CommandEvent, Refused, Transition, begin, step};
pub use window::{WINDOW, default_limit};
