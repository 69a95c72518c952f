//! Policy: from the values of a suite to what a device is sent, and back to words.
//!
//! Knows no codec: a document is a list of element names and neutral values in schema order. What is sent is
//! also what is digested, so a device's policy is current exactly while a new document would say the same.

mod diff;
mod document;
mod merge;
mod state;
mod validate;
mod values;

pub use diff::{Difference, Direction, diff};
pub use document::{DocValue, DocumentClass, digest, document};
pub use merge::merge_stricter;
pub use state::{PolicyState, PolicyStatus, policy_status};
pub use validate::{ValueError, validate};
pub use values::effective_values;
