//! Exporting what the grid shows.

use catalog::Permission;
use domain::model::{Actor, JournalEntry};
use serde_json::json;

use super::grid::all;
use super::{Column, GridQuery, columns_in};
use crate::export::{Format, Table};
use crate::{Engine, Error, Result, Scope};

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
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let known = columns_in(&org.read());
    let chosen = choose(&known, wanted)?;
    let rows = all(engine, scope, &query)?;
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
    let columns = chosen.iter().map(|c| (c.export_key(), c.label.to_string())).collect();
    Table { name: "Devices".into(), columns, rows: cells }.write(format)
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
                .find(|c| c.is_called(key))
                .ok_or_else(|| Error::invalid("columns", format!("There is no column {key}.")))
        })
        .collect()
}
