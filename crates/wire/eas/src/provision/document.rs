//! Builds the policy document that a class of versions understands.

use super::elements::{ELEMENTS, ElementInfo, ValueType};
use super::wap;
use crate::codepages::token::provision;
use crate::version::PolicyClass;
use crate::wbxml::Writer;

/// The value of one element of a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocValue {
    /// 0 or 1.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// An empty element: no limit.
    Empty,
    /// The entries of a list, in order.
    List(Vec<String>),
}

/// A policy document, ready to be sent. Equal settings give equal bytes, so [`bytes`](Document::bytes) is what
/// "is the device's policy current" should be decided by: settings that a class does not know are not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    class: PolicyClass,
    bytes: Vec<u8>,
}

/// Why a policy document cannot be built. A fault of the caller, not of a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The element cannot hold this kind of value, or not this number.
    #[error("{0} cannot hold this value")]
    Value(&'static str),
    /// The element was given twice.
    #[error("{0} is given twice")]
    Duplicate(&'static str),
    /// A list has more than 1000 entries, or an entry more than 1024 bytes.
    #[error("{0} is too long")]
    TooLong(&'static str),
}

/// Most entries of a list.
const MAX_ENTRIES: usize = 1000;
/// Longest entry of a list in bytes.
const MAX_ENTRY: usize = 1024;

impl Document {
    /// Which versions understand it.
    pub fn class(&self) -> PolicyClass {
        self.class
    }

    /// The content: for 2.5 the text of the WAP document, otherwise the WBXML of `EASProvisionDoc` without
    /// header, as it stands on code page 14.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes the `Data` element.
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.nest(provision::DATA, |w| match self.class {
            PolicyClass::V2_5 => w.text(&String::from_utf8_lossy(&self.bytes)),
            PolicyClass::V12_0 | PolicyClass::V12_1 => {
                w.fragment(provision::EAS_PROVISION_DOC.page, &self.bytes);
            }
        });
    }
}

/// Builds the document of a class from values in any order. Elements that the class does not know are left
/// out; absent elements stay absent, which devices read as "as before", so give all of them.
///
/// ```
/// use wire_eas::{provision::{DocValue, document, element}, version::PolicyClass};
/// let camera = element("AllowCamera").expect("known");
/// let document = document(PolicyClass::V12_1, &[(camera, DocValue::Bool(false))])?;
/// assert_eq!(document.bytes(), b"\x4D\x5C\x030\x00\x01\x01");
/// # Ok::<(), wire_eas::provision::DocumentError>(())
/// ```
pub fn document(
    class: PolicyClass,
    values: &[(&'static ElementInfo, DocValue)],
) -> Result<Document, DocumentError> {
    let mut slots: [Option<&DocValue>; ELEMENTS.len()] = [None; ELEMENTS.len()];
    for (element, value) in values {
        check(element, value)?;
        if slots[usize::from(element.order)].replace(value).is_some() {
            return Err(DocumentError::Duplicate(element.name));
        }
    }
    let chosen =
        || ELEMENTS.iter().zip(&slots).filter_map(|(element, slot)| slot.map(|value| (element, value)));
    let bytes = match class {
        PolicyClass::V2_5 => wap::write(chosen()).into_bytes(),
        PolicyClass::V12_0 | PolicyClass::V12_1 => {
            let mut writer = Writer::piece(provision::EAS_PROVISION_DOC.page);
            writer.nest(provision::EAS_PROVISION_DOC, |w| {
                for (element, value) in chosen().filter(|(element, _)| element.since <= class) {
                    write_value(w, element, value);
                }
            });
            writer.finish()
        }
    };
    Ok(Document { class, bytes })
}

fn write_value(writer: &mut Writer, element: &ElementInfo, value: &DocValue) {
    match (value, element.value) {
        (DocValue::Bool(on), _) => writer.number(element.token, *on),
        (DocValue::Integer(number), _) => writer.number(element.token, *number),
        (DocValue::List(entries), ValueType::List { entry }) if !entries.is_empty() => {
            writer.nest(element.token, |w| entries.iter().for_each(|text| w.leaf(entry, text)));
        }
        (DocValue::Empty | DocValue::List(_), _) => writer.empty(element.token),
    }
}

fn check(element: &ElementInfo, value: &DocValue) -> Result<(), DocumentError> {
    match (element.value, value) {
        (ValueType::Bool, DocValue::Bool(_))
        | (ValueType::Integer { or_empty: true, .. } | ValueType::List { .. }, DocValue::Empty) => Ok(()),
        (ValueType::Integer { min, max, .. }, DocValue::Integer(number)) if (min..=max).contains(number) => {
            Ok(())
        }
        (ValueType::List { .. }, DocValue::List(entries)) => {
            if entries.len() > MAX_ENTRIES || entries.iter().any(|entry| entry.len() > MAX_ENTRY) {
                Err(DocumentError::TooLong(element.name))
            } else {
                Ok(())
            }
        }
        _ => Err(DocumentError::Value(element.name)),
    }
}
