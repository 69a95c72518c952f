//! Request bodies: the values of a batch, the devices of an action, a message.
//!
//! What a body is, is decided by its bytes and not by its content type, as the sources disagree about the
//! latter: Cisco's documents say XML, MaaS360's multipart or form fields. Element names are read in any case.
//! Document types are refused; size, depth and number of values are bounded.

mod error;
mod leaves;
mod unwrap;

pub use error::BodyError;

use crate::{Criterion, Lookup, percent};
use leaves::Leaf;

/// Largest body in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Deepest nesting of elements.
pub const MAX_DEPTH: usize = 16;
/// Most values in a batch, and most devices of an action or message.
pub const MAX_VALUES: usize = 5000;

/// One value of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchValue {
    /// What the value is, if its element says so; else the query's `querycriteria` does.
    pub criterion: Option<Criterion>,
    /// The value without blanks around it, never empty.
    pub text: String,
}

/// A message for the users of some devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The devices, as for an action.
    pub devices: Vec<Lookup>,
    /// `message_type`; `Alert` if absent.
    pub kind: String,
    /// `message_header`; may be empty.
    pub header: String,
    /// `message_body`, never empty.
    pub text: String,
}

/// Reads the values of a batch. Their nesting is documented nowhere, so every leaf called `value` or like a
/// criterion counts, at any depth; a form's fields of those names and a bare list separated by commas or
/// blanks are read as well. An empty body is an empty batch, as the value may be a parameter.
///
/// ```
/// let values = wire_ise::body::batch(b"<ise_api><value>3408BC507C78</value></ise_api>")?;
/// assert_eq!(values[0].text, "3408BC507C78");
/// # Ok::<(), wire_ise::body::BodyError>(())
/// ```
pub fn batch(bytes: &[u8]) -> Result<Vec<BatchValue>, BodyError> {
    let mut values = Vec::new();
    match unwrap::content(bytes)? {
        unwrap::Content::Xml(xml) => leaves::each(&xml, |leaf| match batch_field(leaf.name) {
            Some(criterion) => add(&mut values, criterion, leaf.text),
            None => Ok(()),
        })?,
        unwrap::Content::Form(form) => {
            for pair in form.split('&') {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                if let Some(criterion) = batch_field(percent::form_value(name).trim()) {
                    add_list(&mut values, criterion, &percent::form_value(value))?;
                }
            }
        }
        unwrap::Content::Text(list) => add_list(&mut values, None, &list)?,
        unwrap::Content::Empty => {}
    }
    Ok(values)
}

/// Reads the devices of an action: the leaves inside `identifier` elements. What is not a readable MAC or
/// GUID becomes [`Lookup::Nobody`], a failure of that one device.
pub fn identifiers(bytes: &[u8]) -> Result<Vec<Lookup>, BodyError> {
    let mut devices = Vec::new();
    leaves::each(&xml(bytes)?, |leaf| add_identifier(&mut devices, leaf))?;
    if devices.is_empty() { Err(BodyError::Missing("identifier")) } else { Ok(devices) }
}

/// Reads a message and the devices it is for.
pub fn message(bytes: &[u8]) -> Result<Message, BodyError> {
    let mut devices = Vec::new();
    let (mut kind, mut header, mut text) = (String::new(), String::new(), String::new());
    leaves::each(&xml(bytes)?, |leaf| {
        let field = match leaf.name {
            name if name.eq_ignore_ascii_case("message_type") => &mut kind,
            name if name.eq_ignore_ascii_case("message_header") => &mut header,
            name if name.eq_ignore_ascii_case("message_body") => &mut text,
            _ => return add_identifier(&mut devices, leaf),
        };
        leaf.text.clone_into(field);
        Ok(())
    })?;
    if devices.is_empty() {
        return Err(BodyError::Missing("identifier"));
    }
    if text.is_empty() {
        return Err(BodyError::Missing("message_body"));
    }
    if kind.is_empty() {
        "Alert".clone_into(&mut kind);
    }
    Ok(Message { devices, kind, header, text })
}

/// The XML of a body that must have some.
fn xml(bytes: &[u8]) -> Result<String, BodyError> {
    match unwrap::content(bytes)? {
        unwrap::Content::Xml(xml) => Ok(xml.into_owned()),
        unwrap::Content::Empty => Err(BodyError::Empty),
        unwrap::Content::Form(_) | unwrap::Content::Text(_) => Err(BodyError::NotXml),
    }
}

/// Whether a field of this name holds a value of a batch, and what its name says about it.
#[expect(
    clippy::option_option,
    reason = "not a value, a value of unsaid kind, and a value of a kind are three things"
)]
fn batch_field(name: &str) -> Option<Option<Criterion>> {
    if name.eq_ignore_ascii_case("value") {
        return Some(None);
    }
    Criterion::from_name(name).filter(|criterion| *criterion != Criterion::Compliance).map(Some)
}

fn add_list(values: &mut Vec<BatchValue>, criterion: Option<Criterion>, list: &str) -> Result<(), BodyError> {
    list.split(|c: char| c == ',' || c.is_whitespace()).try_for_each(|text| add(values, criterion, text))
}

fn add(values: &mut Vec<BatchValue>, criterion: Option<Criterion>, text: &str) -> Result<(), BodyError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(());
    }
    if values.len() == MAX_VALUES {
        return Err(BodyError::TooManyValues);
    }
    values.push(BatchValue { criterion, text: text.to_owned() });
    Ok(())
}

fn add_identifier(devices: &mut Vec<Lookup>, leaf: &Leaf<'_>) -> Result<(), BodyError> {
    if !leaf.parent.eq_ignore_ascii_case("identifier") {
        return Ok(());
    }
    let criterion = Criterion::from_name(leaf.name)
        .filter(|criterion| criterion.identifier_kind().is_some())
        .ok_or(BodyError::Identifier { offset: leaf.offset })?;
    if devices.len() == MAX_VALUES {
        return Err(BodyError::TooManyValues);
    }
    devices.push(criterion.read(leaf.text));
    Ok(())
}

#[cfg(test)]
mod tests;
