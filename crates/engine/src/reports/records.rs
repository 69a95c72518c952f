//! Reports over the journal and the calls of Cisco ISE.

use std::collections::BTreeMap;

use catalog::Report;
use domain::Millis;
use domain::model::JournalRow;

use super::{Cell, Chart, DAY, MAX_ROWS, Narrowed, Sheet, bars, period};
use crate::journal::{JournalQuery, page, sentence};
use crate::{Engine, Result, Scope};

/// Devices that came and went.
const CAME_AND_WENT: [&str; 8] = [
    "device.seen",
    "device.enrolled",
    "device.quarantined",
    "device.readmitted",
    "device.retired",
    "device.wiped",
    "device.deleted",
    "device.merged",
];

/// The entries of a period, the newest first, and whether there are more than a report holds.
pub(super) async fn entries(
    engine: &Engine,
    scope: &Scope,
    (from, until): (Millis, Millis),
    event: &str,
) -> Result<(Vec<JournalRow>, bool)> {
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let query = JournalQuery {
            before,
            event: event.to_owned(),
            from: Some(from),
            until: Some(until),
            limit: Some(500),
            ..JournalQuery::default()
        };
        let rows = page(engine, scope, query).await?;
        let is_last = rows.len() < 500;
        before = rows.last().map(|row| row.sequence);
        all.extend(rows);
        if is_last || all.len() > MAX_ROWS {
            return Ok((all, !is_last));
        }
    }
}

pub(super) async fn enrolment(engine: &Engine, scope: &Scope, narrowed: &Narrowed) -> Result<Sheet> {
    let mut rows = Vec::new();
    let mut is_cut = false;
    for event in CAME_AND_WENT {
        let (found, more) = entries(engine, scope, period(engine, narrowed), event).await?;
        rows.extend(found);
        is_cut |= more;
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.sequence));
    let chart = by_day(&rows);
    let rows = rows.iter().map(|row| said(engine, row)).collect();
    Ok(Sheet { is_cut, ..Sheet::new(Report::Enrolment, &["When", "What happened", "By"], rows).with(chart) })
}

pub(super) async fn administrators(engine: &Engine, scope: &Scope, narrowed: &Narrowed) -> Result<Sheet> {
    let (mut rows, is_cut) = entries(engine, scope, period(engine, narrowed), "").await?;
    rows.retain(|row| is_person(&row.actor));
    let mut counts = BTreeMap::<String, u64>::new();
    for row in &rows {
        *counts.entry(name(&row.actor)).or_default() += 1;
    }
    let chart = bars(counts);
    let rows = rows.iter().map(|row| said(engine, row)).collect();
    let sheet = Sheet::new(Report::AdministratorActivity, &["When", "What happened", "By"], rows);
    Ok(Sheet { is_cut, ..sheet.with(chart) })
}

pub(super) async fn ise_calls(engine: &Engine, scope: &Scope, narrowed: &Narrowed) -> Result<Sheet> {
    let (from, until) = period(engine, narrowed);
    let mut calls = crate::ise::calls(engine, scope).await?;
    calls.retain(|call| (from..until).contains(&call.at));
    let mut counts = BTreeMap::<String, u64>::new();
    for call in &calls {
        *counts.entry(format!("{} {}", call.status, call.account)).or_default() += 1;
    }
    let row = |call: &crate::ise::Call| {
        vec![
            Cell::Time(Some(call.at)),
            call.account.as_str().into(),
            call.address.as_str().into(),
            format!("{} {}", call.method, call.target).into(),
            Cell::Number(u64::from(call.status)),
            Cell::Number(call.duration_us.unsigned_abs()),
            call.note.as_str().into(),
        ]
    };
    let columns = ["When", "Account", "Address", "Call", "Status", "Microseconds", "Note"];
    Ok(Sheet::new(Report::IseCalls, &columns, calls.iter().map(row).collect()).with(bars(counts)))
}

/// When, what, by whom.
fn said(engine: &Engine, row: &JournalRow) -> Vec<Cell> {
    vec![Cell::Time(Some(row.at)), sentence(engine, row).into(), name(&row.actor).into()]
}

/// Whether somebody did it, and not the server by itself, a device or its user.
fn is_person(actor: &str) -> bool {
    ["administrator ", "token of ", "ISE as ", "command line"].iter().any(|kind| actor.starts_with(kind))
}

/// Who an actor is, without the id.
pub(super) fn name(actor: &str) -> String {
    let named = actor.strip_prefix("administrator ").unwrap_or(actor);
    let name = named.rsplit_once(" (").map_or(named, |(name, _)| name);
    if name == "system" { "the server itself".to_owned() } else { name.to_owned() }
}

/// Entries by day and event.
fn by_day(rows: &[JournalRow]) -> Chart {
    let mut counts = BTreeMap::<i64, BTreeMap<&str, u64>>::new();
    for row in rows {
        *counts.entry(row.at.div_euclid(DAY)).or_default().entry(&row.event).or_default() += 1;
    }
    let (first, last) = (counts.keys().next().copied(), counts.keys().last().copied());
    let days: Vec<i64> = first.zip(last).map(|(first, last)| (first..=last).collect()).unwrap_or_default();
    let of = |day: &i64, event: &str| counts.get(day).and_then(|n| n.get(event)).copied().unwrap_or(0);
    let layers = CAME_AND_WENT.iter().filter_map(|event| {
        let values: Vec<u64> = days.iter().map(|day| of(day, event)).collect();
        let label = event.trim_start_matches("device.");
        values.iter().any(|n| *n > 0).then(|| (label.to_owned(), values))
    });
    Chart::Days { layers: layers.collect(), days }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actors_are_named_without_their_ids() {
        assert_eq!(name("administrator ann (adm_01)"), "ann");
        assert_eq!(name("token of ann (tok_01)"), "token of ann");
        assert_eq!(name("system"), "the server itself");
        assert!(
            is_person("ISE as ise (adm_02)") && !is_person("device dev_01") && !is_person("user zoe (usr_1)")
        );
    }
}
