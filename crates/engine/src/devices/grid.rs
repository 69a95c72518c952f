//! The grid of devices: filter, sort, page, all from memory. Columns are the catalogue's facts and a few of the
//! record itself; their keys are the only names a request can sort or filter by.

use std::cmp::Ordering;
use std::sync::Arc;

use catalog::{FactType, FactValue, Permission, Platform};
use domain::Millis;
use domain::model::{Device, DeviceState, User};

use super::{Posture, posture};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// A column of the grid.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Key in addresses and exports.
    pub key: &'static str,
    /// Heading.
    pub label: &'static str,
    /// Shown unless the administrator chose otherwise.
    pub default: bool,
    /// Whether values are times.
    pub is_time: bool,
    source: ColumnSource,
}

#[derive(Debug, Clone, Copy)]
enum ColumnSource {
    Name,
    User,
    Email,
    Posture,
    Platform,
    Client,
    Liability,
    Suite,
    State,
    Macs,
    Guid,
    EasId,
    LastContact,
    Fact(catalog::FactId),
}

/// Every column: those of the record, then every fact that is not shown by one of them.
pub fn columns() -> Vec<Column> {
    use ColumnSource as S;
    let own = |key, label, default, source| Column { key, label, default, is_time: false, source };
    let mut all = vec![
        own("name", "Device", true, S::Name),
        own("user", "User", true, S::User),
        own("posture", "Status", true, S::Posture),
        own("platform", "Platform", true, S::Platform),
        own("client", "Mail client", false, S::Client),
        own("email", "E-mail", false, S::Email),
        own("liability", "Liability", false, S::Liability),
        own("suite", "Policy suite", true, S::Suite),
        own("state", "State", false, S::State),
        own("macs", "MAC addresses", false, S::Macs),
        own("guid", "GUID", false, S::Guid),
        own("eas_id", "ActiveSync id", false, S::EasId),
        Column {
            key: "last_contact",
            label: "Last contact",
            default: true,
            is_time: true,
            source: S::LastContact,
        },
    ];
    for (number, fact) in catalog::FACTS.iter().enumerate() {
        if !all.iter().any(|c| c.key == fact.key) {
            let id = catalog::FactId(number as u16);
            let is_time = fact.kind == FactType::Time;
            let default = matches!(fact.key, "model" | "os_version");
            all.push(Column { key: fact.key, label: fact.label, default, is_time, source: S::Fact(id) });
        }
    }
    all
}

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

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// Any of these words.
    Posture(Vec<Posture>),
    /// Any of these platforms.
    Platform(Vec<Platform>),
    /// Any of these states.
    State(Vec<DeviceState>),
    /// A column's text contains this (any letter case).
    Contains(String, String),
    /// No contact for at least so many hours.
    SilentHours(u32),
    /// Devices of one user.
    User(domain::model::UserId),
    /// Any of these rules is broken.
    Finding(Vec<catalog::RuleId>),
    /// The policy is in any of these states. Devices that are wiped or retired have none.
    Policy(Vec<crate::policy::PolicyState>),
    /// This suite is in force.
    Suite(domain::model::PolicySuiteId),
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

/// A page of devices.
///
/// # Errors
/// [`Error::Invalid`] for a column that does not exist.
pub fn grid(engine: &Engine, scope: &Scope, query: &GridQuery) -> Result<GridPage> {
    scope.require(Permission::DevicesView)?;
    let known = columns();
    let sort = match &query.sort {
        Some(sort) => Some((find_column(&known, &sort.column)?, sort.descending)),
        None => None,
    };
    for filter in &query.filters {
        if let Filter::Contains(key, _) = filter {
            find_column(&known, key)?;
        }
    }
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let now = engine.now();
    let text = query.text.trim().to_lowercase();
    let mut matching = Vec::new();
    let mut counts = [0usize; Posture::ALL.len()];
    for device in org.devices.iter() {
        let Some(user) = org.user(device.user) else { continue };
        if !matches_text(device, user, &text) {
            continue;
        }
        let seen = crate::presence::last_contact(engine, device);
        let word = posture(&org, device);
        let rest = query.filters.iter().filter(|f| !matches!(f, Filter::Posture(_)));
        if !rest.clone().all(|f| holds(f, &known, &org, device, user, word, seen, now)) {
            continue;
        }
        if let Some(at) = Posture::ALL.iter().position(|p| *p == word) {
            counts[at] += 1;
        }
        let wanted =
            query.filters.iter().all(|f| !matches!(f, Filter::Posture(list) if !list.contains(&word)));
        if wanted {
            matching.push((device, user, word, seen));
        }
    }
    let total = matching.len();
    let end = (query.offset + query.limit.clamp(1, 500)).min(total);
    order(&mut matching, sort, &org, end);
    let rows = matching
        .get(query.offset.min(end)..end)
        .unwrap_or_default()
        .iter()
        .map(|(device, user, posture, last_contact)| GridRow {
            device: Arc::clone(device),
            user: Arc::clone(user),
            posture: *posture,
            last_contact: *last_contact,
            suite: crate::policy::suite_of(&org, user, device).0.map(|s| s.name.clone()).unwrap_or_default(),
        })
        .collect();
    let by_posture = Posture::ALL.into_iter().zip(counts).collect();
    Ok(GridPage { rows, total, by_posture })
}

type Candidate<'a> = (&'a Arc<Device>, &'a Arc<User>, Posture, Option<Millis>);

/// Sorts only as much as the page needs: the first `end` rows are in order afterwards.
fn order(matching: &mut [Candidate<'_>], sort: Option<(&Column, bool)>, org: &OrgIndex, end: usize) {
    if end == 0 {
        return;
    }
    let compare = |a: &Candidate<'_>, b: &Candidate<'_>| -> Ordering {
        let by_number = a.0.number.cmp(&b.0.number);
        match sort {
            None => b.3.cmp(&a.3).then(by_number),
            Some((column, descending)) => {
                let keys = (sort_key(column, org, a), sort_key(column, org, b));
                // Unknown values come last in either direction.
                let order = match (&keys.0, &keys.1) {
                    (SortKey::Unknown, SortKey::Unknown) => Ordering::Equal,
                    (SortKey::Unknown, _) => Ordering::Greater,
                    (_, SortKey::Unknown) => Ordering::Less,
                    (x, y) if descending => y.cmp(x),
                    (x, y) => x.cmp(y),
                };
                order.then(by_number)
            }
        }
    };
    if end < matching.len() {
        matching.select_nth_unstable_by(end - 1, compare);
    }
    matching[..end].sort_unstable_by(compare);
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i64),
    Version(Vec<u32>),
    Text(String),
    Unknown,
}

fn sort_key(column: &Column, org: &OrgIndex, row: &Candidate<'_>) -> SortKey {
    match column.source {
        ColumnSource::LastContact => row.3.map_or(SortKey::Unknown, SortKey::Number),
        ColumnSource::Posture => SortKey::Number(row.2 as i64),
        ColumnSource::Fact(id) => match row.0.facts.get(id).map(|k| &k.value) {
            None => SortKey::Unknown,
            Some(FactValue::Int(n)) => SortKey::Number(*n),
            Some(FactValue::Bool(b)) => SortKey::Number(i64::from(*b)),
            Some(FactValue::Text(t)) if id.entry().kind == FactType::Version => {
                catalog::version_numbers(t).map_or(SortKey::Unknown, SortKey::Version)
            }
            Some(FactValue::Text(t)) => SortKey::Text(t.to_lowercase()),
        },
        _ => match text_of(column, org, row.0, row.1, row.2) {
            text if text.is_empty() => SortKey::Unknown,
            text => SortKey::Text(text.to_lowercase()),
        },
    }
}

fn find_column<'c>(known: &'c [Column], key: &str) -> Result<&'c Column> {
    known
        .iter()
        .find(|c| c.key == key)
        .ok_or_else(|| Error::invalid("column", format!("There is no column {key}.")))
}

#[expect(clippy::too_many_arguments, reason = "one row's values, computed once by the caller")]
fn holds(
    filter: &Filter,
    known: &[Column],
    org: &OrgIndex,
    device: &Device,
    user: &User,
    word: Posture,
    seen: Option<Millis>,
    now: Millis,
) -> bool {
    match filter {
        Filter::Posture(list) => list.contains(&word),
        Filter::Platform(list) => list.contains(&device.platform),
        Filter::State(list) => list.contains(&device.state),
        Filter::User(id) => device.user == *id,
        Filter::Finding(list) => device.verdict.findings.iter().any(|f| list.contains(&f.rule)),
        Filter::Policy(list) => {
            matches!(device.state, DeviceState::Enrolled | DeviceState::Quarantined)
                && list.contains(&crate::policy::state_of(org, device))
        }
        Filter::Suite(id) => crate::policy::suite_of(org, user, device).0.is_some_and(|s| s.id == *id),
        Filter::SilentHours(hours) => seen.is_none_or(|at| now - at >= i64::from(*hours) * 3_600_000),
        Filter::Contains(key, text) => known.iter().find(|c| c.key == key).is_some_and(|c| {
            text_of(c, org, device, user, word).to_lowercase().contains(&text.to_lowercase())
        }),
    }
}

/// Free text looks where people look: names, address, model, ids.
pub(super) fn matches_text(device: &Device, user: &User, text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let has = |field: &str| field.to_lowercase().contains(text);
    let facts =
        ["model", "friendly_name", "serial_number", "imei", "meid", "udid", "phone_number", "asset_tag"];
    let mac: String = text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_uppercase();
    has(&device.name)
        || has(&user.username)
        || has(&user.display_name)
        || has(&user.email)
        || facts.iter().any(|key| device.facts.text(key).is_some_and(has))
        || device.eas().is_some_and(|c| has(&c.external_id))
        || (mac.len() >= 4 && device.macs.iter().any(|m| m.contains(&mac)))
        || (text.len() >= 8 && device.guid.to_string().starts_with(text))
        || (text.len() >= 8 && device.id.to_string().starts_with(text))
}

impl GridRow {
    /// The text of a cell; empty for unknown. Times are milliseconds since 1970.
    pub fn cell(&self, org: &OrgIndex, column: &Column) -> String {
        match column.source {
            ColumnSource::LastContact => self.last_contact.map(|t| t.to_string()).unwrap_or_default(),
            _ => text_of(column, org, &self.device, &self.user, self.posture),
        }
    }
}

fn text_of(column: &Column, org: &OrgIndex, device: &Device, user: &User, word: Posture) -> String {
    match column.source {
        ColumnSource::Name => device.name.clone(),
        ColumnSource::User => user.display_name.clone(),
        ColumnSource::Email => user.email.clone(),
        ColumnSource::Posture => word.label().to_owned(),
        ColumnSource::Platform => device.platform.label().to_owned(),
        ColumnSource::Client => device.client.label().to_owned(),
        ColumnSource::Liability => {
            match domain::effective_liability(Some(device), user, &org.organization.settings).value {
                catalog::Liability::Corporate => "corporate".to_owned(),
                catalog::Liability::Individual => "individual".to_owned(),
            }
        }
        ColumnSource::Suite => {
            crate::policy::suite_of(org, user, device).0.map(|s| s.name.clone()).unwrap_or_default()
        }
        ColumnSource::State => format!("{:?}", device.state).to_lowercase(),
        ColumnSource::Macs => device.macs.join(" "),
        ColumnSource::Guid => device.guid.to_string(),
        ColumnSource::EasId => device.eas().map(|c| c.external_id.clone()).unwrap_or_default(),
        ColumnSource::LastContact => String::new(),
        ColumnSource::Fact(id) => match device.facts.get(id).map(|k| &k.value) {
            None => String::new(),
            Some(FactValue::Text(t)) => t.clone(),
            Some(FactValue::Bool(b)) => if *b { "yes" } else { "no" }.to_owned(),
            Some(FactValue::Int(n)) => n.to_string(),
        },
    }
}
