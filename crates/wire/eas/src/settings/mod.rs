//! Settings: device information, out-of-office, recovery password, user information (MS-ASCMD, Settings).
//!
//! The server's side, and the one client request that simulated devices need. Each named part of a request
//! gets one answer of its own.

mod answer;
mod request;

pub use answer::{Answer, UserInformation};
pub use request::{DevicePassword, Oof, RecoveryPassword, Request};

#[cfg(test)]
mod tests;
