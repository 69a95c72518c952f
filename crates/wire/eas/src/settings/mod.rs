//! Settings: device information, out-of-office, recovery password, user information (MS-ASCMD, Settings).
//!
//! The server's side, the one client request that simulated devices need, and what the gateway asks as a client
//! ([`client`]). Each named part of a request gets one answer of its own.

mod answer;
pub mod client;
pub mod escrow;
mod request;

pub use answer::{Answer, UserInformation};
pub use request::{DevicePassword, Oof, RecoveryPassword, Request};

#[cfg(test)]
mod tests;
