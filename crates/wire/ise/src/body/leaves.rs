//! The leaves of an XML document, one after the other.
//!
//! A pull parser and a stack of at most [`MAX_DEPTH`] names: no tree, so neither nesting nor attributes (which
//! nobody needs here) can be made expensive.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::{BodyError, MAX_DEPTH};

/// An element without child elements.
pub(super) struct Leaf<'a> {
    /// Name of the element around it, without prefix; empty for the root.
    pub parent: &'a str,
    /// Its own name, without prefix.
    pub name: &'a str,
    /// Its text, without blanks around it.
    pub text: &'a str,
    /// Where it ends, in bytes.
    pub offset: usize,
}

struct Open {
    name: String,
    text: String,
    has_children: bool,
}

/// Calls `visit` for each leaf of the document.
pub(super) fn each(
    xml: &str,
    mut visit: impl FnMut(&Leaf<'_>) -> Result<(), BodyError>,
) -> Result<(), BodyError> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut stack: Vec<Open> = Vec::with_capacity(MAX_DEPTH);
    let mut seen_root = false;
    loop {
        let event = reader.read_event();
        let offset = reader.buffer_position() as usize;
        let malformed = BodyError::Malformed { offset };
        match event.map_err(|_| malformed)? {
            Event::Start(start) => {
                if stack.len() == MAX_DEPTH {
                    return Err(BodyError::TooDeep { offset });
                }
                match stack.last_mut() {
                    Some(parent) => parent.has_children = true,
                    None if seen_root => return Err(malformed),
                    None => seen_root = true,
                }
                let name = start.local_name().into_inner().to_owned();
                if name.is_empty() {
                    return Err(malformed);
                }
                stack.push(Open { name, text: String::new(), has_children: false });
            }
            Event::End(_) => {
                let closed = stack.pop().ok_or(malformed)?;
                if !closed.has_children {
                    let parent = stack.last().map_or("", |open| open.name.as_str());
                    visit(&Leaf { parent, name: &closed.name, text: closed.text.trim(), offset })?;
                }
            }
            Event::Text(text) => append(&mut stack, &text).ok_or(malformed)?,
            Event::CData(text) if !stack.is_empty() => append(&mut stack, &text).ok_or(malformed)?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|_| malformed)?;
                let mut buffer = [0_u8; 4];
                let text = match character {
                    Some(character) => character.encode_utf8(&mut buffer),
                    None => resolve_xml_entity(&reference).ok_or(malformed)?,
                };
                append(&mut stack, text).filter(|()| !stack.is_empty()).ok_or(malformed)?;
            }
            Event::DocType(_) => return Err(BodyError::DocumentType { offset }),
            Event::Eof if seen_root && stack.is_empty() => return Ok(()),
            Event::Eof | Event::CData(_) | Event::Empty(_) => return Err(malformed),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// Adds text to the innermost element. `None` for characters that XML does not have, and for text that is
/// not blank outside the root.
fn append(stack: &mut [Open], text: &str) -> Option<()> {
    let is_xml = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..);
    if !text.chars().all(is_xml) {
        return None;
    }
    match stack.last_mut() {
        Some(open) => open.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return None,
    }
    Some(())
}
