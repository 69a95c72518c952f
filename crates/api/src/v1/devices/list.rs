//! The grid.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{ClientKind, Platform};
use domain::model::{Device, DeviceState, Group, Schedule, User};
use engine::devices::{self, Filter, GridQuery, GridRow, Posture, Sort};
use engine::{Error, OrgIndex};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::v1::input::{Call, Params};
use crate::v1::problem::Problem;
use crate::v1::words::{Ref, Word};

/// Which devices, in which order, with which columns.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::v1) struct DeviceQuery {
    /// Free text: name, user, address, model, serial number, IMEI, MAC, ids.
    q: String,
    /// Any of these words; may be repeated.
    posture: Vec<Word<Posture>>,
    /// Any of these platforms; may be repeated.
    platform: Vec<Word<Platform>>,
    /// Any of these states; may be repeated.
    state: Vec<Word<DeviceState>>,
    /// Devices of users in any of these groups; may be repeated.
    group: Vec<Ref<Group>>,
    /// Devices of this user.
    user: Option<Ref<User>>,
    /// No contact for at least so many hours.
    silent_hours: Option<u32>,
    /// At least so many check-ins of its connection schedule were missed, from 1 on.
    missed_check_ins: Option<u32>,
    /// Something is taken away within so many hours if nothing changes.
    coming_hours: Option<u32>,
    /// Devices that go by this connection schedule.
    schedule: Option<Ref<Schedule>>,
    /// `column:text`: the column's text contains this, in any letter case; may be repeated.
    contains: Vec<String>,
    /// Column to sort by, with `-` before it for largest first; last contact, newest first, unless told.
    sort: String,
    /// Columns wanted beside the fixed fields, by key as in the catalogue; may be repeated.
    column: Vec<String>,
    /// `next` of the page before.
    cursor: Option<usize>,
    /// Devices a page, 1 to 500; 50 unless told.
    limit: Option<usize>,
}

impl DeviceQuery {
    /// For the engine; the page begins at `cursor`.
    pub(in crate::v1) fn grid(&self) -> Result<GridQuery, Problem> {
        let mut filters = Vec::new();
        let unless_empty = |any: bool, filter: Filter| any.then_some(filter);
        filters.extend(unless_empty(
            !self.posture.is_empty(),
            Filter::Posture(self.posture.iter().map(|w| w.0).collect()),
        ));
        filters.extend(unless_empty(
            !self.platform.is_empty(),
            Filter::Platform(self.platform.iter().map(|w| w.0).collect()),
        ));
        filters.extend(unless_empty(
            !self.state.is_empty(),
            Filter::State(self.state.iter().map(|w| w.0).collect()),
        ));
        filters.extend(unless_empty(
            !self.group.is_empty(),
            Filter::Group(self.group.iter().map(|id| id.0).collect()),
        ));
        filters.extend(self.user.map(|id| Filter::User(id.0)));
        filters.extend(self.silent_hours.map(Filter::SilentHours));
        filters.extend(self.missed_check_ins.map(Filter::Overdue));
        filters.extend(self.coming_hours.map(Filter::Coming));
        filters.extend(self.schedule.map(|id| Filter::Schedule(id.0)));
        for text in &self.contains {
            let (column, text) = text
                .split_once(':')
                .ok_or_else(|| Problem::invalid("contains", "Write it as column:text."))?;
            filters.push(Filter::Contains(column.to_owned(), text.to_owned()));
        }
        let sort = match self.sort.trim() {
            "" => None,
            text => Some(Sort {
                column: text.trim_start_matches('-').to_owned(),
                descending: text.starts_with('-'),
            }),
        };
        let limit = self.limit.unwrap_or(50).clamp(1, 500);
        Ok(GridQuery { text: self.q.clone(), filters, sort, offset: self.cursor.unwrap_or(0), limit })
    }

    pub(super) fn columns(&self) -> &[String] {
        &self.column
    }
}

/// A page of devices.
#[derive(Serialize, JsonSchema)]
pub(super) struct DevicePage {
    /// The devices of this page.
    items: Vec<DeviceSummary>,
    /// Send it as `cursor` to get the next page; null on the last one.
    next: Option<String>,
    /// How many match in all.
    total: usize,
    /// How many match everything but the posture filter, by posture.
    by_posture: BTreeMap<String, usize>,
}

/// A device as listed.
#[derive(Serialize, JsonSchema)]
struct DeviceSummary {
    /// Its id.
    id: Ref<Device>,
    /// Public GUID.
    guid: String,
    /// Name shown.
    name: String,
    /// Owner.
    user: Ref<User>,
    /// Owner's name.
    user_name: String,
    /// Platform.
    platform: Word<Platform>,
    /// Mail client.
    client: Word<ClientKind>,
    /// State.
    state: Word<DeviceState>,
    /// The one word for its condition.
    posture: Word<Posture>,
    /// Name of the suite in force; empty without one.
    suite: String,
    /// Last contact.
    last_contact_at: Option<i64>,
    /// The wanted columns as texts; empty is unknown.
    columns: BTreeMap<String, String>,
}

pub(super) async fn list(
    call: Call,
    Params(query): Params<DeviceQuery>,
) -> Result<Json<DevicePage>, Problem> {
    let grid = query.grid()?;
    let page = devices::grid(&call.engine, &call.scope, &grid)?;
    let org = call.engine.directory().organization(call.scope.organization());
    let org = org.ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let known = devices::columns_in(&org);
    let wanted = query
        .columns()
        .iter()
        .map(|key| known.iter().find(|column| column.is_called(key)))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Problem::invalid("column", "There is no such column. The catalogue lists them."))?;
    let end = grid.offset + page.rows.len();
    Ok(Json(DevicePage {
        items: page.rows.iter().map(|row| summary(row, &org, &wanted)).collect(),
        next: (end < page.total && !page.rows.is_empty()).then(|| end.to_string()),
        total: page.total,
        by_posture: page.by_posture.into_iter().map(|(word, count)| (word.key().to_owned(), count)).collect(),
    }))
}

fn summary(row: &GridRow, org: &OrgIndex, wanted: &[&devices::Column]) -> DeviceSummary {
    DeviceSummary {
        id: row.device.id.into(),
        guid: row.device.guid.to_string(),
        name: row.device.name.clone(),
        user: row.user.id.into(),
        user_name: row.user.display_name.clone(),
        platform: Word(row.device.platform),
        client: Word(row.device.client),
        state: Word(row.device.state),
        posture: Word(row.posture),
        suite: row.suite.clone(),
        last_contact_at: row.last_contact,
        columns: wanted.iter().map(|column| (column.export_key(), row.cell(org, column))).collect(),
    }
}
