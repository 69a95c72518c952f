//! Removing an organization: every row it owns, in steps, so that other writers get their turn.
//!
//! What stays is its head and the last link of its journal's chain (numbers and hashes, which the installation's own
//! verification counts) and nothing that anybody wrote. On SQLite the places where removed rows stood are filled with
//! zeros as well, so that the file does not hold them any more.

use domain::model::{Actor, Organization, OrganizationId};

use crate::{
    Dialect, Location, Result, Store, StoreError, Tx,
    connection::{FILE_NAME, Purpose, sqlite::SqliteConnection},
    journal::purge_journal_before,
};

/// Rows removed in one unit.
const STEP: i64 = 500;
/// Bytes filled with zeros in one unit.
const FILL: i64 = 4 << 20;
/// Free pages that the filler itself may leave: inner pages of its own table.
const ALMOST_NONE: i64 = 8;

macro_rules! owned {
    ($($table:literal),+ $(,)?) => {
        /// The tables whose rows go, those that point to others before them; with the statement for each engine.
        const OWNED: &[(&str, &str, &str)] = &[$((
            $table,
            concat!("DELETE FROM ", $table, " WHERE rowid IN (SELECT rowid FROM ", $table,
                " WHERE organization_id = $1 LIMIT $2)"),
            concat!("DELETE FROM ", $table, " WHERE ctid = ANY(ARRAY(SELECT ctid FROM ", $table,
                " WHERE organization_id = $1 LIMIT $2))"),
        )),+];
    };
}

owned!(
    "task_run",
    "mail_file",
    "report_mail",
    "sign_in_settings",
    "mailing_part",
    "mailing",
    "user_letter",
    "terms",
    "enrollment_token",
    "user_session",
    "directory_run",
    "directory_server",
    "user_import_part",
    "user_import",
    "watch",
    "restriction_notice",
    "webhook_delivery",
    "webhook_state",
    "compliance_day",
    "verdict_history",
    "check_in",
    "connection_schedule",
    "alert",
    "mail",
    "messaging",
    "radius_request",
    "radius_server",
    "saved_view",
    "unknown_mac",
    "ise_call",
    "ise_call_head",
    "trace_entry",
    "trace",
    "exchanges",
    "presence",
    "held_change",
    "governor",
    "access_config",
    "command_history",
    "command",
    "channel",
    "device_mac",
    "device_guid",
    "device",
    "group_member",
    "app_user",
    "user_group",
    "policy_revision",
    "policy_suite",
    "activesync_server",
    "session",
    "api_token",
    "administrator",
    "role",
    "job",
    "change",
);

/// Tables with a column of the organization whose rows stay, or go in the last unit.
#[cfg(test)]
const OTHERWISE: &[&str] = &[
    "organization",
    "organization_name",
    "organization_head",
    "journal",
    "journal_checkpoint",
    "follower_cursor",
];

impl Store {
    /// Removes everything an organization owns and answers how many rows that were. Interrupted, it can be called again;
    /// the organization itself goes last. Nothing may write for it meanwhile. Journaling that it is gone is the caller's.
    ///
    /// # Errors
    /// Of the database; what was removed until then stays removed.
    pub async fn remove_organization(&self, id: OrganizationId) -> Result<u64> {
        let mut rows = 0;
        for (_, sqlite, postgres) in OWNED {
            loop {
                let unit = async move |tx: &mut Tx| {
                    let sql = if tx.dialect() == Dialect::Sqlite { sqlite } else { postgres };
                    tx.execute(sql, &[tx.organization().into(), STEP.into()]).await
                };
                let removed: u64 = self.write(id, Actor::System, unit).await?;
                rows += removed;
                if removed < STEP.cast_unsigned() {
                    break;
                }
            }
        }
        rows += purge_journal_before(self, id, Actor::System, i64::MAX, i64::MAX).await?;
        rows += self.write(id, Actor::System, last).await?;
        self.write(Organization::SYSTEM, Actor::System, async move |tx: &mut Tx| told_of(tx, id).await)
            .await?;
        self.wipe_free_space().await?;
        Ok(rows)
    }

    /// Fills the free places of the SQLite file with zeros, some megabytes in a unit. PostgreSQL gives its own back with
    /// VACUUM, and never shows them in a dump.
    async fn wipe_free_space(&self) -> Result<()> {
        let Location::Sqlite(directory) = &self.options().location else { return Ok(()) };
        loop {
            let unit = async move |tx: &mut Tx| {
                let free = tx.fetch_one("PRAGMA freelist_count", &[]).await?.int(0)?;
                if free > ALMOST_NONE {
                    tx.execute("INSERT INTO filler (zeros) VALUES (zeroblob($1))", &[FILL.into()]).await?;
                }
                Ok::<_, StoreError>(free)
            };
            if self.write(Organization::SYSTEM, Actor::System, unit).await? <= ALMOST_NONE {
                break;
            }
        }
        let empty = async move |tx: &mut Tx| tx.execute("DELETE FROM filler", &[]).await;
        self.write(Organization::SYSTEM, Actor::System, empty).await?;
        let file = directory.join(FILE_NAME);
        let truncated = tokio::task::spawn_blocking(move || truncate_log(&file)).await;
        truncated.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())))
    }
}

/// How often the log is looked at again while somebody still reads from it, every [`PAUSE`].
const TRIES: u32 = 100;
/// See [`TRIES`].
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// Brings what is in SQLite's log into the file and empties the log, once nobody reads older pages from it.
fn truncate_log(file: &std::path::Path) -> Result<()> {
    let connection = SqliteConnection::open(file, Purpose::Write, false)?;
    for _ in 0..TRIES {
        let busy =
            connection.raw().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        if busy.map_err(|error| StoreError::Other(error.to_string()))? == 0 {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    Err(StoreError::Busy)
}

/// The organization itself, with the names that lead to it.
async fn last(tx: &mut Tx) -> Result<u64> {
    let id = [tx.organization().into()];
    let names = tx.execute("DELETE FROM organization_name WHERE organization_id = $1", &id).await?;
    Ok(names + tx.execute("DELETE FROM organization WHERE organization_id = $1", &id).await?)
}

/// What the installation's journal tells of it: bodies go, the chain stays whole.
async fn told_of(tx: &mut Tx, id: OrganizationId) -> Result<u64> {
    let sql = "UPDATE journal SET body = NULL, body_salt = NULL WHERE organization_id = $1 AND subject = $2";
    tx.execute(sql, &[tx.organization().into(), id.to_string().into()]).await
}

#[cfg(test)]
mod tests {
    use super::{OTHERWISE, OWNED};
    use crate::{Location, Options, SecretKey, Store, tables::TABLES};

    #[tokio::test]
    async fn every_table_of_an_organization_is_emptied_before_those_it_points_to() {
        let directory = tempfile::tempdir().unwrap();
        let key = SecretKey::from_bytes(&[1; 32]).unwrap();
        drop(Store::open(Options::new(Location::Sqlite(directory.path().into()), key)).await.unwrap());
        let raw = rusqlite::Connection::open(directory.path().join("notifymdm.db")).unwrap();
        let of_an_organization = |table: &&&str| {
            let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = 'organization_id'";
            raw.query_row(sql, [**table], |row| row.get::<_, i64>(0)).unwrap() == 1
        };
        let wanted: Vec<&str> = TABLES.iter().rev().filter(of_an_organization).copied().collect();
        let wanted: Vec<&str> = wanted.into_iter().filter(|table| !OTHERWISE.contains(table)).collect();
        assert_eq!(OWNED.iter().map(|(table, ..)| *table).collect::<Vec<_>>(), wanted);
    }
}
