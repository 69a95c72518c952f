//! Compliance: from facts, rules and restrictions to a verdict.
//!
//! [`evaluate`] is pure and total: the same input and time give the same verdict, and every input gives one. The
//! stored verdict is what every face reads; `next_look` says when time alone could change it, so that nobody has
//! to look at every device every minute.

mod evaluate;
mod explain;
mod facts;
mod levels;
mod remedies;
mod standing;
#[cfg(test)]
mod tests;

pub use evaluate::{Input, Subject, evaluate, rule_config};
pub use explain::{Explanation, explain, reason_for};
pub use facts::{Observed, refresh_server_facts, report_recognized};
pub use levels::{Decision, decide_targets};
pub use remedies::{Cure, smallest_cure};
pub use standing::{Obstacle, former_obstacle, obstacles, stopped};
