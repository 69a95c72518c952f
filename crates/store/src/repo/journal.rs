//! Reading the audit trail, for its page and for the timeline of a device or user. Rows are written by
//! [`Tx::journal`] alone.
//!
//! A page is found in two steps: first the numbers of its rows, from an index alone, then the rows themselves. So a
//! journal of millions is read as fast as a short one. Times are turned into numbers, since both grow together.

use crate::{Result, Row, Tx, Value, filter::Select};
use domain::Millis;
use domain::model::JournalRow;

/// How far the clocks of nodes may be apart without a row being missed by a range of times.
const CLOCKS: Millis = 15 * 60_000;

/// Which rows of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these events; empty is every event.
    pub events: Vec<String>,
    /// Only rows about these subjects (ids in text form); empty is every subject.
    pub subjects: Vec<String>,
    /// Only what these actors did, each in the text form of [`domain::model::Actor`]; empty is everybody.
    pub actors: Vec<String>,
    /// Only from this moment on.
    pub from: Option<Millis>,
    /// Only before this moment.
    pub until: Option<Millis>,
}

/// Rows of the unit's organization, the newest first; with `before`, those of a smaller sequence.
pub async fn page(tx: &mut Tx, before: Option<i64>, filter: &Filter, limit: u32) -> Result<Vec<JournalRow>> {
    let Some(range) = range(tx, before, filter).await? else { return Ok(Vec::new()) };
    let mut sequences = Vec::new();
    for narrow in narrowed(filter) {
        sequences.extend(numbers(tx, range, &narrow, limit).await?);
    }
    sequences.sort_unstable_by(|a, b| b.cmp(a));
    sequences.truncate(limit as usize);
    rows(tx, sequences).await
}

/// At most `limit` rows of the unit's organization after `sequence`, the oldest first: the stream for those who follow.
pub async fn after(tx: &mut Tx, sequence: i64, limit: u32) -> Result<Vec<JournalRow>> {
    let sql = "SELECT organization_id, sequence, at, actor, event, subject, body, hash FROM journal \
               WHERE organization_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
    let rows = tx.fetch(sql, &[tx.organization().into(), sequence.into(), limit.into()]).await?;
    rows.iter().map(from_row).collect()
}

/// The newest number of the unit's organization; 0 while its journal is empty.
pub async fn head(tx: &mut Tx) -> Result<i64> {
    let sql = "SELECT journal_sequence FROM organization_head WHERE organization_id = $1";
    tx.fetch_optional(sql, &[tx.organization().into()]).await?.map_or(Ok(0), |row| row.int(0))
}

/// One filter for each value of the narrowest wish: an index has the numbers of one value in order, those of several
/// it has not.
fn narrowed(filter: &Filter) -> Vec<Filter> {
    let one = |value: &String| vec![value.clone()];
    if !filter.subjects.is_empty() {
        filter.subjects.iter().map(|s| Filter { subjects: one(s), ..filter.clone() }).collect()
    } else if !filter.actors.is_empty() {
        filter.actors.iter().map(|a| Filter { actors: one(a), ..filter.clone() }).collect()
    } else if !filter.events.is_empty() {
        filter.events.iter().map(|e| Filter { events: one(e), ..filter.clone() }).collect()
    } else {
        vec![filter.clone()]
    }
}

/// The numbers of the newest rows that fit a filter of [`narrowed`].
async fn numbers(tx: &mut Tx, (first, end): (i64, i64), filter: &Filter, limit: u32) -> Result<Vec<i64>> {
    let mut select = Select::new(
        "SELECT sequence FROM journal WHERE organization_id = ? AND sequence >= ? AND sequence < ?",
        vec![tx.organization().into(), first.into(), end.into()],
    );
    // What the index does not begin with is an expression, so that no planner walks another, longer index for it.
    let wishes = [
        (&filter.subjects, "subject = ?", "subject || ''"),
        (&filter.actors, "actor = ?", "actor || ''"),
        (&filter.events, "event = ?", "event || ''"),
    ];
    let mut first = true;
    for (values, equal, expression) in wishes.into_iter().filter(|(values, ..)| !values.is_empty()) {
        let mut values = values.iter().map(|value| super::text::bounded(value, 1024)).collect::<Vec<_>>();
        match values.pop() {
            Some(value) if first && values.is_empty() => select.and(equal, vec![value]),
            last => select.one_of(expression, values.into_iter().chain(last).collect()),
        }
        first = false;
    }
    if let Some(from) = filter.from {
        select.and("at >= ?", vec![from.into()]);
    }
    if let Some(until) = filter.until {
        select.and("at < ?", vec![until.into()]);
    }
    select.order("sequence", true);
    select.page(limit, 0);
    let (sql, params) = select.build();
    tx.fetch_dynamic(&sql, &params).await?.iter().map(|row| row.int(0)).collect()
}

async fn rows(tx: &mut Tx, sequences: Vec<i64>) -> Result<Vec<JournalRow>> {
    let (Some(newest), Some(oldest)) = (sequences.first(), sequences.last()) else { return Ok(Vec::new()) };
    let mut select = Select::new(
        "SELECT organization_id, sequence, at, actor, event, subject, body, hash FROM journal \
         WHERE organization_id = ?",
        vec![tx.organization().into()],
    );
    if newest - oldest + 1 == sequences.len() as i64 {
        select.and("sequence >= ? AND sequence <= ?", vec![(*oldest).into(), (*newest).into()]);
    } else {
        select.one_of("sequence", sequences.into_iter().map(Value::from).collect());
    }
    select.order("sequence", true);
    let (sql, params) = select.build();
    tx.fetch_dynamic(&sql, &params).await?.iter().map(from_row).collect()
}

/// The numbers that can fit, the end excluded; `None` when none can.
async fn range(tx: &mut Tx, before: Option<i64>, filter: &Filter) -> Result<Option<(i64, i64)>> {
    let mut range = (0, before.unwrap_or(i64::MAX));
    if filter.from.is_some() || filter.until.is_some() {
        let Some((oldest, newest)) = ends(tx).await? else { return Ok(None) };
        if let Some(from) = filter.from {
            range.0 = first_since(tx, oldest, newest, from.saturating_sub(CLOCKS)).await?;
        }
        if let Some(until) = filter.until {
            range.1 = range.1.min(first_since(tx, oldest, newest, until.saturating_add(CLOCKS)).await?);
        }
    }
    Ok((range.0 < range.1).then_some(range))
}

/// The oldest and the newest number kept.
async fn ends(tx: &mut Tx) -> Result<Option<(i64, i64)>> {
    let sql = "SELECT min(sequence), max(sequence) FROM journal WHERE organization_id = $1";
    let row = tx.fetch_optional(sql, &[tx.organization().into()]).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(row.opt_int(0)?.zip(row.opt_int(1)?))
}

/// The first number whose moment is not before `at`, by halving: some twenty look-ups in a million rows.
async fn first_since(tx: &mut Tx, oldest: i64, newest: i64, at: Millis) -> Result<i64> {
    let sql =
        "SELECT at FROM journal WHERE organization_id = $1 AND sequence >= $2 ORDER BY sequence LIMIT 1";
    let (mut low, mut high) = (oldest, newest.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let row = tx.fetch_optional(sql, &[tx.organization().into(), middle.into()]).await?;
        match row {
            Some(row) if row.int(0)? < at => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

fn from_row(row: &Row) -> Result<JournalRow> {
    Ok(JournalRow {
        organization: row.id(0)?,
        sequence: row.int(1)?,
        at: row.int(2)?,
        actor: row.text(3)?,
        event: row.text(4)?,
        subject: row.text(5)?,
        body: row.opt_json(6)?,
        hash: hex::encode(row.blob(7)?),
    })
}
