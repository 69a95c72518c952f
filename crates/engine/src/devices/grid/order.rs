//! The order of the rows.

use std::cmp::Ordering;
use std::sync::Arc;

use catalog::{FactType, FactValue};
use domain::Millis;
use domain::model::{CustomOrder, Device, User};

use super::columns::{ColumnSource, text_of, values};
use super::{Column, Posture};
use crate::OrgIndex;
use crate::schedules::Standing;

/// A device that is wanted, with what it is counted and sorted by.
pub(super) struct Candidate {
    pub(super) device: Arc<Device>,
    pub(super) user: Arc<User>,
    pub(super) posture: Posture,
    pub(super) seen: Option<Millis>,
    /// How it stands to its schedule, if that is asked for.
    pub(super) standing: Option<Standing>,
    pub(super) key: SortKey,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SortKey {
    Number(i64),
    Version(Vec<u32>),
    Text(String),
    Custom(CustomOrder),
    Unknown,
}

/// What a row is sorted by; without a column its last contact.
pub(super) fn sort_key(column: Option<&Column>, org: &OrgIndex, row: &Candidate) -> SortKey {
    let Some(column) = column else { return row.seen.map_or(SortKey::Unknown, SortKey::Number) };
    match &column.source {
        ColumnSource::LastContact => row.seen.map_or(SortKey::Unknown, SortKey::Number),
        ColumnSource::NextCheckIn => {
            let due = row.standing.as_ref().and_then(|standing| standing.next_due);
            due.map_or(SortKey::Unknown, SortKey::Number)
        }
        ColumnSource::MissedCheckIns => {
            let missed = row.standing.as_ref().map(|standing| i64::from(standing.missed));
            missed.map_or(SortKey::Unknown, SortKey::Number)
        }
        ColumnSource::Posture => SortKey::Number(row.posture as i64),
        ColumnSource::Fact(id) => match row.device.facts.get(*id).map(|k| &k.value) {
            None => SortKey::Unknown,
            Some(FactValue::Int(n)) => SortKey::Number(*n),
            Some(FactValue::Bool(b)) => SortKey::Number(i64::from(*b)),
            Some(FactValue::Text(t)) if id.entry().kind == FactType::Version => {
                catalog::version_numbers(t).map_or(SortKey::Unknown, SortKey::Version)
            }
            Some(FactValue::Text(t)) => SortKey::Text(t.to_lowercase()),
        },
        ColumnSource::Custom(own) => {
            match crate::custom_columns::shown(own, values(own, &row.device, &row.user)) {
                "" => SortKey::Unknown,
                value => SortKey::Custom(own.kind.order(value)),
            }
        }
        _ => match text_of(column, org, &row.device, &row.user, row.posture) {
            text if text.is_empty() => SortKey::Unknown,
            text => SortKey::Text(text.to_lowercase()),
        },
    }
}

/// Sorts only as much as the page needs: the first `end` rows are in order afterwards.
pub(super) fn order(matching: &mut [Candidate], descending: bool, end: usize) {
    if end == 0 {
        return;
    }
    let compare = |a: &Candidate, b: &Candidate| -> Ordering {
        // Unknown values come last in either direction.
        let order = match (&a.key, &b.key) {
            (SortKey::Unknown, SortKey::Unknown) => Ordering::Equal,
            (SortKey::Unknown, _) => Ordering::Greater,
            (_, SortKey::Unknown) => Ordering::Less,
            (x, y) if descending => y.cmp(x),
            (x, y) => x.cmp(y),
        };
        order.then(a.device.number.cmp(&b.device.number))
    };
    if end < matching.len() {
        matching.select_nth_unstable_by(end - 1, compare);
    }
    matching[..end].sort_unstable_by(compare);
}
