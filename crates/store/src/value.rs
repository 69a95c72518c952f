//! Neutral parameter and column values, the same for both engines.

use std::fmt;
use uuid::Uuid;

/// One bound parameter or one column of a row.
///
/// SQLite knows neither booleans nor UUIDs: there they are stored as 0/1 and as 16-byte blobs, and the typed
/// getters of [`Row`](crate::Row) accept both forms.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// `@bool`.
    Bool(bool),
    /// `@bigint`; times are milliseconds since 1970.
    Int(i64),
    /// `TEXT` or `@json`.
    Text(String),
    /// `@blob`.
    Blob(Vec<u8>),
    /// `@uuid`.
    Uuid(Uuid),
}

impl Value {
    /// The kind, for error messages; never the content.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
            Self::Uuid(_) => "a UUID",
        }
    }
}

/// Shows kinds and lengths only: a parameter may be a secret.
impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(out, "text of {} bytes", text.len()),
            Self::Blob(bytes) => write!(out, "{} bytes", bytes.len()),
            other => out.write_str(other.kind()),
        }
    }
}

macro_rules! from {
    ($($source:ty => |$name:ident| $value:expr;)*) => {
        $(impl From<$source> for Value {
            fn from($name: $source) -> Self {
                $value
            }
        })*
    };
}

from! {
    bool => |v| Self::Bool(v);
    i64 => |v| Self::Int(v);
    i32 => |v| Self::Int(v.into());
    u32 => |v| Self::Int(v.into());
    u16 => |v| Self::Int(v.into());
    u8 => |v| Self::Int(v.into());
    &str => |v| Self::Text(v.to_owned());
    &String => |v| Self::Text(v.clone());
    String => |v| Self::Text(v);
    Vec<u8> => |v| Self::Blob(v);
    &[u8] => |v| Self::Blob(v.to_vec());
    Uuid => |v| Self::Uuid(v);
    &serde_json::Value => |v| Self::Text(v.to_string());
    serde_json::Value => |v| Self::Text(v.to_string());
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T> From<domain::Id<T>> for Value {
    fn from(value: domain::Id<T>) -> Self {
        Self::Uuid(value.uuid())
    }
}
