//! Device connection schedules: making and assigning them, what follows from them for a device, and the scheduler that
//! calls devices when they are due.
//!
//! What a schedule means is said by `domain::schedule`; here it meets devices, their last contact and the clock.
//! Platforms hang themselves in as [`OnDue`] listeners; what "calling" a device means is theirs.

pub(crate) mod assign;
pub(crate) mod edit;
mod outlook;
mod plan;
mod queue;
mod run;
mod standard;
mod zones;

pub(crate) use assign::check_assignable;
pub use assign::{assign_default, remove};
pub use edit::{HalfInput, ScheduleInput, Use, copy, create, edit, edit_seen, get, list};
pub(crate) use edit::{filled, in_use};
pub use outlook::{Outlook, Stretch, outlook};
pub(crate) use plan::check_in_limit;
pub use plan::{MISSED_AFTER, Plan, Standing, pushes, standing};
pub(crate) use queue::Queue;
pub(crate) use run::restore;
pub use run::{Due, OnDue, Reach, flush, on_due, set_rate, tick};
pub(crate) use standard::{complete, standard};
pub use zones::zone;
