//! Small constructors that keep the tables of settings readable.

use super::{EasElement, EasMinimum};
use crate::Value;

/// Yes.
pub(super) fn yes() -> Value {
    Value::Bool(true)
}

/// No.
pub(super) fn no() -> Value {
    Value::Bool(false)
}

/// Not set: no limit.
pub(super) fn unset() -> Value {
    Value::Unset
}

/// The number `N`.
pub(super) fn int<const N: i64>() -> Value {
    Value::Int(N)
}

/// An empty list.
pub(super) fn empty() -> Value {
    Value::List(Vec::new())
}

/// "1" or "0".
fn bool_text(value: &Value) -> Option<String> {
    value.as_bool().map(|b| if b { "1" } else { "0" }.to_owned())
}

/// The number; unset is the empty tag.
fn number_text(value: &Value) -> Option<String> {
    value.as_int().map(|n| n.to_string())
}

/// The number; unset is −1, which is how MS-ASPROV 2.2.2.34 and 2.2.2.35 say "do not truncate".
fn truncation_text(value: &Value) -> Option<String> {
    value.as_int().or(Some(-1)).map(|n| n.to_string())
}

/// Lists have no text of their own: the codec writes one child element for each item.
fn no_text(_: &Value) -> Option<String> {
    None
}

/// A yes/no element that 12.0 knows.
pub(super) const fn flag_12_0(name: &'static str) -> EasElement {
    EasElement { name, since: EasMinimum::V12_0, text: bool_text }
}

/// A yes/no element of 12.1.
pub(super) const fn flag(name: &'static str) -> EasElement {
    EasElement { name, since: EasMinimum::V12_1, text: bool_text }
}

/// A number that 12.0 knows; unset is the empty tag.
pub(super) const fn number_12_0(name: &'static str) -> EasElement {
    EasElement { name, since: EasMinimum::V12_0, text: number_text }
}

/// A number of 12.1.
pub(super) const fn number(name: &'static str) -> EasElement {
    EasElement { name, since: EasMinimum::V12_1, text: number_text }
}

/// A truncation size.
pub(super) const fn truncation(name: &'static str) -> EasElement {
    EasElement { name, since: EasMinimum::V12_1, text: truncation_text }
}

/// A list.
pub(super) const fn list(name: &'static str) -> EasElement {
    EasElement { name, since: EasMinimum::V12_1, text: no_text }
}
