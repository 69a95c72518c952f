//! Values of property lists, and the lenient ways in which devices' values are taken.

use super::write;
use crate::Millis;

/// A value.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `<true/>`, `<false/>`.
    Bool(bool),
    /// `<integer>`.
    Int(i64),
    /// `<real>`; always finite.
    Real(f64),
    /// `<string>`.
    Text(String),
    /// `<data>`.
    Data(Vec<u8>),
    /// `<date>`, to the second when written as XML.
    Date(Millis),
    /// `<array>`.
    Array(Vec<Value>),
    /// `<dict>`.
    Dict(Dict),
}

/// Only the kind: values may be tokens and passwords.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(_) => f.write_str("bool"),
            Self::Int(_) => f.write_str("integer"),
            Self::Real(_) => f.write_str("real"),
            Self::Text(_) => f.write_str("string"),
            Self::Data(data) => write!(f, "data of {} bytes", data.len()),
            Self::Date(_) => f.write_str("date"),
            Self::Array(values) => f.debug_list().entries(values).finish(),
            Self::Dict(dict) => dict.fmt(f),
        }
    }
}

impl Value {
    /// The text of a string.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A truth; quirk: some clients send `"false"` as a string, or a number.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Int(0) => Some(false),
            Self::Int(1) => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
            _ => None,
        }
    }

    /// A whole number, also one that came as a real without fraction or as text.
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Real(value) if value.fract() == 0.0 && value.abs() < 9e15 => Some(*value as i64),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number.
    pub fn real(&self) -> Option<f64> {
        match self {
            Self::Real(value) => Some(*value),
            Self::Int(value) => Some(*value as f64),
            Self::Text(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// The bytes of data.
    pub fn data(&self) -> Option<&[u8]> {
        if let Self::Data(data) = self { Some(data) } else { None }
    }

    /// A time.
    pub fn date(&self) -> Option<Millis> {
        match self {
            Self::Date(value) => Some(*value),
            Self::Text(text) => super::date::read(text),
            _ => None,
        }
    }

    /// The values of an array.
    pub fn array(&self) -> Option<&[Self]> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    /// A dictionary.
    pub fn dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    /// The value as an XML property list, UTF-8.
    pub fn to_xml(&self) -> Vec<u8> {
        write::xml(self)
    }

    /// The value of a neutral one; `null` is none. (Data and dates have no neutral form.)
    pub fn from_json(json: &serde_json::Value) -> Option<Self> {
        use serde_json::Value as Json;
        Some(match json {
            Json::Null => return None,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| number.as_f64().map(Self::Real), |n| Some(Self::Int(n)))?
            }
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(values) => Self::Array(values.iter().filter_map(Self::from_json).collect()),
            Json::Object(members) => Self::Dict(Dict(
                members
                    .iter()
                    .filter_map(|(key, value)| Some((key.clone(), Self::from_json(value)?)))
                    .collect(),
            )),
        })
    }

    /// The neutral form, for showing and storing what a device reported: data as base64, dates as they are written.
    pub fn to_json(&self) -> serde_json::Value {
        use base64::Engine as _;
        use serde_json::Value as Json;
        match self {
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => (*value).into(),
            Self::Real(value) => (*value).into(),
            Self::Text(text) => text.as_str().into(),
            Self::Data(data) => base64::engine::general_purpose::STANDARD.encode(data).into(),
            Self::Date(time) => super::date::write(*time).into(),
            Self::Array(values) => values.iter().map(Self::to_json).collect(),
            Self::Dict(dict) => {
                Json::Object(dict.iter().map(|(key, value)| (key.to_owned(), value.to_json())).collect())
            }
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Data(value)
    }
}
impl From<Dict> for Value {
    fn from(value: Dict) -> Self {
        Self::Dict(value)
    }
}
impl From<Vec<Value>> for Value {
    fn from(value: Vec<Value>) -> Self {
        Self::Array(value)
    }
}

/// A dictionary, in the order in which it was written. Keys are unique.
#[derive(Clone, PartialEq, Default)]
pub struct Dict(pub(super) Vec<(String, Value)>);

impl std::fmt::Debug for Dict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Dict {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this value under this key, in place of one that was there.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// With this value under this key, if there is one.
    pub fn with_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Puts a value under a key, in place of one that was there.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The text under a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// Keys and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether no key stands twice; in time that grows little faster than their number.
    pub(super) fn is_unique(&self) -> bool {
        let mut keys: Vec<&str> = self.0.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        keys.windows(2).all(|pair| pair[0] != pair[1])
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
