//! An element's identity: code page and token together.

use std::fmt;

use crate::codepages;

/// An element name. The same token number means different elements on different code pages, so only the pair
/// names an element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    /// Code page, 0 to 25 for the known ones.
    pub page: u8,
    /// Token within the page, 0x05 to 0x3F.
    pub token: u8,
}

impl Tag {
    /// Puts a tag together. Only the low six bits of a token can be written to a document.
    pub const fn new(page: u8, token: u8) -> Tag {
        Tag { page, token }
    }
}

/// `Provision:PolicyKey`, or `26:1F` for unknown ones.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (codepages::namespace(self.page), codepages::name(*self)) {
            (Some(namespace), Some(name)) => write!(f, "{namespace}:{name}"),
            _ => write!(f, "{}:{:02X}", self.page, self.token),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
