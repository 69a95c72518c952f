//! Device connection schedules: when a device is expected to check in, and whether what waits for it is pushed.
//!
//! A schedule's half has peak times in a week ([`Week`]) and an interval for each of the two times ([`Interval`]).
//! The wall clock that the week is read by is data, too ([`Zone`]): nothing here knows time zones by name. What
//! follows for a device is said by its [`Course`].

mod course;
mod interval;
mod week;
mod zone;

pub use course::{Course, Dues, spread};
pub use interval::Interval;
pub use week::{Day, PeakRange, TimeOfDay, WEEK_MINUTES, Week, WeekError};
pub use zone::Zone;
