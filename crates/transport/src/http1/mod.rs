//! The few pieces of HTTP/1.1 (RFC 9112) that we write and read ourselves: header lines, reason phrases, chunked
//! coding, the date.
//!
//! Used by the upstream half, by answers to parked requests and by the check for ambiguous requests. Pure.

pub(crate) mod chunked;
mod date;
pub(crate) mod encode;
mod reason;

pub(crate) use date::http_date;
pub(crate) use reason::reason;
