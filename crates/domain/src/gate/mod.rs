//! The gate: what becomes of an ActiveSync request, decided from what is already known.
//!
//! [`decide`] sees the channel's state, the stored verdict, the pending wipe and the digest of the policy that the
//! device would be sent; it reads no database and asks nobody. It says *what*; which HTTP status or common status
//! carries it is the codec's business. The order of the checks is the point: a wipe comes before everything that
//! could refuse a device.

mod admission;
mod brake;
mod decide;
mod reason;
#[cfg(test)]
mod tests;

pub use admission::{Acknowledgement, Admission, AdmissionInput, acknowledge, admit};
pub use brake::{HANDSHAKE_LIMIT, HANDSHAKE_WINDOW, brake, braked_until};
pub use decide::{
    Authentication, DeviceView, Gate, GateCommand, GateInput, LEGACY_AFTER, LEGACY_TIME, REPORT_AGAIN_AFTER,
    WipeStep, decide,
};
pub use reason::{ProvisionReason, RefusalReason};
