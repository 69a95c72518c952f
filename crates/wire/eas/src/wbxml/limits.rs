//! How large a document may be.

/// Bounds that a document must keep; beyond them reading fails. The default is for commands that are parsed
/// as a whole: 32 levels, 1 MiB, 64 KiB per text, 16,384 elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting of elements; the root is level 1.
    pub depth: u16,
    /// Size of the document in bytes.
    pub document: usize,
    /// Length of one inline string in bytes.
    pub string: usize,
    /// Length of one piece of opaque data in bytes.
    pub opaque: usize,
    /// Number of elements. An element costs one byte in a document but some fifty in an [`Element`] tree.
    ///
    /// [`Element`]: super::Element
    pub elements: usize,
}

impl Limits {
    /// For looking through mail traffic without building a tree: only the nesting is bounded.
    pub const STREAM: Limits = Limits {
        depth: 32,
        document: usize::MAX,
        string: usize::MAX,
        opaque: usize::MAX,
        elements: usize::MAX,
    };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 32, document: 1 << 20, string: 64 << 10, opaque: 1 << 20, elements: 1 << 14 }
    }
}
