//! Commands in motion: the states of an ordered command, and the limit on destructive ones.
//!
//! The command row is the truth; these functions say what it becomes. Delivery is at least once, so every event may
//! come twice and the second time changes nothing.

mod governor;
mod step;

pub use governor::{
    ApprovalRefused, DESTRUCTIVE_PER_HOUR, Governor, NEW_ADMINISTRATOR_WAIT, approve, governor,
    independent_since,
};
pub use step::{CommandEvent, Refused, Transition, begin, step};
