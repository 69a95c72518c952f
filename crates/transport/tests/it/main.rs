//! The transport over real sockets: a server on port 0, clients that are not ours (std sockets, rustls' own stream),
//! and scripted upstream servers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod client;
mod limits;
mod parks;
mod relays;
mod requests;
mod server;
mod tls;
mod upstream;
