//! Bringing a database to this version's tables.
//!
//! One folder of numbered SQL for both engines. Tokens are replaced per engine (see [`TOKENS`]); where that is
//! not enough a migration has a text of its own for one engine. All missing migrations run in one transaction
//! under a lock, so that a crash or a second node leaves either the old tables or the new ones. Checksums of what
//! ran are kept. Expand first, contract a release later: old and new nodes overlap.

use crate::{
    Dialect, Options, Result, SecretKey, StoreError,
    connection::{self, Connection, Purpose},
    journal::HeadCount,
};
use aws_lc_rs::digest;
use domain::Millis;

/// One numbered step.
pub(crate) struct Migration {
    number: i64,
    name: &'static str,
    common: &'static str,
    sqlite: Option<&'static str>,
    postgres: Option<&'static str>,
}

/// `migration!(2, "0002_name")`, or with `, sqlite` or `, postgres` where that engine has a text of its own in
/// `0002_name.sqlite.sql` or `0002_name.postgres.sql`.
macro_rules! migration {
    ($number:literal, $name:literal) => {
        migration!(@ $number, $name, None, None)
    };
    ($number:literal, $name:literal, sqlite) => {
        migration!(@ $number, $name, Some(migration!(% $name, ".sqlite.sql")), None)
    };
    ($number:literal, $name:literal, postgres) => {
        migration!(@ $number, $name, None, Some(migration!(% $name, ".postgres.sql")))
    };
    (@ $number:literal, $name:literal, $sqlite:expr, $postgres:expr) => {
        Migration {
            number: $number,
            name: $name,
            common: migration!(% $name, ".sql"),
            sqlite: $sqlite,
            postgres: $postgres,
        }
    };
    (% $name:literal, $end:literal) => {
        include_str!(concat!("../../migrations/", $name, $end))
    };
}

/// All migrations in order. Never edit one that was released; add another.
static MIGRATIONS: &[Migration] = &[
    migration!(0, "0000_foundation"),
    migration!(1, "0001_product"),
    migration!(2, "0002_console"),
    migration!(3, "0003_followers"),
    migration!(4, "0004_groups"),
    migration!(5, "0005_radius"),
    migration!(6, "0006_messaging"),
    migration!(7, "0007_alerts"),
    migration!(8, "0008_governor"),
    migration!(9, "0009_schedules"),
    migration!(10, "0010_verdicts"),
    migration!(11, "0011_webhooks"),
    migration!(12, "0012_notices"),
    migration!(13, "0013_compliance_days"),
    migration!(14, "0014_watch"),
    migration!(15, "0015_held_changes"),
    migration!(16, "0016_user_imports"),
    migration!(17, "0017_directories"),
    migration!(18, "0018_user_sessions"),
    migration!(19, "0019_enrollment"),
    migration!(20, "0020_terms"),
    migration!(21, "0021_filler"),
    migration!(22, "0022_letters"),
    migration!(23, "0023_sign_in"),
    migration!(24, "0024_report_mails"),
    migration!(25, "0025_task_runs"),
];

/// Token, its SQLite text, its PostgreSQL text. There is none for counters: a sequence that skips numbers after a
/// failure would differ between the engines, so the product counts in rows.
const TOKENS: &[(&str, &str, &str)] = &[
    ("@bigint", "INTEGER", "BIGINT"),
    ("@blob", "BLOB", "BYTEA"),
    ("@bool", "INTEGER", "BOOLEAN"),
    ("@json", "TEXT", "JSONB"),
    ("@strict", "STRICT", ""),
    ("@uuid", "BLOB", "UUID"),
];

/// Taken while migrating on PostgreSQL; any number that nobody else uses.
const ADVISORY_LOCK: &str = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
    SELECT pg_advisory_xact_lock(5641330724)";

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS migration (number @bigint NOT NULL PRIMARY KEY, \
    name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at @bigint NOT NULL) @strict";

impl Migration {
    fn text(&self, dialect: Dialect) -> String {
        let own = match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        };
        translated(own.unwrap_or(self.common), dialect)
    }
}

/// Replaces the tokens.
fn translated(sql: &str, dialect: Dialect) -> String {
    TOKENS.iter().fold(sql.to_owned(), |text, (token, sqlite, postgres)| {
        text.replace(token, if dialect == Dialect::Sqlite { sqlite } else { postgres })
    })
}

fn checksum(text: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// Identifies the tables of this version: differs as soon as any migration's text does.
pub fn schema_checksum() -> String {
    checksum(&MIGRATIONS.iter().map(|migration| migration.text(Dialect::Postgres)).collect::<String>())
}

/// Migrates, or only checks if the store is opened for reading, and checks that the key belongs to the data.
pub(crate) async fn prepare(options: &Options) -> Result<()> {
    let (read_only, key, now) = (options.read_only, options.secret_key.clone(), (options.clock)());
    let purpose = if read_only { Purpose::Read } else { Purpose::Write };
    connection::on_a_thread(options.location.clone(), purpose, async move |connection| {
        if let (Connection::Sqlite(sqlite), false) = (&*connection, read_only) {
            // Rebuilding a table needs this off, and it can only be changed outside a transaction.
            sqlite.pragma_foreign_keys(false)?;
        }
        connection.begin(purpose).await?;
        let outcome =
            if read_only { check(connection).await } else { migrate(connection, MIGRATIONS, now).await };
        let outcome = match outcome {
            Ok(()) => identify(connection, &key, read_only).await,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => connection.commit(false).await,
            Err(error) => {
                connection.rollback().await;
                Err(error)
            }
        }
    })
    .await
}

/// Runs what is missing.
async fn migrate(connection: &mut Connection, migrations: &[Migration], now: Millis) -> Result<()> {
    let dialect = connection.dialect();
    if dialect == Dialect::Postgres {
        connection.script(ADVISORY_LOCK).await?;
    }
    connection.script(&translated(LEDGER, dialect)).await?;
    let applied = verify_applied(connection, migrations).await?;
    for migration in &migrations[applied..] {
        let text = migration.text(dialect);
        tracing::info!(migration = migration.name, "migrating the database");
        connection
            .script(&text)
            .await
            .map_err(|error| StoreError::Refused(format!("migration {} failed: {error}", migration.name)))?;
        connection
            .execute(
                "INSERT INTO migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                &[migration.number.into(), migration.name.into(), checksum(&text).into(), now.into()],
            )
            .await?;
    }
    if dialect == Dialect::Sqlite && applied < migrations.len() {
        let broken = connection.fetch("PRAGMA foreign_key_check", &[]).await?;
        if !broken.is_empty() {
            return Err(StoreError::Corrupt(format!(
                "{} rows point to rows that do not exist",
                broken.len()
            )));
        }
    }
    Ok(())
}

/// For a store opened beside a running server: the tables must already be those of this version.
async fn check(connection: &mut Connection) -> Result<()> {
    let known = match connection.dialect() {
        Dialect::Sqlite => "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migration'",
        Dialect::Postgres => "SELECT count(to_regclass('migration'))",
    };
    let rows = connection.fetch(known, &[]).await?;
    let empty = rows.first().map_or(Ok(0), |row| row.int(0))? == 0;
    if empty || verify_applied(connection, MIGRATIONS).await? < MIGRATIONS.len() {
        return Err(StoreError::Refused(
            "the database has not been set up by this version; start the server once first".to_owned(),
        ));
    }
    Ok(())
}

/// How many migrations ran, after checking that they are ours and unchanged.
async fn verify_applied(connection: &mut Connection, migrations: &[Migration]) -> Result<usize> {
    let dialect = connection.dialect();
    let rows = connection.fetch("SELECT number, name, checksum FROM migration ORDER BY number", &[]).await?;
    for (index, row) in rows.iter().enumerate() {
        let (number, name) = (row.int(0)?, row.text(1)?);
        let Some(known) = migrations.get(index).filter(|known| known.number == number) else {
            return Err(StoreError::Refused(format!(
                "the database was made by a newer version (migration {name}); use that version or a newer one"
            )));
        };
        if checksum(&known.text(dialect)) != row.str(2)? {
            return Err(StoreError::Refused(format!(
                "migration {name} of this database differs from this version's; it was made by an unreleased \
                 version and cannot be brought forward"
            )));
        }
    }
    Ok(rows.len())
}

/// Writes the key's fingerprint into a new database and compares it in an old one.
async fn identify(connection: &mut Connection, key: &SecretKey, read_only: bool) -> Result<()> {
    let fingerprint = hex::encode(key.keyed_hash("installation", b"key check"));
    let rows = connection.fetch("SELECT value FROM installation WHERE name = 'key_check'", &[]).await?;
    match rows.first() {
        Some(row) if row.str(0)? == fingerprint => Ok(()),
        Some(_) => Err(StoreError::Refused(format!(
            "{} is not the key this database was made with; put the installation's own key file into the data \
             directory (all nodes have the same one)",
            crate::seal::KEY_FILE
        ))),
        None if read_only => Err(StoreError::Corrupt("the database has lost its key check".to_owned())),
        None => {
            connection
                .execute(
                    "INSERT INTO installation (name, value) VALUES ('key_check', $1)",
                    &[fingerprint.into()],
                )
                .await?;
            HeadCount::create(connection, key).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Location, connection::on_a_thread};

    #[test]
    fn every_token_is_replaced_on_both_engines() {
        for migration in MIGRATIONS {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                assert!(!migration.text(dialect).contains('@'), "{} leaves a token", migration.name);
            }
        }
    }

    #[test]
    fn numbers_are_consecutive() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.number, index as i64);
            assert!(migration.name.starts_with(&format!("{index:04}_")));
        }
    }

    const fn step(number: i64, common: &'static str) -> Migration {
        Migration { number, name: "test", common, sqlite: None, postgres: None }
    }

    async fn run(directory: &std::path::Path, migrations: &'static [Migration]) -> Result<usize> {
        on_a_thread(Location::Sqlite(directory.into()), Purpose::Write, async move |connection| {
            connection.begin(Purpose::Write).await?;
            let outcome = migrate(connection, migrations, 0).await;
            match outcome {
                Ok(()) => connection.commit(false).await?,
                Err(error) => {
                    connection.rollback().await;
                    return Err(error);
                }
            }
            Ok(connection.fetch("SELECT * FROM migration", &[]).await?.len())
        })
        .await
    }

    #[tokio::test]
    async fn a_failed_migration_leaves_the_old_tables_and_newer_or_changed_ones_are_refused() {
        static ONE: [Migration; 1] = [step(0, "CREATE TABLE a (x @bigint);")];
        static BROKEN: [Migration; 3] = [
            step(0, "CREATE TABLE a (x @bigint);"),
            step(1, "CREATE TABLE b (x @bigint);"),
            step(2, "CREATE NONSENSE"),
        ];
        static TWO: [Migration; 2] =
            [step(0, "CREATE TABLE a (x @bigint);"), step(1, "CREATE TABLE b (x @bigint);")];
        static CHANGED: [Migration; 1] = [step(0, "CREATE TABLE a (y @bigint);")];
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(run(directory.path(), &ONE).await, Ok(1));
        assert!(run(directory.path(), &BROKEN).await.unwrap_err().to_string().contains("failed"));
        assert_eq!(run(directory.path(), &TWO).await, Ok(2), "b was not left behind");
        assert!(run(directory.path(), &ONE).await.unwrap_err().to_string().contains("newer version"));
        let other = tempfile::tempdir().unwrap();
        assert_eq!(run(other.path(), &ONE).await, Ok(1));
        assert!(run(other.path(), &CHANGED).await.unwrap_err().to_string().contains("differs"));
    }
}
