//! Exporting what the grid shows: CSV and JSON.

use catalog::Permission;
use domain::model::{Actor, JournalEntry};
use serde_json::json;

use super::grid::all;
use super::{Column, GridQuery, columns};
use crate::{Engine, Error, Result, Scope};

/// File formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated, UTF-8 with a byte order mark so that spreadsheets read it.
    Csv,
    /// A JSON array of objects.
    Json,
}

/// Exports every device that matches, with the given columns (empty: the default ones). Journaled.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] for an unknown column.
pub async fn export(
    engine: &Engine,
    scope: &Scope,
    query: GridQuery,
    wanted: &[String],
    format: Format,
) -> Result<Vec<u8>> {
    scope.require(Permission::DevicesExport)?;
    let known = columns();
    let chosen = choose(&known, wanted)?;
    let rows = all(engine, scope, &query)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let cells: Vec<Vec<String>> = {
        let org = org.read();
        rows.iter().map(|row| chosen.iter().map(|c| row.cell(&org, c)).collect()).collect()
    };
    let count = cells.len();
    let actor: Actor = scope.actor().clone();
    engine
        .store
        .write(scope.organization(), actor, async move |tx| {
            tx.journal(JournalEntry {
                event: "device.exported",
                subject: String::new(),
                body: json!({ "devices": count }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    Ok(match format {
        Format::Csv => csv(&chosen, &cells),
        Format::Json => as_json(&chosen, &cells),
    })
}

fn choose<'c>(known: &'c [Column], wanted: &[String]) -> Result<Vec<&'c Column>> {
    if wanted.is_empty() {
        return Ok(known.iter().filter(|c| c.default).collect());
    }
    wanted
        .iter()
        .map(|key| {
            known
                .iter()
                .find(|c| c.key == key)
                .ok_or_else(|| Error::invalid("columns", format!("There is no column {key}.")))
        })
        .collect()
}

fn csv(columns: &[&Column], rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = b"\xEF\xBB\xBF".to_vec();
    let heading: Vec<String> = columns.iter().map(|c| c.label.to_owned()).collect();
    for row in std::iter::once(&heading).chain(rows) {
        let cells: Vec<String> = row.iter().map(|cell| csv_cell(cell)).collect();
        out.extend_from_slice(cells.join(",").as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Quoted; a leading `= + - @`, tab or carriage return is disarmed, since spreadsheets would run it.
pub(crate) fn csv_cell(cell: &str) -> String {
    let armed = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = cell.replace('"', "\"\"");
    if armed { format!("\"'{text}\"") } else { format!("\"{text}\"") }
}

fn as_json(columns: &[&Column], rows: &[Vec<String>]) -> Vec<u8> {
    let list: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| columns.iter().zip(row).map(|(c, cell)| (c.key.to_owned(), json!(cell))).collect())
        .collect();
    serde_json::to_vec(&list).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::csv_cell;

    #[test]
    fn formulas_are_disarmed() {
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(csv_cell("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(csv_cell("plain"), "\"plain\"");
    }
}
