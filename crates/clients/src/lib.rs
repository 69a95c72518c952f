//! The outside world: mail servers, access devices (RADIUS), Cisco ISE's side of its own test.

pub mod ise_probe;
pub mod mail;
pub mod radius;
