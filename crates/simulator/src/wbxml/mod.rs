//! WBXML as ActiveSync uses it (MS-ASWBXML), read into a small tree and written back.
//!
//! This room exists so that the simulated devices share no codec with the server: a mistake made in one of
//! the two shows up as a disagreement on the wire instead of hiding on both ends. It favours clarity over
//! speed: a document becomes an owned tree of [`Element`]s that is looked at by name.

mod decode;
mod encode;
mod tables;
mod tree;

pub use decode::{DecodeError, MAX_DEPTH, decode};
pub use encode::encode;
pub use tree::{Child, Element, Tag, el};

#[cfg(test)]
mod tests;
