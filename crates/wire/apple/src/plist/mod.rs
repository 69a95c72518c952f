//! Property lists, XML and binary, read with limits and written as XML.

mod binary;
mod date;
mod value;
mod write;
mod xml;

pub(crate) use date::write as write_date;
pub use value::{Dict, Value};

/// Longest list that is read, bytes: the longest honest ones are inventories of apps and certificates.
pub const LARGEST: usize = 10 << 20;
/// Values within values.
pub const DEEPEST: usize = 32;
/// Most values in one list, keys not counted.
pub const MOST: usize = 200_000;

/// Why bytes are no property list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More than [`LARGEST`] bytes, also after references of a binary list were followed.
    #[error("the property list is too long")]
    TooLarge,
    /// Deeper than [`DEEPEST`].
    #[error("the property list is nested too deeply")]
    TooDeep,
    /// More than [`MOST`] values.
    #[error("the property list has too many values")]
    TooMany,
    /// The form is broken: what is wrong, and at which byte.
    #[error("the property list is broken at byte {at}: {what}")]
    Malformed {
        /// What is wrong, in words.
        what: &'static str,
        /// The byte at or after which it is.
        at: u64,
    },
}

/// Reads a property list, XML or binary by its first bytes.
///
/// # Errors
/// [`Error`].
pub fn read(bytes: &[u8]) -> Result<Value, Error> {
    if bytes.len() > LARGEST {
        return Err(Error::TooLarge);
    }
    if bytes.starts_with(b"bplist") { binary::read(bytes) } else { xml::read(bytes) }
}

/// Reads a property list whose top is a dictionary, as that of every message is.
///
/// # Errors
/// [`Error`].
pub fn read_dict(bytes: &[u8]) -> Result<Dict, Error> {
    match read(bytes)? {
        Value::Dict(dict) => Ok(dict),
        _ => Err(Error::Malformed { what: "its top is no dictionary", at: 0 }),
    }
}

/// What a list may still hold while it is read.
struct Budget {
    values: usize,
    bytes: usize,
}

impl Budget {
    fn new() -> Self {
        Self { values: MOST, bytes: LARGEST }
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        self.values = self.values.checked_sub(1).ok_or(Error::TooMany)?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or(Error::TooLarge)?;
        Ok(())
    }
}
