//! The neutral value of a setting or a rule parameter.

use serde::{Deserialize, Serialize};

/// A value as it is stored (JSON), shown in a form and handed to a platform's map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Not set: the setting is sent as "no limit" or as its neutral value.
    Unset,
    /// A yes/no value.
    Bool(bool),
    /// A whole number, also the stored form of a choice.
    Int(i64),
    /// Free text.
    Text(String),
    /// A list of texts, in the administrator's order.
    List(Vec<String>),
}

impl Value {
    /// The yes/no value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }
    /// The number, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(n) = self { Some(*n) } else { None }
    }
    /// The list, empty for every other kind.
    pub fn as_list(&self) -> &[String] {
        if let Value::List(items) = self { items } else { &[] }
    }
    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(t) = self { Some(t) } else { None }
    }
}
