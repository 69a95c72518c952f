//! Copying a whole database from one engine to the other (migrate-store), table by table.
//!
//! The source is read in one snapshot and the target written in one transaction, so it is all or nothing. Foreign
//! keys are checked at the end and not row by row, because a row may point to a later row of its own table.

use crate::{
    Dialect, Location, Options, Result, SecretKey, Store, StoreError, Value,
    connection::{
        Connection, FILE_NAME, Purpose,
        postgres::{Pipeline, PostgresConnection, flush},
        postgres_value::Param,
        runtime,
        sqlite::SqliteConnection,
        tls,
    },
    journal::{Report, verify_journal},
    tables::TABLES,
};
use futures_util::TryStreamExt;
use std::{pin::pin, sync::Arc};
use tokio_postgres::{binary_copy::BinaryCopyInWriter, types::ToSql};

/// What a copy did.
#[derive(Debug, Clone)]
pub struct CopyReport {
    /// Every table with the number of its rows, the same on both sides.
    pub tables: Vec<(String, u64)>,
    /// The journal of the copy, verified. A copy with a broken journal is kept: it was broken before.
    pub journal: Report,
}

impl std::fmt::Display for CopyReport {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows: u64 = self.tables.iter().map(|(_, rows)| rows).sum();
        write!(out, "{rows} rows in {} tables, counted on both sides. {}", self.tables.len(), self.journal)
    }
}

/// Copies everything from one database into another, empty one, and verifies the copy. The source is held open
/// for writing meanwhile, so no server can be using it (on SQLite; stop all nodes that use PostgreSQL yourself).
pub async fn copy(from: Options, to: Options) -> Result<CopyReport> {
    let source = Store::open(from).await?;
    refuse_used(&to.location).await?;
    let target = Store::open(to).await?;
    let tables = transfer(source.options().location.clone(), target.options().location.clone()).await?;
    let journal = verify_journal(&target).await?;
    Ok(CopyReport { tables, journal })
}

/// An existing database is never overwritten.
pub(crate) async fn refuse_used(location: &Location) -> Result<()> {
    let refused = |place: String| {
        Err(StoreError::Refused(format!("{place} already holds a database; choose an empty place")))
    };
    match location {
        Location::Sqlite(directory) => {
            let file = directory.join(FILE_NAME);
            if file.exists() { refused(file.display().to_string()) } else { Ok(()) }
        }
        Location::Postgres(_) => {
            let used = crate::connection::on_a_thread(location.clone(), Purpose::Read, async |connection| {
                connection.begin(Purpose::Read).await?;
                let rows = connection.fetch("SELECT to_regclass('migration') IS NOT NULL", &[]).await?;
                rows.first().map_or(Ok(false), |row| row.bool(0))
            })
            .await?;
            if used { refused("the PostgreSQL database".to_owned()) } else { Ok(()) }
        }
    }
}

/// Copies all tables between two databases that have the tables of this version. The target's own rows (its
/// identity) are replaced.
pub(crate) async fn transfer(from: Location, to: Location) -> Result<Vec<(String, u64)>> {
    let task = tokio::task::spawn_blocking(move || {
        runtime()?.block_on(async move {
            let mut source = open(&from, Purpose::Read)?;
            let mut target = open(&to, Purpose::Write)?;
            if let Connection::Sqlite(sqlite) = &target {
                sqlite.pragma_foreign_keys(false)?;
            }
            source.begin(Purpose::Read).await?;
            target.begin(Purpose::Write).await?;
            let outcome = all_tables(&mut source, &mut target).await;
            source.rollback().await;
            match outcome {
                Ok(tables) => target.commit(false).await.map(|()| tables),
                Err(error) => {
                    target.rollback().await;
                    Err(error)
                }
            }
        })
    });
    task.await.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())))
}

fn open(location: &Location, purpose: Purpose) -> Result<Connection> {
    Ok(match location {
        Location::Sqlite(directory) => {
            Connection::Sqlite(SqliteConnection::open(&directory.join(FILE_NAME), purpose, false)?)
        }
        Location::Postgres(url) => Connection::Postgres(Box::new(PostgresConnection::new(tls::parse(url)?))),
    })
}

async fn all_tables(source: &mut Connection, target: &mut Connection) -> Result<Vec<(String, u64)>> {
    for side in [&mut *source, &mut *target] {
        if side.dialect() == Dialect::Postgres {
            // A large table takes longer than any statement of the server may.
            side.script(
                "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; \
                 SET LOCAL idle_in_transaction_session_timeout = 0",
            )
            .await?;
        }
    }
    check_tables(source).await?;
    check_tables(target).await?;
    let foreign_keys = ForeignKeys::lift(target).await?;
    for table in TABLES.iter().rev() {
        target.execute(&format!("DELETE FROM \"{table}\""), &[]).await?;
    }
    let mut report = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let rows = one_table(source, target, table).await?;
        report.push(((*table).to_owned(), rows));
    }
    foreign_keys.restore(target).await?;
    Ok(report)
}

/// A table that the list forgets would silently be left behind.
async fn check_tables(side: &mut Connection) -> Result<()> {
    let sql = match side.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name <> 'migration' ORDER BY name"
        }
        Dialect::Postgres => {
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migration' \
             ORDER BY tablename"
        }
    };
    let rows = side.fetch(sql, &[]).await?;
    let mut found = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
    let mut wanted: Vec<String> = TABLES.iter().map(|table| (*table).to_owned()).collect();
    found.sort();
    wanted.sort();
    if found == wanted {
        return Ok(());
    }
    let odd: Vec<&String> = found
        .iter()
        .filter(|name| !wanted.contains(name))
        .chain(wanted.iter().filter(|name| !found.contains(name)))
        .collect();
    Err(StoreError::Refused(format!(
        "the database does not have exactly the tables of this version: {odd:?}"
    )))
}

/// The columns of a table, in the order of the catalogue.
async fn columns(side: &mut Connection, table: &str) -> Result<Vec<String>> {
    let sql = match side.dialect() {
        Dialect::Sqlite => "SELECT name FROM pragma_table_info($1) ORDER BY cid",
        Dialect::Postgres => {
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() \
             AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    side.fetch(sql, &[table.into()]).await?.iter().map(|row| row.text(0)).collect()
}

/// Copies the rows of one table and compares the counts.
async fn one_table(source: &mut Connection, target: &mut Connection, table: &str) -> Result<u64> {
    let names = columns(source, table).await?;
    let mut there = columns(target, table).await?;
    there.sort();
    let mut here = names.clone();
    here.sort();
    if here != there {
        return Err(StoreError::Refused(format!(
            "the columns of table {table} differ between the databases"
        )));
    }
    let list = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let mut sink = Sink::open(target, table, &list, names.len()).await?;
    let read = pour(source, &format!("SELECT {list} FROM \"{table}\""), &mut sink).await?;
    sink.finish().await?;
    let rows = target.fetch(&format!("SELECT count(*) FROM \"{table}\""), &[]).await?;
    let written = rows.first().map_or(Ok(0), |row| row.int(0))?.cast_unsigned();
    if written == read {
        return Ok(read);
    }
    Err(StoreError::Corrupt(format!("table {table}: {read} rows were read but {written} arrived")))
}

/// Streams a query into the sink; answers how many rows there were.
async fn pour(source: &mut Connection, sql: &str, sink: &mut Sink<'_>) -> Result<u64> {
    let mut count = 0;
    match source {
        Connection::Sqlite(sqlite) => {
            let damaged = |error: rusqlite::Error| StoreError::Corrupt(error.to_string());
            let mut statement = sqlite.raw().prepare(sql).map_err(damaged)?;
            let width = statement.column_count();
            let mut rows = statement.query([]).map_err(damaged)?;
            while let Some(row) = rows.next().map_err(damaged)? {
                let mut values = Vec::with_capacity(width);
                for index in 0..width {
                    let found = row.get_ref(index).map_err(damaged)?;
                    values.push(crate::connection::sqlite::value(found, sql)?);
                }
                sink.row(values).await?;
                count += 1;
            }
        }
        Connection::Postgres(postgres) => {
            let none: [&(dyn ToSql + Sync); 0] = [];
            let stream = postgres.raw()?.query_raw(sql, none).await;
            let stream = stream.map_err(|error| postgres.failed(&error))?;
            let mut stream = pin!(stream);
            while let Some(row) = stream.try_next().await.map_err(|error| postgres.failed(&error))? {
                sink.row(crate::connection::postgres_value::values(&row)?).await?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Where rows go: INSERT on SQLite, binary COPY on PostgreSQL.
enum Sink<'c> {
    Sqlite(&'c mut SqliteConnection, String),
    Postgres(std::pin::Pin<Box<BinaryCopyInWriter>>, &'c mut PostgresConnection),
}

impl<'c> Sink<'c> {
    async fn open(target: &'c mut Connection, table: &str, list: &str, width: usize) -> Result<Self> {
        Ok(match target {
            Connection::Sqlite(sqlite) => {
                let places = (1..=width).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
                Self::Sqlite(sqlite, format!("INSERT INTO \"{table}\" ({list}) VALUES ({places})"))
            }
            Connection::Postgres(postgres) => {
                let select = format!("SELECT {list} FROM \"{table}\"");
                let Pipeline { client, control, statements: [shape] } =
                    postgres.pipeline([select.as_str()]).await?;
                let flushed = flush(client, &control).await;
                let types: Vec<_> = shape.columns().iter().map(|column| column.type_().clone()).collect();
                let copy = format!("COPY \"{table}\" ({list}) FROM STDIN (FORMAT binary)");
                let sink = client.copy_in(copy.as_str()).await;
                let sink = flushed.and(sink).map_err(|error| postgres.failed(&error))?;
                Self::Postgres(Box::pin(BinaryCopyInWriter::new(sink, &types)), postgres)
            }
        })
    }

    async fn row(&mut self, values: Vec<Value>) -> Result<()> {
        match self {
            Self::Sqlite(sqlite, insert) => sqlite.execute(insert, &values).map(drop),
            Self::Postgres(writer, postgres) => {
                let params: Vec<Param<'_>> = values.iter().map(Param).collect();
                let borrowed: Vec<&(dyn ToSql + Sync)> =
                    params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
                writer.as_mut().write(&borrowed).await.map_err(|error| postgres.failed(&error))
            }
        }
    }

    async fn finish(self) -> Result<()> {
        match self {
            Self::Sqlite(..) => Ok(()),
            Self::Postgres(mut writer, postgres) => {
                writer.as_mut().finish().await.map(drop).map_err(|error| postgres.failed(&error))
            }
        }
    }
}

/// The foreign keys of the target, out of the way while rows arrive in any order.
struct ForeignKeys {
    /// On PostgreSQL: table, name, definition. Only a superuser could switch them off, so they are dropped and made
    /// again, which checks every row.
    dropped: Vec<(String, String, String)>,
}

impl ForeignKeys {
    async fn lift(target: &mut Connection) -> Result<Self> {
        let mut dropped = Vec::new();
        if target.dialect() == Dialect::Postgres {
            let rows = target
                .fetch(
                    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) \
                     FROM pg_constraint WHERE contype = 'f' \
                     AND connamespace = current_schema()::regnamespace ORDER BY oid",
                    &[],
                )
                .await?;
            for row in &rows {
                dropped.push((row.text(0)?, row.text(1)?, row.text(2)?));
            }
            for (table, name, _) in &dropped {
                target.script(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}")).await?;
            }
        }
        Ok(Self { dropped })
    }

    async fn restore(self, target: &mut Connection) -> Result<()> {
        for (table, name, definition) in &self.dropped {
            target.script(&format!("ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")).await?;
        }
        if target.dialect() == Dialect::Sqlite {
            let broken = target.fetch("PRAGMA foreign_key_check", &[]).await?;
            if let Some(row) = broken.first() {
                return Err(StoreError::Corrupt(format!(
                    "{} rows point to rows that do not exist, the first in table {}",
                    broken.len(),
                    row.str(0)?
                )));
            }
        }
        Ok(())
    }
}

/// Options for a database that is only a step on the way (a backup being made or read).
pub(crate) fn scratch(directory: &std::path::Path, key: &SecretKey, clock: &crate::Clock) -> Options {
    Options {
        location: Location::Sqlite(directory.to_path_buf()),
        readers: 1,
        writers: 1,
        clock: Arc::clone(clock),
        secret_key: key.clone(),
        read_only: false,
    }
}
