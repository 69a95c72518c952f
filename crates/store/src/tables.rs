//! The tables in the order of their foreign keys: a table comes after those it points to.
//!
//! Copies follow this order; columns and types come from the catalogue of the database itself. A test compares
//! the list with the tables that the migrations make.

/// Every table except the migration ledger.
pub(crate) const TABLES: &[&str] = &[
    "installation",
    "organization_head",
    "change",
    "journal",
    "journal_checkpoint",
    "lease",
    "job",
    "organization",
    "organization_name",
    "installation_counter",
    "installation_setting",
    "login_failure",
    "role",
    "administrator",
    "api_token",
    "session",
    "activesync_server",
    "policy_suite",
    "policy_revision",
    "user_group",
    "app_user",
    "group_member",
    "device",
    "device_guid",
    "device_mac",
    "channel",
    "command",
    "command_history",
    "access_config",
    "governor",
    "held_change",
    "presence",
    "exchanges",
    "trace",
    "trace_entry",
    "ise_call_head",
    "ise_call",
    "unknown_mac",
    "saved_view",
    "follower_cursor",
    "radius_server",
    "radius_request",
    "messaging",
    "mail",
    "alert",
    "connection_schedule",
    "check_in",
    "verdict_history",
    "compliance_day",
    "webhook_state",
    "webhook_delivery",
    "restriction_notice",
    "watch",
    "user_import",
    "user_import_part",
    "directory_server",
    "directory_run",
    "user_session",
    "enrollment_token",
    "terms",
    "filler",
    "user_letter",
    "mailing",
    "mailing_part",
    "sign_in_settings",
    "report_mail",
    "mail_file",
    "task_run",
];

#[cfg(test)]
mod tests {
    use super::TABLES;
    use crate::{Location, Options, SecretKey, Store};

    #[tokio::test]
    async fn every_table_is_listed_after_those_it_points_to() {
        let directory = tempfile::tempdir().unwrap();
        let key = SecretKey::from_bytes(&[1; 32]).unwrap();
        drop(Store::open(Options::new(Location::Sqlite(directory.path().into()), key)).await.unwrap());
        let raw = rusqlite::Connection::open(directory.path().join("notifymdm.db")).unwrap();
        let mut tables = raw
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
                 AND name <> 'migration'",
            )
            .unwrap();
        let tables: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(tables.len(), TABLES.len(), "the list is complete and has nothing twice");
        let place = |name: &str| {
            TABLES.iter().position(|table| *table == name).unwrap_or_else(|| panic!("{name} is not listed"))
        };
        for table in &tables {
            let mut targets = raw.prepare("SELECT \"table\" FROM pragma_foreign_key_list($1)").unwrap();
            let targets: Vec<String> =
                targets.query_map([table], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
            for target in targets.iter().filter(|target| *target != table) {
                assert!(place(target) < place(table), "{table} stands before {target}");
            }
        }
    }
}
