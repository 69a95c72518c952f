//! The platform over real sockets: listener, engine on SQLite, simulated phones, and a scripted mail server behind.
//! Two organizations with the same user names: *acme* has the mail server, *beta* the stand-in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod autodiscover;
mod bodies;
mod crowd;
mod house;
mod input;
mod parked;
mod partnership;
mod recovery;
mod sign_in;
mod standin;
mod tokens;
mod trouble;
mod wipes;
