//! Reports as files.

use domain::Millis;
use domain::model::{JournalEntry, OrganizationId};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Cell, Narrowed, Sheet, run};
use crate::export::{Format, Table};
use crate::{Engine, Error, Result, Scope};
use catalog::{Permission, Report};

/// Makes a report and writes it, with times in the organization's zone. Journaled.
///
/// # Errors
/// As [`run`]; [`Error::Denied`] for who may not export.
pub async fn export(
    engine: &Engine,
    scope: &Scope,
    report: Report,
    narrowed: &Narrowed,
    format: Format,
) -> Result<Vec<u8>> {
    scope.require(Permission::DevicesExport)?;
    let sheet = run(engine, scope, report, narrowed).await?;
    let zone = zone_of(engine, scope.organization())?;
    let rows = sheet.rows.len();
    let file = write(&sheet, &zone, format)?;
    let id = scope.organization();
    engine
        .store
        .write(id, scope.actor().clone(), async move |tx| {
            let body = json!({ "name": report.info().label, "report": report, "rows": rows });
            tx.journal(JournalEntry { event: "report.exported", subject: String::new(), body });
            Ok::<_, Error>(())
        })
        .await?;
    Ok(file)
}

/// The time zone of an organization.
pub(crate) fn zone_of(engine: &Engine, id: OrganizationId) -> Result<TimeZone> {
    let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    let name = org.read().organization.settings.time_zone.clone();
    Ok(TimeZone::get(&name).unwrap_or(TimeZone::UTC))
}

/// A report as a file, with times on the clocks of a zone.
pub(crate) fn write(sheet: &Sheet, zone: &TimeZone, format: Format) -> Result<Vec<u8>> {
    table(sheet, zone).write(format)
}

fn table(sheet: &Sheet, zone: &TimeZone) -> Table {
    let key = |heading: &&str| (heading.to_lowercase().replace(' ', "_"), (*heading).to_owned());
    Table {
        name: sheet.report.info().label.to_owned(),
        columns: sheet.columns.iter().map(key).collect(),
        rows: sheet.rows.iter().map(|row| row.iter().map(|cell| text(cell, zone)).collect()).collect(),
    }
}

fn text(cell: &Cell, zone: &TimeZone) -> String {
    match cell {
        Cell::Text(text) | Cell::Device(_, text) | Cell::User(_, text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Time(at) => at.map(|at| moment(at, zone)).unwrap_or_default(),
    }
}

/// `2026-11-22 14:03:05`.
fn moment(at: Millis, zone: &TimeZone) -> String {
    let time = jiff::Timestamp::from_millisecond(at).map(|at| at.to_zoned(zone.clone()));
    time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}
