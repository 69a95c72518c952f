//! Columns: those of the record, every fact of the catalogue, and the organization's own ones.

use std::borrow::Cow;
use std::sync::Arc;

use catalog::{FactType, FactValue};
use domain::model::{CustomColumn, CustomScope, Device, User};

use super::Posture;
use crate::custom_columns;
use crate::{Error, OrgIndex, Result};

/// A column of the grid.
#[derive(Debug, Clone)]
pub struct Column {
    /// Key in addresses; of an organization's own column its id, which outlives its name.
    pub key: Cow<'static, str>,
    /// Heading.
    pub label: Cow<'static, str>,
    /// Shown unless the administrator chose otherwise.
    pub default: bool,
    /// Whether values are times.
    pub is_time: bool,
    pub(super) source: ColumnSource,
}

#[derive(Debug, Clone)]
pub(super) enum ColumnSource {
    Name,
    User,
    Email,
    Posture,
    Platform,
    Client,
    Liability,
    Suite,
    Groups,
    Server,
    State,
    Macs,
    Guid,
    EasId,
    LastContact,
    Schedule,
    NextCheckIn,
    MissedCheckIns,
    Fact(catalog::FactId),
    Custom(Arc<CustomColumn>),
}

impl Column {
    /// Whether a program means this column: by key, or an organization's own one as `custom:name`.
    pub fn is_called(&self, name: &str) -> bool {
        self.key == name || (matches!(self.source, ColumnSource::Custom(_)) && self.export_key() == name)
    }

    /// What the column is called in files for programs.
    pub fn export_key(&self) -> String {
        match &self.source {
            ColumnSource::Custom(column) => custom_columns::field(column),
            _ => self.key.to_string(),
        }
    }
}

/// Every column: those of the record, then every fact that is not shown by one of them.
pub fn columns() -> Vec<Column> {
    use ColumnSource as S;
    let own = |key: &'static str, label: &'static str, default, source| Column {
        key: key.into(),
        label: label.into(),
        default,
        is_time: false,
        source,
    };
    let mut all = vec![
        own("name", "Device", true, S::Name),
        own("user", "User", true, S::User),
        own("posture", "Status", true, S::Posture),
        own("platform", "Platform", true, S::Platform),
        own("client", "Mail client", false, S::Client),
        own("email", "E-mail", false, S::Email),
        own("liability", "Liability", false, S::Liability),
        own("suite", "Policy suite", true, S::Suite),
        own("groups", "Groups", false, S::Groups),
        own("server", "Mail server", false, S::Server),
        own("state", "State", false, S::State),
        own("macs", "MAC addresses", false, S::Macs),
        own("guid", "GUID", false, S::Guid),
        own("eas_id", "ActiveSync id", false, S::EasId),
        Column {
            key: "last_contact".into(),
            label: "Last contact".into(),
            default: true,
            is_time: true,
            source: S::LastContact,
        },
        own("schedule", "Connection schedule", false, S::Schedule),
        Column {
            key: "next_check_in".into(),
            label: "Next check-in".into(),
            default: false,
            is_time: true,
            source: S::NextCheckIn,
        },
        own("missed_check_ins", "Missed check-ins", false, S::MissedCheckIns),
    ];
    for (number, fact) in catalog::FACTS.iter().enumerate() {
        if !all.iter().any(|c| c.key == fact.key) {
            let id = catalog::FactId(number as u16);
            let is_time = fact.kind == FactType::Time;
            let default = matches!(fact.key, "model" | "os_version");
            let (key, label) = (fact.key.into(), fact.label.into());
            all.push(Column { key, label, default, is_time, source: S::Fact(id) });
        }
    }
    all
}

/// The same with the organization's own columns: those of devices, then those of their users.
pub fn columns_in(org: &OrgIndex) -> Vec<Column> {
    let mut all = columns();
    for scope in [CustomScope::Device, CustomScope::User] {
        all.extend(custom_columns::of_scope(org, scope).map(|column| Column {
            key: column.id.to_string().into(),
            label: column.name.clone().into(),
            default: false,
            is_time: false,
            source: ColumnSource::Custom(Arc::new(column.clone())),
        }));
    }
    all
}

/// The column of this key.
pub(super) fn find_column<'c>(known: &'c [Column], key: &str) -> Result<&'c Column> {
    known
        .iter()
        .find(|c| c.is_called(key))
        .ok_or_else(|| Error::invalid("column", format!("There is no column {key}.")))
}

/// The text of a cell; empty for unknown.
pub(super) fn text_of(
    column: &Column,
    org: &OrgIndex,
    device: &Device,
    user: &User,
    word: Posture,
) -> String {
    match &column.source {
        ColumnSource::Name => device.name.clone(),
        ColumnSource::User => user.display_name.clone(),
        ColumnSource::Email => user.email.clone(),
        ColumnSource::Posture => word.label().to_owned(),
        ColumnSource::Platform => device.platform.label().to_owned(),
        ColumnSource::Client => device.client.label().to_owned(),
        ColumnSource::Liability => match crate::assignment::liability_of(org, user, Some(device)).value {
            catalog::Liability::Corporate => "corporate".to_owned(),
            catalog::Liability::Individual => "individual".to_owned(),
        },
        ColumnSource::Suite => {
            let suite = crate::assignment::suite_of(org, user, Some(device)).0;
            suite.map(|s| s.name.clone()).unwrap_or_default()
        }
        ColumnSource::Groups => {
            let groups = org.groups_of_ranked(user);
            groups.iter().map(|g| g.name.as_str()).collect::<Vec<_>>().join(", ")
        }
        ColumnSource::Server => {
            crate::assignment::server_of(org, user).map(|s| s.value.name.clone()).unwrap_or_default()
        }
        ColumnSource::State => format!("{:?}", device.state).to_lowercase(),
        ColumnSource::Macs => device.macs.join(" "),
        ColumnSource::Guid => device.guid.to_string(),
        ColumnSource::EasId => device.eas().map(|c| c.external_id.clone()).unwrap_or_default(),
        ColumnSource::Schedule => {
            crate::schedules::Plan::of(org, device).map(|plan| plan.schedule.name.clone()).unwrap_or_default()
        }
        ColumnSource::LastContact | ColumnSource::NextCheckIn | ColumnSource::MissedCheckIns => String::new(),
        ColumnSource::Fact(id) => match device.facts.get(*id).map(|k| &k.value) {
            None => String::new(),
            Some(FactValue::Text(t)) => t.clone(),
            Some(FactValue::Bool(b)) => if *b { "yes" } else { "no" }.to_owned(),
            Some(FactValue::Int(n)) => n.to_string(),
        },
        ColumnSource::Custom(column) => {
            custom_columns::shown(column, values(column, device, user)).to_owned()
        }
    }
}

/// The values among which a custom column's stands.
pub(super) fn values<'d>(
    column: &CustomColumn,
    device: &'d Device,
    user: &'d User,
) -> &'d domain::model::CustomValues {
    match column.scope {
        CustomScope::User => &user.custom,
        CustomScope::Device => &device.custom,
    }
}
