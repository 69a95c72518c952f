//! A connection to the SQLite file.
//!
//! WAL, `synchronous=FULL` (what was acknowledged survives power loss; batching pays for it), foreign keys on,
//! what is removed inside a page is overwritten with it, and every writing transaction begins with `BEGIN IMMEDIATE`: a deferred transaction that reads and then
//! writes fails at once with SQLITE_BUSY_SNAPSHOT, for which the busy timeout does not apply.

use super::{Purpose, Trouble, sqlite_error};
use crate::{Result, Row, StoreError, Value};
use rusqlite::{CachedStatement, Connection, OpenFlags, types::ValueRef};
use std::{collections::HashMap, path::Path, sync::Arc, sync::LazyLock, time::Duration};

/// Statements and column names kept per connection; a program has a few hundred.
const CACHED_STATEMENTS: usize = 512;

/// SQLite numbers `$1` by first appearance, like any named parameter, so every parameter is bound by name.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| (1..=256).map(|n| format!("${n}")).collect());

/// See the module.
pub(crate) struct SqliteConnection {
    connection: Connection,
    columns: HashMap<String, Arc<[String]>>,
    trouble: Option<Trouble>,
    unit: Savepoint,
}

/// The savepoint of the running unit. It is opened before the first write: a unit that only looked needs none.
#[derive(PartialEq, Eq)]
enum Savepoint {
    None,
    Wanted,
    Open,
}

impl SqliteConnection {
    /// Opens the file, which must be there unless `create`.
    pub fn open(file: &Path, purpose: Purpose, create: bool) -> Result<Self> {
        // Readers too open for writing: in WAL mode they take part in the shared index beside the file.
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let unusable = |error: rusqlite::Error| {
            StoreError::Refused(format!("cannot open the database {}: {error}", file.display()))
        };
        let connection = Connection::open_with_flags(file, flags).map_err(unusable)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(unusable)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        let read_only = if purpose == Purpose::Read { "PRAGMA query_only=ON;" } else { "" };
        connection
            .execute_batch(&format!(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;
                 PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY;
                 PRAGMA cache_size=-16000; PRAGMA secure_delete=FAST; {read_only}"
            ))
            .map_err(unusable)?;
        Ok(Self { connection, columns: HashMap::new(), trouble: None, unit: Savepoint::None })
    }

    /// The driver's connection, for migrations and copies inside this crate.
    pub fn raw(&self) -> &Connection {
        &self.connection
    }

    /// Switches the checking of foreign keys, outside a transaction.
    pub fn pragma_foreign_keys(&self, on: bool) -> Result<()> {
        self.connection
            .pragma_update(None, "foreign_keys", on)
            .map_err(|error| sqlite_error::translate(&self.connection, &error))
    }

    pub fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let outcome = (|| {
            let mut statement = prepare(&self.connection, sql, params)?;
            open_savepoint(&self.connection, &mut self.unit, &statement)?;
            statement.raw_execute().map_err(|error| sqlite_error::translate(&self.connection, &error))
        })();
        self.note(outcome).map(|rows| rows as u64)
    }

    pub fn fetch(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let outcome = self.rows(sql, params);
        self.note(outcome)
    }

    fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let mut statement = prepare(&self.connection, sql, params)?;
        open_savepoint(&self.connection, &mut self.unit, &statement)?;
        let columns = if let Some(known) = self.columns.get(sql) {
            known.clone()
        } else {
            let names: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
            if self.columns.len() >= CACHED_STATEMENTS {
                self.columns.clear();
            }
            self.columns.insert(sql.to_owned(), names.clone());
            names
        };
        let translate = |error| sqlite_error::translate(&self.connection, &error);
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(translate)? {
            let mut values = Vec::with_capacity(columns.len());
            for (index, name) in columns.iter().enumerate() {
                values.push(value(row.get_ref(index).map_err(translate)?, name)?);
            }
            found.push(Row::new(columns.clone(), values));
        }
        Ok(found)
    }

    /// Several statements, inside the open transaction.
    pub fn script(&mut self, sql: &str) -> Result<()> {
        let outcome = self.connection.execute_batch(sql);
        let outcome = outcome.map_err(|error| sqlite_error::translate(&self.connection, &error));
        self.note(outcome)
    }

    pub fn begin(&mut self, purpose: Purpose) -> Result<()> {
        self.trouble = None;
        self.unit = Savepoint::None;
        if !self.connection.is_autocommit() {
            // Only after a failed rollback; the transaction must not be joined by another batch.
            self.rollback();
        }
        self.control(if purpose == Purpose::Write { "BEGIN IMMEDIATE" } else { "BEGIN" })
    }

    pub fn savepoint(&mut self) {
        self.unit = Savepoint::Wanted;
    }

    pub fn release(&mut self) -> Result<()> {
        let open = self.unit == Savepoint::Open;
        self.unit = Savepoint::None;
        if open { self.control("RELEASE unit") } else { Ok(()) }
    }

    pub fn undo(&mut self) -> Result<()> {
        let open = self.unit == Savepoint::Open;
        self.unit = Savepoint::None;
        if open && self.trouble.is_none() {
            self.control("ROLLBACK TO unit")?;
            self.control("RELEASE unit")?;
        }
        Ok(())
    }

    pub fn commit(&mut self) -> Result<()> {
        self.control("COMMIT")
    }

    /// After a failed COMMIT SQLite is still inside the transaction, so this always asks.
    pub fn rollback(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a rollback failed");
        }
    }

    fn control(&mut self, sql: &str) -> Result<()> {
        let outcome = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute())
            .map_err(|error| sqlite_error::translate(&self.connection, &error));
        self.note(outcome).map(drop)
    }

    /// Some errors make SQLite give up the whole transaction; the other units of the batch must know.
    fn note<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() && self.connection.is_autocommit() {
            self.trouble = Some(Trouble::Aborted);
        }
        outcome
    }
}

fn prepare<'c>(connection: &'c Connection, sql: &str, params: &[Value]) -> Result<CachedStatement<'c>> {
    let translate = |error: rusqlite::Error| sqlite_error::translate(connection, &error);
    let mut statement = connection.prepare_cached(sql).map_err(translate)?;
    let wanted = statement.parameter_count();
    if wanted != params.len() || params.len() > NAMES.len() {
        return Err(StoreError::Other(format!(
            "the statement has {wanted} parameters but {} were given: {sql}",
            params.len()
        )));
    }
    for (name, param) in NAMES.iter().zip(params) {
        let name = name.as_str();
        match param {
            Value::Null => statement.raw_bind_parameter(name, rusqlite::types::Null),
            Value::Bool(value) => statement.raw_bind_parameter(name, value),
            Value::Int(value) => statement.raw_bind_parameter(name, value),
            Value::Text(value) => statement.raw_bind_parameter(name, value),
            Value::Blob(value) => statement.raw_bind_parameter(name, value),
            Value::Uuid(value) => statement.raw_bind_parameter(name, value.as_bytes().as_slice()),
        }
        .map_err(translate)?;
    }
    Ok(statement)
}

fn open_savepoint(
    connection: &Connection,
    unit: &mut Savepoint,
    statement: &CachedStatement<'_>,
) -> Result<()> {
    if *unit == Savepoint::Wanted && !statement.readonly() {
        connection
            .prepare_cached("SAVEPOINT unit")
            .and_then(|mut savepoint| savepoint.raw_execute())
            .map_err(|error| sqlite_error::translate(connection, &error))?;
        *unit = Savepoint::Open;
    }
    Ok(())
}

/// A column as a neutral value.
pub(crate) fn value(found: ValueRef<'_>, column: &str) -> Result<Value> {
    Ok(match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(bytes) => Value::Text(
            std::str::from_utf8(bytes)
                .map_err(|_| StoreError::Corrupt(format!("column {column} is not UTF-8")))?
                .to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Real(_) => {
            return Err(StoreError::Corrupt(format!(
                "column {column} is a floating-point number; cast it to BIGINT or TEXT"
            )));
        }
    })
}
