//! SQLite's errors in the store's words, with the constraint names that PostgreSQL would give.

use crate::StoreError;
use rusqlite::{Connection, Error, ffi};

/// Translates an error of the driver.
pub(crate) fn translate(connection: &Connection, error: &Error) -> StoreError {
    let Error::SqliteFailure(code, message) = error else {
        return StoreError::Other(error.to_string());
    };
    let text = message.clone().unwrap_or_else(|| error.to_string());
    match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            StoreError::Conflict { constraint: unique_name(connection, &text) }
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::Conflict { constraint: "foreign_key".to_owned() },
        ffi::SQLITE_CONSTRAINT_CHECK => StoreError::Conflict { constraint: after_colon(&text).to_owned() },
        _ => match code.code {
            ffi::ErrorCode::DatabaseBusy | ffi::ErrorCode::DatabaseLocked => StoreError::Busy,
            ffi::ErrorCode::DiskFull | ffi::ErrorCode::SystemIoFailure | ffi::ErrorCode::CannotOpen => {
                StoreError::Unavailable(text)
            }
            ffi::ErrorCode::DatabaseCorrupt | ffi::ErrorCode::NotADatabase => StoreError::Corrupt(text),
            _ => StoreError::Other(text),
        },
    }
}

fn after_colon(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(_, rest)| rest)
}

/// SQLite names the columns (`UNIQUE constraint failed: device.organization_id, device.name`) or, for an index
/// on expressions, the index. The catalogue tells which unique index has these columns.
fn unique_name(connection: &Connection, text: &str) -> String {
    let what = after_colon(text);
    if let Some(index) = what.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let Some((table, _)) = what.split_once('.') else { return what.to_owned() };
    let wanted: Vec<&str> =
        what.split(", ").map(|column| column.split_once('.').map_or(column, |(_, name)| name)).collect();
    let found = (|| -> rusqlite::Result<Option<String>> {
        let mut list = connection.prepare_cached(
            "SELECT l.name, l.origin, (SELECT group_concat(name, ', ') FROM (SELECT name FROM \
             pragma_index_info(l.name) ORDER BY seqno)) FROM pragma_index_list($1) AS l WHERE l.\"unique\"",
        )?;
        let mut rows = list.query([table])?;
        while let Some(row) = rows.next()? {
            let (index, origin, columns): (String, String, Option<String>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            if columns.as_deref() == Some(&wanted.join(", ")) {
                return Ok(Some(match origin.as_str() {
                    "pk" => format!("{table}_pkey"),
                    "u" => format!("{table}_{}_key", wanted.join("_")),
                    _ => index,
                }));
            }
        }
        Ok(None)
    })();
    // The primary key of a plain INTEGER PRIMARY KEY table has no index.
    found.ok().flatten().unwrap_or_else(|| format!("{table}_pkey"))
}
