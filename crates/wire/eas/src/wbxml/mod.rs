//! WBXML 1.3 as ActiveSync uses it (MS-ASWBXML 2.1): tags, code page switches, inline strings, opaque data.
//!
//! [`Reader`] pulls borrowed events out of a byte slice without allocating, [`Writer`] appends events to a
//! buffer, [`Element`] is a small tree for commands that must be understood as a whole. The room knows
//! no command and gives no element a meaning; names come from [`crate::codepages`].

mod element;
mod error;
mod limits;
mod listing;
mod reader;
mod tag;
mod writer;

pub use element::{Content, Element};
pub use error::{Error, ErrorKind};
pub use limits::Limits;
pub use reader::{Event, Reader};
pub use tag::Tag;
pub use writer::Writer;

/// The header of every document written here: version 1.3, unknown public identifier, UTF-8, no string table.
pub const HEADER: [u8; 4] = [0x03, 0x01, 0x6A, 0x00];

const SWITCH_PAGE: u8 = 0x00;
const END: u8 = 0x01;
const STR_I: u8 = 0x03;
const OPAQUE: u8 = 0xC3;
const HAS_CONTENT: u8 = 0x40;
const HAS_ATTRIBUTES: u8 = 0x80;
/// The first number that can be an element; the ones below are global tokens.
const FIRST_TOKEN: u8 = 0x05;
