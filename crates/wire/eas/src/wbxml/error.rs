//! What can be wrong with a WBXML document.

/// Why a document was refused, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {offset}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Offset of the offending byte from the start of the document.
    pub offset: usize,
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes end in the middle of the document.
    #[error("document ends too early")]
    Truncated,
    /// The first byte is not WBXML 1.1, 1.2 or 1.3.
    #[error("not a WBXML document of a known version")]
    Version,
    /// The public identifier refers to the string table, which ActiveSync does not have.
    #[error("public identifier in the string table")]
    PublicId,
    /// The character set is not UTF-8 (MIBenum 106).
    #[error("character set is not UTF-8")]
    Charset,
    /// The document has a string table, which ActiveSync does not use.
    #[error("string table")]
    StringTable,
    /// A multi-byte integer is longer than five bytes or larger than 32 bits.
    #[error("integer too large")]
    Integer,
    /// A token outside the subset that ActiveSync uses: entity, literal, extension, processing instruction,
    /// string-table reference.
    #[error("token 0x{0:02X} is not part of ActiveSync's WBXML")]
    Token(u8),
    /// An element with attributes.
    #[error("element has attributes")]
    Attributes,
    /// Text or opaque data outside the root element.
    #[error("content outside the root element")]
    Outside,
    /// An end without a start.
    #[error("end without a start")]
    StrayEnd,
    /// Bytes after the end of the root element.
    #[error("bytes after the root element")]
    Trailing,
    /// Text is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// Elements nested deeper than [`Limits::depth`](super::Limits::depth).
    #[error("nested too deep")]
    TooDeep,
    /// The document is larger than [`Limits::document`](super::Limits::document).
    #[error("document too large")]
    TooLarge,
    /// A text is longer than [`Limits::string`](super::Limits::string).
    #[error("text too long")]
    StringTooLong,
    /// Opaque data is longer than [`Limits::opaque`](super::Limits::opaque).
    #[error("opaque data too long")]
    OpaqueTooLong,
    /// More elements than [`Limits::elements`](super::Limits::elements).
    #[error("too many elements")]
    TooManyElements,
    /// A code page beyond 25 in a document that must be understood.
    #[error("unknown code page {0}")]
    UnknownPage(u8),
    /// An element holds both text and elements, or text and opaque data.
    #[error("mixed content")]
    Mixed,
}
