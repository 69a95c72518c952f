//! Everything that is an organization's own, as an archive that people and programs can read: one file of JSON lines
//! for each kind. Secrets are not in it, and it cannot be restored; backups are for that.

use std::io::{Cursor, Write};

use domain::model::OrganizationId;
use serde_json::{Map, Value as Json, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{Result, Row, Store, StoreError, Tx, Value};

/// Rows read at a time.
const PAGE: i64 = 1_000;
/// What stands where a secret stood.
const LEFT_OUT: &str = "(left out)";

macro_rules! archived {
    ($($table:literal as $file:literal by $key:literal),+ $(,)?) => {
        /// The tables, the names of their files, and how they are read.
        const FILES: &[(&str, &str)] = &[$((
            $file,
            concat!("SELECT * FROM ", $table, " WHERE organization_id = $1 ORDER BY ", $key, " LIMIT $2 OFFSET $3"),
        )),+];
    };
}

archived!(
    "organization" as "organization" by "organization_id",
    "role" as "roles" by "id",
    "administrator" as "administrators" by "id",
    "activesync_server" as "activesync-servers" by "id",
    "directory_server" as "ldap-servers" by "id",
    "sign_in_settings" as "sign-in" by "organization_id",
    "messaging" as "messaging" by "organization_id",
    "policy_suite" as "policy-suites" by "id",
    "policy_revision" as "policy-revisions" by "suite_id, number",
    "connection_schedule" as "connection-schedules" by "id",
    "access_config" as "access-restrictions" by "organization_id",
    "user_group" as "groups" by "id",
    "app_user" as "users" by "id",
    "device" as "devices" by "id",
    "command" as "commands" by "id",
    "command_history" as "commands-that-are-over" by "id",
    "verdict_history" as "verdicts" by "device_id, at",
    "compliance_day" as "compliance-days" by "day",
    "alert" as "alerts" by "id",
    "watch" as "watch-list" by "device_id",
    "terms" as "terms" by "id",
    "radius_server" as "radius-servers" by "id",
    "report_mail" as "reports-by-mail" by "id",
    "saved_view" as "views" by "id",
    "journal" as "journal" by "sequence",
);

/// What an archive holds.
#[derive(Debug, Clone)]
pub struct Archive {
    /// A ZIP file.
    pub bytes: Vec<u8>,
    /// Each file in it, with its number of lines.
    pub files: Vec<(&'static str, u64)>,
}

impl Store {
    /// Writes an archive of an organization, as of one moment.
    ///
    /// # Errors
    /// Of the database.
    pub async fn archive(&self, id: OrganizationId) -> Result<Archive> {
        self.read(id, async move |tx: &mut Tx| {
            let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
            let mut files = Vec::new();
            for (name, sql) in FILES {
                begin(&mut zip, &format!("{name}.jsonl"))?;
                files.push((*name, table(tx, &mut zip, sql).await?));
            }
            begin(&mut zip, "README.txt")?;
            zip.write_all(about(tx, &files).as_bytes()).map_err(|error| odd(&error))?;
            let bytes = zip.finish().map_err(|error| odd(&error))?.into_inner();
            Ok(Archive { bytes, files })
        })
        .await
    }
}

fn begin(zip: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str) -> Result<()> {
    zip.start_file(name, SimpleFileOptions::default()).map_err(|error| odd(&error))
}

fn odd(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Other(format!("the archive cannot be written: {error}"))
}

async fn table(tx: &mut Tx, zip: &mut ZipWriter<Cursor<Vec<u8>>>, sql: &'static str) -> Result<u64> {
    let mut lines = 0_u64;
    loop {
        let offset = i64::try_from(lines).unwrap_or(i64::MAX);
        let rows = tx.fetch(sql, &[tx.organization().into(), PAGE.into(), offset.into()]).await?;
        for row in &rows {
            let line = line(row);
            writeln!(zip, "{line}").map_err(|error| odd(&error))?;
        }
        lines += rows.len() as u64;
        if rows.len() < PAGE.unsigned_abs() as usize {
            return Ok(lines);
        }
    }
}

fn about(tx: &Tx, files: &[(&'static str, u64)]) -> String {
    let at = tx.now();
    let list: String = files.iter().fold(String::new(), |all, (name, n)| format!("{all}{name}.jsonl: {n}\n"));
    format!(
        "Archive of {}\nas of {at} (milliseconds since 1970, UTC)\n\nEach file has a line of JSON for each record.\n\
         Passwords, keys and tokens are left out.\n\n{list}",
        tx.organization()
    )
}

/// A row as an object: the document with what stands beside it.
fn line(row: &Row) -> Json {
    let mut object = Map::new();
    for (name, value) in row.columns() {
        match (name, value) {
            ("organization_id" | "rev", _) => {}
            ("doc" | "body", Value::Text(text)) => {
                let parsed = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
                match redacted(parsed) {
                    Json::Object(fields) if name == "doc" => object.extend(fields),
                    other => drop(object.insert(name.to_owned(), other)),
                }
            }
            (_, Value::Text(text)) => drop(object.entry(name).or_insert_with(|| secret_or(text))),
            (_, Value::Int(number)) => drop(object.entry(name).or_insert_with(|| json!(number))),
            (_, Value::Bool(yes)) => drop(object.entry(name).or_insert_with(|| json!(yes))),
            (_, Value::Uuid(id)) => drop(object.entry(name).or_insert_with(|| json!(id.to_string()))),
            // Hashes of the journal's chain are evidence; other bytes are secrets, or say what is in the document.
            ("hash" | "previous_hash" | "body_digest", Value::Blob(bytes)) => {
                drop(object.insert(name.to_owned(), json!(hex::encode(bytes))));
            }
            (_, Value::Blob(_) | Value::Null) => {}
        }
    }
    Json::Object(object)
}

/// Without secrets, whatever they are called: sealed ones and hashes of tokens are bytes, and a password's hash says so.
fn redacted(value: Json) -> Json {
    match value {
        Json::Array(items) if items.len() >= 16 && items.iter().all(is_byte) => json!(LEFT_OUT),
        Json::Array(items) => Json::Array(items.into_iter().map(redacted).collect()),
        Json::Object(fields) => {
            Json::Object(fields.into_iter().map(|(key, value)| (key, redacted(value))).collect())
        }
        Json::String(text) => secret_or(&text),
        other => other,
    }
}

fn is_byte(value: &Json) -> bool {
    value.as_u64().is_some_and(|number| number <= 255)
}

fn secret_or(text: &str) -> Json {
    if text.starts_with("$argon2") { json!(LEFT_OUT) } else { json!(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out_whatever_they_are_called() {
        let bytes: Vec<u64> = (0..40).collect();
        let document = json!({
            "name": "Anna", "macs": ["02:00:00:00:00:01"], "numbers": [1, 2, 3], "far": [300, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
            "deep": { "password": bytes, "list": ["$argon2id$v=19$m=1"] },
        });
        let left = redacted(document).to_string();
        assert!(
            left.contains("Anna")
                && left.contains("02:00")
                && left.contains("[1,2,3]")
                && left.contains("300")
        );
        assert!(!left.contains("argon2") && !left.contains("39"), "{left}");
    }
}
