//! One row of a result, read by position with typed getters.

use crate::{Result, StoreError, Value};
use domain::Id;
use std::sync::Arc;
use uuid::Uuid;

/// One row. Columns are numbered from 0 in the order of the statement; errors name the column.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    pub(crate) fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// True for a row without columns.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The columns with their names.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.columns.iter().map(String::as_str).zip(&self.values)
    }

    /// The value as it came, for generic code such as exports.
    pub fn value(&self, column: usize) -> Result<&Value> {
        self.values
            .get(column)
            .ok_or_else(|| StoreError::Corrupt(format!("the statement has no column {column}")))
    }

    /// Is the column NULL?
    pub fn is_null(&self, column: usize) -> Result<bool> {
        Ok(matches!(self.value(column)?, Value::Null))
    }

    fn wrong(&self, column: usize, wanted: &str, found: &Value) -> StoreError {
        let name = self.columns.get(column).map_or("?", String::as_str);
        StoreError::Corrupt(format!("column {name} should be {wanted} but is {}", found.kind()))
    }

    /// `None` for NULL, else what the getter says.
    fn optional<T>(&self, column: usize, get: impl FnOnce(&Self, usize) -> Result<T>) -> Result<Option<T>> {
        if self.is_null(column)? { Ok(None) } else { get(self, column).map(Some) }
    }

    /// An integer.
    pub fn int(&self, column: usize) -> Result<i64> {
        match self.value(column)? {
            Value::Int(value) => Ok(*value),
            other => Err(self.wrong(column, "an integer", other)),
        }
    }

    /// An integer in the range of `u32`, such as a count or a version.
    pub fn u32(&self, column: usize) -> Result<u32> {
        let value = self.int(column)?;
        u32::try_from(value)
            .map_err(|_| self.wrong(column, "an integer from 0 to 4294967295", &Value::Int(value)))
    }

    /// An integer or NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        self.optional(column, Self::int)
    }

    /// A boolean.
    pub fn bool(&self, column: usize) -> Result<bool> {
        match self.value(column)? {
            Value::Bool(value) => Ok(*value),
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            other => Err(self.wrong(column, "a boolean", other)),
        }
    }

    /// A boolean or NULL.
    pub fn opt_bool(&self, column: usize) -> Result<Option<bool>> {
        self.optional(column, Self::bool)
    }

    /// Text, borrowed.
    pub fn str(&self, column: usize) -> Result<&str> {
        match self.value(column)? {
            Value::Text(value) => Ok(value),
            other => Err(self.wrong(column, "text", other)),
        }
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<String> {
        self.str(column).map(ToOwned::to_owned)
    }

    /// Text or NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>> {
        self.optional(column, Self::text)
    }

    /// Text parsed as JSON of the wanted type.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T> {
        serde_json::from_str(self.str(column)?).map_err(|error| {
            let name = self.columns.get(column).map_or("?", String::as_str);
            StoreError::Corrupt(format!("the JSON of column {name} cannot be read: {error}"))
        })
    }

    /// JSON or NULL.
    pub fn opt_json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<Option<T>> {
        self.optional(column, Self::json)
    }

    /// Bytes.
    pub fn blob(&self, column: usize) -> Result<Vec<u8>> {
        match self.value(column)? {
            Value::Blob(value) => Ok(value.clone()),
            other => Err(self.wrong(column, "bytes", other)),
        }
    }

    /// Bytes or NULL.
    pub fn opt_blob(&self, column: usize) -> Result<Option<Vec<u8>>> {
        self.optional(column, Self::blob)
    }

    /// Bytes of a fixed length, such as a digest.
    pub fn bytes<const N: usize>(&self, column: usize) -> Result<[u8; N]> {
        match self.value(column)? {
            Value::Blob(value) => value
                .as_slice()
                .try_into()
                .map_err(|_| self.wrong(column, &format!("{N} bytes"), &Value::Blob(value.clone()))),
            other => Err(self.wrong(column, "bytes", other)),
        }
    }

    /// A UUID.
    pub fn uuid(&self, column: usize) -> Result<Uuid> {
        match self.value(column)? {
            Value::Uuid(value) => Ok(*value),
            Value::Blob(bytes) if bytes.len() == 16 => {
                Uuid::from_slice(bytes).map_err(|_| self.wrong(column, "a UUID", &Value::Null))
            }
            other => Err(self.wrong(column, "a UUID", other)),
        }
    }

    /// A UUID or NULL.
    pub fn opt_uuid(&self, column: usize) -> Result<Option<Uuid>> {
        self.optional(column, Self::uuid)
    }

    /// A typed id.
    pub fn id<T>(&self, column: usize) -> Result<Id<T>> {
        self.uuid(column).map(Id::from_uuid)
    }

    /// A typed id or NULL.
    pub fn opt_id<T>(&self, column: usize) -> Result<Option<Id<T>>> {
        self.optional(column, Self::id)
    }
}
