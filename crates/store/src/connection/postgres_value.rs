//! Neutral values in PostgreSQL's binary forms.

use crate::{Result, StoreError, Value};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};
use uuid::Uuid;

type Failure = Box<dyn Error + Sync + Send>;

/// A parameter. The statement says which type it wants; a value of another kind is an error, except the forms
/// that SQLite stores for lack of a type (a UUID as 16 bytes, a boolean as 0 or 1), which copies bring.
#[derive(Debug)]
pub(crate) struct Param<'a>(pub &'a Value);

impl ToSql for Param<'_> {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        let mismatch = || Err(format!("{} given where {wanted} is wanted", self.0.kind()).into());
        match (self.0, wanted) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT8) => value.to_sql(wanted, out),
            (Value::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(wanted, out),
            (Value::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(wanted, out),
            (Value::Bool(value), &Type::BOOL) => value.to_sql(wanted, out),
            (Value::Int(value @ (0 | 1)), &Type::BOOL) => (*value == 1).to_sql(wanted, out),
            (Value::Text(value), &Type::JSONB) => {
                // JSONB begins with its version, and cannot hold the character U+0000.
                out.extend_from_slice(&[1]);
                out.extend_from_slice(without_nul_escape(value).as_bytes());
                Ok(IsNull::No)
            }
            (Value::Text(value), &Type::JSON) => {
                out.extend_from_slice(value.as_bytes());
                Ok(IsNull::No)
            }
            (Value::Text(value), wanted) if <&str as ToSql>::accepts(wanted) => {
                value.as_str().to_sql(wanted, out)
            }
            (Value::Blob(value), &Type::BYTEA) => value.to_sql(wanted, out),
            (Value::Uuid(value), &Type::BYTEA) => value.as_bytes().as_slice().to_sql(wanted, out),
            (Value::Uuid(value), &Type::UUID) => value.to_sql(wanted, out),
            (Value::Blob(value), &Type::UUID) => match Uuid::from_slice(value) {
                Ok(value) => value.to_sql(wanted, out),
                Err(_) => mismatch(),
            },
            _ => mismatch(),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// Replaces the escape of U+0000 in JSON text by the replacement character.
fn without_nul_escape(json: &str) -> std::borrow::Cow<'_, str> {
    if !json.contains("\\u0000") {
        return json.into();
    }
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        // An escape is a backslash and one more character; `\\u0000` is an escaped backslash and plain text.
        if rest[at..].starts_with("\\u0000") {
            out.push_str("\\ufffd");
            rest = &rest[at + 6..];
        } else {
            let end = rest[at + 1..].chars().next().map_or(rest.len(), |next| at + 1 + next.len_utf8());
            out.push_str(&rest[at..end]);
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out.into()
}

/// One column of a result.
pub(crate) struct Column(pub Value);

impl<'a> FromSql<'a> for Column {
    fn from_sql(found: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(match *found {
            Type::BOOL => Value::Bool(bool::from_sql(found, raw)?),
            Type::INT8 => Value::Int(i64::from_sql(found, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(found, raw)?.into()),
            Type::INT2 => Value::Int(i16::from_sql(found, raw)?.into()),
            Type::NUMERIC => Value::Int(whole_number(raw)?),
            Type::UUID => Value::Uuid(Uuid::from_sql(found, raw)?),
            Type::BYTEA => Value::Blob(raw.to_vec()),
            Type::JSONB => Value::Text(std::str::from_utf8(raw.get(1..).unwrap_or_default())?.to_owned()),
            Type::JSON => Value::Text(std::str::from_utf8(raw)?.to_owned()),
            _ if <&str as FromSql<'_>>::accepts(found) => {
                Value::Text(<&str>::from_sql(found, raw)?.to_owned())
            }
            _ => return Err(format!("type {found}; cast it to BIGINT or TEXT").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The sum of a BIGINT column is NUMERIC in PostgreSQL: base-10000 digits with a weight and a scale.
fn whole_number(raw: &[u8]) -> Result<i64, Failure> {
    let word = |at: usize| {
        raw.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).ok_or("a short NUMERIC")
    };
    let (digits, weight, sign) = (word(0)?, word(2)?.cast_signed(), word(4)?);
    let mut value: i64 = 0;
    for index in 0..=weight.max(-1) {
        let digit = if index.cast_unsigned() < digits {
            word(8 + 2 * usize::from(index.cast_unsigned()))?
        } else {
            0
        };
        value = value
            .checked_mul(10_000)
            .and_then(|value| value.checked_add(digit.into()))
            .ok_or("a NUMERIC beyond 64 bits")?;
    }
    match sign {
        0 if i32::from(digits) <= i32::from(weight) + 1 => Ok(value),
        0x4000 if i32::from(digits) <= i32::from(weight) + 1 => Ok(-value),
        _ => Err("a NUMERIC that is not a whole number; cast it to TEXT".into()),
    }
}

/// Reads one row of the driver.
pub(crate) fn values(row: &tokio_postgres::Row) -> Result<Vec<Value>> {
    (0..row.len())
        .map(|index| {
            row.try_get::<_, Column>(index).map(|column| column.0).map_err(|error| {
                let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                StoreError::Corrupt(format!("column {}: {why}", row.columns()[index].name()))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_escape_of_nul_is_replaced() {
        assert_eq!(without_nul_escape(r#""a\u0000b\\u0000c\n\u0000""#), r#""a\ufffdb\\u0000c\n\ufffd""#);
    }

    #[test]
    fn whole_numbers_are_read_from_numeric() {
        let numeric = |digits: &[u16], weight: i16, sign: u16| {
            let mut raw = Vec::new();
            for word in [digits.len() as u16, weight.cast_unsigned(), sign, 0].iter().chain(digits) {
                raw.extend_from_slice(&word.to_be_bytes());
            }
            whole_number(&raw)
        };
        assert_eq!(numeric(&[], 0, 0).unwrap(), 0);
        assert_eq!(numeric(&[1, 2345], 1, 0).unwrap(), 12345);
        assert_eq!(numeric(&[7], 2, 0x4000).unwrap(), -700_000_000);
        assert!(numeric(&[1, 5000], 0, 0).is_err(), "1.5 is not whole");
        assert!(numeric(&[9999; 5], 4, 0).is_err(), "beyond 64 bits");
        assert!(numeric(&[], 0, 0xC000).is_err(), "NaN");
    }
}
