//! Reading a document into a tree, refusing everything outside ActiveSync's subset of WBXML 1.3.

use std::fmt;

use super::tree::{Child, Element, Tag};

/// Elements nested deeper than this are refused.
pub const MAX_DEPTH: usize = 64;

/// Why a document could not be read, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Offset of the offending byte.
    pub offset: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WBXML: {} at byte {}", self.what, self.offset)
    }
}

impl std::error::Error for DecodeError {}

/// The root element of a document.
///
/// # Errors
/// Anything that is not exactly one element of the ActiveSync subset: attributes, entities, string tables,
/// unclosed or surplus elements, lengths past the end, text that is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<Element, DecodeError> {
    let mut r = Reader { bytes, at: 0 };
    r.header()?;
    let mut page = 0;
    let mut open: Vec<Element> = Vec::new();
    loop {
        let start = r.at;
        let done = match r.byte()? {
            0x00 => {
                page = r.byte()?;
                continue;
            }
            0x01 => Some(open.pop().ok_or_else(|| fail(start, "end without an open element"))?),
            0x03 => {
                let text = r.string()?;
                let parent = open.last_mut().ok_or_else(|| fail(start, "text outside an element"))?;
                match parent.children.last_mut() {
                    Some(Child::Text(before)) => before.push_str(text),
                    _ => parent.children.push(Child::Text(text.to_owned())),
                }
                None
            }
            0xC3 => {
                let bytes = r.opaque()?;
                let parent = open.last_mut().ok_or_else(|| fail(start, "opaque data outside an element"))?;
                parent.children.push(Child::Opaque(bytes.to_vec()));
                None
            }
            tag if tag & 0x80 == 0 && tag & 0x3F >= 0x05 => {
                let element = Element { tag: Tag { page, token: tag & 0x3F }, children: Vec::new() };
                if tag & 0x40 == 0 {
                    Some(element)
                } else if open.len() == MAX_DEPTH {
                    return Err(fail(start, "elements nested too deeply"));
                } else {
                    open.push(element);
                    None
                }
            }
            _ => return Err(fail(start, "a token outside the ActiveSync subset")),
        };
        if let Some(element) = done {
            match open.last_mut() {
                Some(parent) => parent.children.push(Child::Element(element)),
                None if r.at == bytes.len() => return Ok(element),
                None => return Err(fail(r.at, "bytes after the root element")),
            }
        }
    }
}

fn fail(offset: usize, what: &'static str) -> DecodeError {
    DecodeError { offset, what }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn header(&mut self) -> Result<(), DecodeError> {
        if !(0x01..=0x03).contains(&self.byte()?) {
            return Err(fail(0, "not WBXML 1.1 to 1.3"));
        }
        self.number()?;
        let charset = self.at;
        if self.number()? != 0x6A {
            return Err(fail(charset, "character set is not UTF-8"));
        }
        let table = self.at;
        if self.number()? != 0 {
            return Err(fail(table, "string tables are not used"));
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let b = *self.bytes.get(self.at).ok_or_else(|| fail(self.at, "the document ends too early"))?;
        self.at += 1;
        Ok(b)
    }

    fn number(&mut self) -> Result<u32, DecodeError> {
        let start = self.at;
        let mut value: u64 = 0;
        for _ in 0..5 {
            let b = self.byte()?;
            value = value << 7 | u64::from(b & 0x7F);
            if b & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| fail(start, "an integer beyond 32 bits"));
            }
        }
        Err(fail(start, "an integer longer than five bytes"))
    }

    fn string(&mut self) -> Result<&'a str, DecodeError> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let end = rest.iter().position(|b| *b == 0).ok_or_else(|| fail(start, "an unterminated string"))?;
        self.at = start + end + 1;
        std::str::from_utf8(&rest[..end]).map_err(|_| fail(start, "text is not UTF-8"))
    }

    fn opaque(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.number()? as usize;
        let start = self.at;
        let end = start.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| fail(start, "opaque data past the end"))?;
        self.at = end;
        Ok(&self.bytes[start..end])
    }
}
