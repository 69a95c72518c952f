//! What a body is, by its bytes: XML, a multipart body or form with XML in it, a form, a list.

use std::borrow::Cow;

use super::{BodyError, MAX_BYTES};
use crate::percent;

/// Most parts of a multipart body, and most fields of a form, that are looked at for XML.
const MAX_PARTS: usize = 64;
/// Longest delimiter line: two hyphens and a boundary of at most 70 characters (RFC 2046 5.1.1).
const MAX_DELIMITER: usize = 72;
const UTF8_BOM: &[u8] = &[0xEF, 0xBB, 0xBF];

/// A body without its wrapping.
pub(super) enum Content<'a> {
    Xml(Cow<'a, str>),
    /// Fields, still encoded, none of which is XML.
    Form(Cow<'a, str>),
    Text(Cow<'a, str>),
    Empty,
}

/// Tells what the body is.
pub(super) fn content(bytes: &[u8]) -> Result<Content<'_>, BodyError> {
    if bytes.len() > MAX_BYTES {
        return Err(BodyError::TooLarge);
    }
    let bytes = bytes.trim_ascii_start();
    if bytes.is_empty() {
        return Ok(Content::Empty);
    }
    if looks_like_xml(bytes) {
        return text(bytes).map(Content::Xml);
    }
    if bytes.starts_with(b"--") {
        let part = parts(bytes).find(|part| looks_like_xml(part)).ok_or(BodyError::NotXml)?;
        return text(part).map(Content::Xml);
    }
    let text = text(bytes)?;
    if !text.contains('=') {
        return Ok(Content::Text(text));
    }
    let xml = text.split('&').take(MAX_PARTS).find_map(|field| {
        let value = percent::form_value(field.split_once('=')?.1);
        looks_like_xml(value.trim().as_bytes())
            .then(|| value.trim().trim_start_matches('\u{FEFF}').to_owned())
    });
    Ok(xml.map_or(Content::Form(text), |xml| Content::Xml(Cow::Owned(xml))))
}

fn looks_like_xml(bytes: &[u8]) -> bool {
    bytes.starts_with(b"<") || bytes.starts_with(UTF8_BOM) || utf16(bytes).is_some()
}

/// Decodes the bytes and takes the byte order mark away.
fn text(bytes: &[u8]) -> Result<Cow<'_, str>, BodyError> {
    if let Some((units, from)) = utf16(bytes) {
        if units.len() % 2 != 0 {
            return Err(BodyError::Encoding);
        }
        let units = units.chunks_exact(2).map(|pair| from([pair[0], pair[1]]));
        let decoded: Result<String, _> = char::decode_utf16(units).collect();
        return decoded.map(Cow::Owned).map_err(|_| BodyError::Encoding);
    }
    let bytes = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes);
    std::str::from_utf8(bytes).map(|text| Cow::Borrowed(text.trim_start())).map_err(|_| BodyError::Encoding)
}

type Order = fn([u8; 2]) -> u16;

/// The bytes after a UTF-16 byte order mark, and their order.
fn utf16(bytes: &[u8]) -> Option<(&[u8], Order)> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => Some((rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Some((rest, u16::from_be_bytes)),
        _ => None,
    }
}

/// The contents of the parts of a multipart body (RFC 2046 5.1), whose first line is the delimiter.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let line_end = find(bytes, b"\n").unwrap_or(bytes.len());
    let delimiter = bytes[..line_end].trim_ascii_end();
    let mut rest = Some(&bytes[delimiter.len()..]).filter(|_| (3..=MAX_DELIMITER).contains(&delimiter.len()));
    std::iter::from_fn(move || {
        let part = rest?;
        let end = find(part, delimiter);
        rest = end.map(|end| &part[end + delimiter.len()..]);
        Some(&part[..end.unwrap_or(part.len())])
    })
    .take(MAX_PARTS)
    .map(|part| {
        let blank = [&b"\r\n\r\n"[..], b"\n\n"]
            .iter()
            .filter_map(|blank| find(part, blank).map(|at| at + blank.len()))
            .min();
        part[blank.unwrap_or(part.len())..].trim_ascii_start()
    })
}

/// Where `needle` begins; it is short enough for a plain search.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
