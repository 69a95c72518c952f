//! The outside world: mail servers, one trait and one implementation each.

pub mod ise_probe;
pub mod mail;
