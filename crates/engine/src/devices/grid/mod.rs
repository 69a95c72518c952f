//! The grid of devices: filter, sort, page, all from memory. Columns are the catalogue's facts and a few of the
//! record itself; their keys are the only names a request can sort or filter by.

mod columns;
mod filter;
mod order;
mod words;

pub use columns::{Column, columns, columns_in};
pub use filter::Filter;
pub(super) use filter::matches_text;
pub use words::{FILTERS, filters, is_filter, state_key};

use std::sync::Arc;

use catalog::Permission;
use domain::Millis;
use domain::model::{Device, User};

use columns::{ColumnSource, find_column, text_of};
use filter::holds;
use order::{Candidate, SortKey, order, sort_key};

use super::{Posture, posture};
use crate::schedules::{Standing, standing};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// What is asked of the grid. All of it lives in the page's address.
#[derive(Debug, Clone, Default)]
pub struct GridQuery {
    /// Free text: name, user, address, model, serial, IMEI, MAC, ids.
    pub text: String,
    /// Filters; all must hold.
    pub filters: Vec<Filter>,
    /// Order; `None` is by last contact, newest first.
    pub sort: Option<Sort>,
    /// Rows to skip.
    pub offset: usize,
    /// Rows wanted, 1 to 500.
    pub limit: usize,
}

/// Order by a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// Column key.
    pub column: String,
    /// Largest first.
    pub descending: bool,
}

/// A row: the device and its cells are made by the caller through [`GridRow::cell`].
#[derive(Debug, Clone)]
pub struct GridRow {
    /// The device.
    pub device: Arc<Device>,
    /// Its owner.
    pub user: Arc<User>,
    /// The chip.
    pub posture: Posture,
    /// Last contact.
    pub last_contact: Option<Millis>,
    /// Name of the suite in force.
    pub suite: String,
    /// How it stands to its connection schedule, if check-ins are expected of it.
    pub standing: Option<Standing>,
}

/// A page of the grid.
#[derive(Debug, Clone)]
pub struct GridPage {
    /// The rows.
    pub rows: Vec<GridRow>,
    /// How many match in all.
    pub total: usize,
    /// Counts by posture of all that match the text and the other filters.
    pub by_posture: Vec<(Posture, usize)>,
}

/// Devices looked at under one lock: whoever changes the index waits for milliseconds at most.
const STEP: usize = 512;

/// A page of devices.
///
/// # Errors
/// [`Error::Invalid`] for a column that does not exist.
pub fn grid(engine: &Engine, scope: &Scope, query: &GridQuery) -> Result<GridPage> {
    let end = query.offset.saturating_add(query.limit.clamp(1, 500));
    page(engine, scope, query, query.offset, end)
}

/// Everything that matches, in order: for exports and assignments.
pub(super) fn all(engine: &Engine, scope: &Scope, query: &GridQuery) -> Result<Vec<GridRow>> {
    Ok(page(engine, scope, query, 0, usize::MAX)?.rows)
}

fn page(engine: &Engine, scope: &Scope, query: &GridQuery, start: usize, end: usize) -> Result<GridPage> {
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let known = columns_in(&org.read());
    // Without a wish the last contact comes first.
    let (column, descending) = match &query.sort {
        Some(sort) => (Some(find_column(&known, &sort.column)?), sort.descending),
        None => (None, true),
    };
    for filter in &query.filters {
        if let Filter::Contains(key, _) = filter {
            find_column(&known, key)?;
        }
    }
    let owner = query.filters.iter().find_map(|filter| match filter {
        Filter::User(id) => Some(*id),
        _ => None,
    });
    let devices: Vec<_> = match owner {
        Some(id) => org.read().devices.of_user(id).into_iter().cloned().collect(),
        None => org.read().devices.iter().cloned().collect(),
    };
    let of_schedules =
        |column: &Column| matches!(column.source, ColumnSource::NextCheckIn | ColumnSource::MissedCheckIns);
    let standings = column.is_some_and(of_schedules)
        || query.filters.iter().any(|filter| matches!(filter, Filter::Overdue(_)));
    let look =
        Look { engine, query, known: &known, column, standings, text: query.text.trim().to_lowercase() };
    let mut matching = Vec::new();
    let mut counts = [0_usize; Posture::ALL.len()];
    for chunk in devices.chunks(STEP) {
        let org = org.read();
        for candidate in chunk.iter().filter_map(|device| look.at(&org, device)) {
            if let Some(at) = Posture::ALL.iter().position(|p| *p == candidate.posture) {
                counts[at] += 1;
            }
            let wanted = |f: &Filter| !matches!(f, Filter::Posture(l) if !l.contains(&candidate.posture));
            if query.filters.iter().all(wanted) {
                matching.push(candidate);
            }
        }
    }
    let total = matching.len();
    let end = end.min(total);
    order(&mut matching, descending, end);
    matching.truncate(end);
    let org = org.read();
    let rows = matching.into_iter().skip(start).map(|candidate| row(engine, &org, candidate)).collect();
    let by_posture = Posture::ALL.into_iter().zip(counts).collect();
    Ok(GridPage { rows, total, by_posture })
}

/// What is looked for.
struct Look<'q> {
    engine: &'q Engine,
    query: &'q GridQuery,
    known: &'q [Column],
    column: Option<&'q Column>,
    /// Filters or order ask how devices stand to their schedules.
    standings: bool,
    text: String,
}

impl Look<'_> {
    /// The device as a candidate, unless text or filters (but for the posture) speak against it.
    fn at(&self, org: &OrgIndex, device: &Arc<Device>) -> Option<Candidate> {
        let user = org.user(device.user)?;
        if !matches_text(device, user, &self.text) {
            return None;
        }
        let mut candidate = Candidate {
            device: Arc::clone(device),
            user: Arc::clone(user),
            posture: posture(org, device),
            seen: crate::presence::last_contact(self.engine, device),
            standing: if self.standings { standing(self.engine, org, device) } else { None },
            key: SortKey::Unknown,
        };
        let now = self.engine.now();
        if !self.query.filters.iter().all(|f| holds(f, self.known, org, &candidate, now)) {
            return None;
        }
        candidate.key = sort_key(self.column, org, &candidate);
        Some(candidate)
    }
}

fn row(engine: &Engine, org: &OrgIndex, candidate: Candidate) -> GridRow {
    let Candidate { device, user, posture, seen, .. } = candidate;
    let suite = crate::assignment::suite_of(org, &user, Some(&device)).0;
    let suite = suite.map(|s| s.name.clone()).unwrap_or_default();
    let standing = candidate.standing.or_else(|| standing(engine, org, &device));
    GridRow { device, user, posture, last_contact: seen, suite, standing }
}

impl GridRow {
    /// The text of a cell; empty for unknown. Times are milliseconds since 1970.
    pub fn cell(&self, org: &OrgIndex, column: &Column) -> String {
        match &column.source {
            ColumnSource::LastContact => self.last_contact.map(|t| t.to_string()).unwrap_or_default(),
            ColumnSource::NextCheckIn => {
                self.standing.as_ref().and_then(|s| s.next_due).map(|at| at.to_string()).unwrap_or_default()
            }
            ColumnSource::MissedCheckIns => {
                self.standing.as_ref().map(|s| s.missed.to_string()).unwrap_or_default()
            }
            _ => text_of(column, org, &self.device, &self.user, self.posture),
        }
    }
}
