//! The transport over real sockets: a server on port 0, clients that are not ours (std sockets, rustls' own stream),
//! and scripted upstream servers.

mod client;
mod limits;
mod parks;
mod relays;
mod requests;
mod server;
mod tls;
mod upstream;
