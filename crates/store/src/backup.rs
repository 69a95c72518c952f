//! Backups: always one SQLite file, whatever the engine, without the key file.

use crate::{
    CopyReport, Location, Options, Result, Store, StoreError,
    connection::{FILE_NAME, Purpose, sqlite::SqliteConnection},
    copy::{refuse_used, scratch, transfer},
    journal::verify_journal,
    tables::TABLES,
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

fn refused(what: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::Refused(format!("cannot {what} {}: {error}", path.display()))
}

/// A directory beside the file, removed when dropped; the finished file is renamed out of it.
struct Workplace(PathBuf);

impl Workplace {
    fn beside(file: &Path) -> Result<Self> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", hex::encode(crate::seal::random::<6>()?)));
        let directory = file.with_file_name(name);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&directory).map_err(|error| refused("write beside", file, &error))?;
        Ok(Self(directory))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, directory = %self.0.display(), "a temporary directory stays behind");
        }
    }
}

/// Writes a consistent copy of everything into a new file, while the server goes on. The key file is not in it:
/// keep that apart, without it the secrets in the backup cannot be opened. An existing file is not overwritten.
pub async fn backup(store: &Store, file: &Path) -> Result<CopyReport> {
    if file.exists() {
        return Err(StoreError::Refused(format!("{} already exists; choose another name", file.display())));
    }
    let options = store.options().clone();
    let workplace = Workplace::beside(file)?;
    match &options.location {
        Location::Sqlite(directory) => {
            vacuum(&directory.join(FILE_NAME), &workplace.0.join(FILE_NAME)).await?;
        }
        Location::Postgres(_) => {
            // Opening makes the tables; closing again leaves one plain file.
            drop(Store::open(scratch(&workplace.0, &options.secret_key, &options.clock)).await?);
            transfer(options.location.clone(), Location::Sqlite(workplace.0.clone())).await?;
        }
    }
    let report = verified(&scratch(&workplace.0, &options.secret_key, &options.clock)).await?;
    let made = workplace.0.join(FILE_NAME);
    durable(&made, file).map_err(|error| refused("write", file, &error))?;
    Ok(report)
}

/// Puts a backup into an empty place of either engine and verifies it. The key of the backed-up installation must
/// already be there.
pub async fn restore(file: &Path, to: Options) -> Result<CopyReport> {
    refuse_used(&to.location).await?;
    check_backup(file).await?;
    match &to.location {
        Location::Sqlite(directory) => {
            fs::create_dir_all(directory).map_err(|error| refused("make", directory, &error))?;
            let place = directory.join(FILE_NAME);
            let workplace = Workplace::beside(&place)?;
            vacuum(file, &workplace.0.join(FILE_NAME)).await?;
            // Opened with the wrong key, or by too old a version, it never gets to its place.
            verified(&scratch(&workplace.0, &to.secret_key, &to.clock)).await?;
            durable(&workplace.0.join(FILE_NAME), &place)
                .map_err(|error| refused("write", &place, &error))?;
            verified(&to).await
        }
        Location::Postgres(_) => {
            let place = tempfile_beside(file)?;
            vacuum(file, &place.0.join(FILE_NAME)).await?;
            crate::copy(scratch(&place.0, &to.secret_key, &to.clock), to).await
        }
    }
}

/// A workplace in the system's temporary directory: the backup may lie on a read-only medium.
fn tempfile_beside(file: &Path) -> Result<Workplace> {
    Workplace::beside(&std::env::temp_dir().join(file.file_name().unwrap_or_default()))
}

/// Counts and verifies a database.
async fn verified(options: &Options) -> Result<CopyReport> {
    let store = Store::open(options.clone()).await?;
    let tables =
        crate::connection::on_a_thread(options.location.clone(), Purpose::Read, async |connection| {
            connection.begin(Purpose::Read).await?;
            let mut tables = Vec::new();
            for table in TABLES {
                let rows = connection.fetch(&format!("SELECT count(*) FROM \"{table}\""), &[]).await?;
                let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
                tables.push(((*table).to_owned(), count.cast_unsigned()));
            }
            connection.rollback().await;
            Ok(tables)
        })
        .await?;
    let journal = verify_journal(&store).await?;
    Ok(CopyReport { tables, journal })
}

/// Copies a SQLite database in a snapshot into one compact file.
async fn vacuum(from: &Path, to: &Path) -> Result<()> {
    let (from, to) = (from.to_path_buf(), to.to_path_buf());
    let task = tokio::task::spawn_blocking(move || {
        let source = SqliteConnection::open(&from, Purpose::Write, false)?;
        let target = to
            .to_str()
            .ok_or_else(|| StoreError::Refused(format!("the name {} is not valid UTF-8", to.display())))?;
        source
            .raw()
            .execute("VACUUM INTO ?1", [target])
            .map_err(|error| StoreError::Refused(format!("cannot write {}: {error}", to.display())))
            .map(drop)
    });
    task.await.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())))
}

/// Is the file a whole backup of ours?
async fn check_backup(file: &Path) -> Result<()> {
    let file = file.to_path_buf();
    let task = tokio::task::spawn_blocking(move || {
        let wrong =
            |why: &str| Err(StoreError::Refused(format!("{} is not a usable backup: {why}", file.display())));
        if let Err(error) = File::open(&file) {
            return wrong(&error.to_string());
        }
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let outcome = rusqlite::Connection::open_with_flags(&file, flags).and_then(|connection| {
            let check: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
            let ours: i64 = connection.query_row(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('migration', 'journal')",
                [],
                |row| row.get(0),
            )?;
            Ok((check, ours))
        });
        match outcome {
            Ok((check, _)) if check != "ok" => wrong(&check),
            Ok((_, ours)) if ours != 2 => wrong("it is a database of another program"),
            Ok(_) => Ok(()),
            Err(error) => wrong(&error.to_string()),
        }
    });
    task.await.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())))
}

/// Flushes the finished file and gives it its name; the name too is durable.
fn durable(made: &Path, file: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(made, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    File::open(made)?.sync_all()?;
    // Unlike a rename, a link never replaces what somebody made meanwhile.
    fs::hard_link(made, file)?;
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}
