//! What all command bodies share: the error, and careful readers of fields.
//!
//! Command modules describe their own elements; this room only knows texts, numbers and booleans
//! (MS-ASDTYPE 2).

use crate::wbxml::{self, Element, Limits, Tag};

/// Why a body was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is not a WBXML document within the limits.
    #[error(transparent)]
    Wbxml(#[from] wbxml::Error),
    /// Its root element belongs to another command.
    #[error("root element is {0}")]
    Root(Tag),
    /// An element is missing.
    #[error("{0} is missing")]
    Missing(Tag),
    /// An element holds something else than it should.
    #[error("{0} has no valid value")]
    Invalid(Tag),
    /// An element's text is longer than the protocol allows.
    #[error("{0} is too long")]
    TooLong(Tag),
    /// An element occurs more often than this server takes.
    #[error("too many {0}")]
    TooMany(Tag),
}

impl Error {
    /// The common status that tells a device from 14.0 what is wrong (MS-ASCMD 2.2.2).
    pub fn status(&self) -> u16 {
        match self {
            Error::Wbxml(_) => crate::status::common::INVALID_WBXML,
            _ => crate::status::common::INVALID_CONTENT,
        }
    }
}

/// Parses a body within the default limits and checks its root.
pub(crate) fn parse(bytes: &[u8], root: Tag) -> Result<Element<'_>, Error> {
    let element = Element::parse(bytes, Limits::default())?;
    if element.tag == root { Ok(element) } else { Err(Error::Root(element.tag)) }
}

/// The trimmed text of a child, if the child is there.
pub(crate) fn text<'a>(parent: &'a Element<'_>, tag: Tag) -> Result<Option<&'a str>, Error> {
    parent.child(tag).map(|child| child.text().map(str::trim_ascii).ok_or(Error::Invalid(tag))).transpose()
}

/// The owned text of a child, at most `max` bytes long.
pub(crate) fn string(parent: &Element<'_>, tag: Tag, max: usize) -> Result<Option<String>, Error> {
    match text(parent, tag)? {
        Some(text) if text.len() > max => Err(Error::TooLong(tag)),
        found => Ok(found.map(str::to_owned)),
    }
}

/// As [`string`], but it must be there.
pub(crate) fn required(parent: &Element<'_>, tag: Tag, max: usize) -> Result<String, Error> {
    string(parent, tag, max)?.ok_or(Error::Missing(tag))
}

/// The number in a child, if the child is there and not empty.
pub(crate) fn number<N: std::str::FromStr>(parent: &Element<'_>, tag: Tag) -> Result<Option<N>, Error> {
    match text(parent, tag)? {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Error::Invalid(tag)),
    }
}

/// The number in a child that must be there.
pub(crate) fn required_number<N: std::str::FromStr>(parent: &Element<'_>, tag: Tag) -> Result<N, Error> {
    number(parent, tag)?.ok_or(Error::Missing(tag))
}

/// The boolean in a child, if the child is there; an empty element counts as true (MS-ASCMD, GetChanges).
pub(crate) fn boolean(parent: &Element<'_>, tag: Tag) -> Result<Option<bool>, Error> {
    match text(parent, tag)? {
        None => Ok(None),
        Some("" | "1") => Ok(Some(true)),
        Some("0") => Ok(Some(false)),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(Error::Invalid(tag)),
    }
}

/// Refuses lists that are longer than this server takes.
pub(crate) fn bounded<T>(list: Vec<T>, max: usize, tag: Tag) -> Result<Vec<T>, Error> {
    if list.len() > max { Err(Error::TooMany(tag)) } else { Ok(list) }
}
