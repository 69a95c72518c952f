//! The codec as its users see it: real addresses, the samples, the schemas, and hostile bytes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod escaping;
mod every_parser;
mod fixture;
mod mutations;
mod samples;
mod schema;
mod urls;
