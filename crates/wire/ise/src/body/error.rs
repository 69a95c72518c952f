//! Why a body cannot be read.

use std::fmt;

use super::{MAX_BYTES, MAX_DEPTH, MAX_VALUES};

/// Why a body cannot be read. Answer 400 (413 for [`BodyError::TooLarge`]); the text is fit for the answer,
/// it repeats nothing of the body. Offsets are in bytes of the XML as UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyError {
    /// Nothing in it.
    Empty,
    /// Longer than [`MAX_BYTES`].
    TooLarge,
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    Encoding,
    /// No XML found, neither bare nor in a multipart body or form.
    NotXml,
    /// A document type declaration; not read, for safety.
    DocumentType {
        /// Where it ends.
        offset: usize,
    },
    /// Not well-formed.
    Malformed {
        /// Where that was noticed.
        offset: usize,
    },
    /// Deeper than [`MAX_DEPTH`].
    TooDeep {
        /// Where that was noticed.
        offset: usize,
    },
    /// More than [`MAX_VALUES`].
    TooManyValues,
    /// Something other than an identifier of a device inside `identifier`.
    Identifier {
        /// Where it ends.
        offset: usize,
    },
    /// An element that has to be there is not, or is empty.
    Missing(&'static str),
}

impl BodyError {
    /// The HTTP status to answer with.
    pub fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            _ => 400,
        }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the request has no body"),
            Self::TooLarge => write!(f, "the body is larger than {MAX_BYTES} bytes"),
            Self::Encoding => f.write_str("the body is not UTF-8"),
            Self::NotXml => f.write_str("the body is not XML"),
            Self::DocumentType { offset } => write!(f, "a document type is not allowed (byte {offset})"),
            Self::Malformed { offset } => write!(f, "the XML is not well-formed (byte {offset})"),
            Self::TooDeep { offset } => {
                write!(f, "elements are nested deeper than {MAX_DEPTH} (byte {offset})")
            }
            Self::TooManyValues => write!(f, "more than {MAX_VALUES} devices are named"),
            Self::Identifier { offset } => {
                write!(
                    f,
                    "identifier holds something other than macaddress, guid, guidhn, udid, imei or meid (byte {offset})"
                )
            }
            Self::Missing(element) => write!(f, "{element} is missing or empty"),
        }
    }
}

impl std::error::Error for BodyError {}
