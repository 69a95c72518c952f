//! HTTP/1.1 as phones speak it, on both ends of a socket.
//!
//! A keep-alive [`Client`] over TCP or TLS, and the few lines of server that the scripted mail server needs.
//! Nothing here knows ActiveSync. It is written for this crate so that the server under test is not met by
//! its own HTTP library; it does what phones do (Content-Length and chunked bodies both ways, gzip answers,
//! `100 Continue`) and nothing else.

mod body;
mod client;
mod error;
mod headers;
mod server;
mod tls;
mod url;
mod wire;

pub use body::{gunzip, gzip};
pub use client::{Client, Request, Response};
pub use error::Error;
pub use headers::Headers;
pub use server::{Answer, Incoming, serve_connection};
pub use tls::{server_config, trust};
pub use url::{BaseUrl, percent_decode, percent_encode};
pub use wire::{Io, Wire};

/// TLS settings of a client, as [`trust`] makes them.
pub type TlsClient = rustls::ClientConfig;
/// TLS settings of a server, as [`server_config`] makes them.
pub type TlsServer = rustls::ServerConfig;
