//! Clients against scripted servers over real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod apns;
mod ldap;
mod mail;
mod smtp;
