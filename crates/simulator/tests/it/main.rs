//! The simulated devices against the scripted mail server, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod awkward;
mod fleet;
mod ise;
mod mail;
mod parked;
mod policy;
mod stage;
mod tls;
mod wipe;
