//! Which devices are wanted.

use catalog::Platform;
use domain::Millis;
use domain::model::{Device, DeviceState, User};

use super::columns::text_of;
use super::order::Candidate;
use super::{Column, Posture};
use crate::OrgIndex;

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
    /// The owner is in any of these groups.
    Group(Vec<domain::model::GroupId>),
    /// This connection schedule is in force.
    Schedule(domain::model::ScheduleId),
    /// At least so many check-ins of its schedule were missed.
    Overdue(u32),
    /// Something is taken away within so many hours if nothing changes.
    Coming(u32),
}

/// Whether a device is wanted, but for its posture, by which it is counted.
pub(super) fn holds(filter: &Filter, known: &[Column], org: &OrgIndex, row: &Candidate, now: Millis) -> bool {
    let (device, user) = (&row.device, &row.user);
    match filter {
        Filter::Posture(_) => true,
        Filter::Platform(list) => list.contains(&device.platform),
        Filter::State(list) => list.contains(&device.state),
        Filter::User(id) => device.user == *id,
        Filter::Finding(list) => device.verdict.findings.iter().any(|f| list.contains(&f.rule)),
        Filter::Policy(list) => {
            matches!(device.state, DeviceState::Enrolled | DeviceState::Quarantined)
                && list.contains(&crate::policy::state_of(org, device))
        }
        Filter::Suite(id) => {
            crate::assignment::suite_of(org, user, Some(device)).0.is_some_and(|s| s.id == *id)
        }
        Filter::Group(list) => user.groups.iter().any(|id| list.contains(id)),
        Filter::Schedule(id) => {
            crate::schedules::Plan::of(org, device).is_some_and(|plan| plan.schedule.id == *id)
        }
        Filter::Overdue(missed) => row.standing.as_ref().is_some_and(|s| s.missed >= (*missed).max(1)),
        Filter::Coming(hours) => device
            .verdict
            .announced()
            .is_some_and(|(finding, _)| finding.restricts_at - now <= i64::from(*hours) * 3_600_000),
        Filter::SilentHours(hours) => row.seen.is_none_or(|at| now - at >= i64::from(*hours) * 3_600_000),
        Filter::Contains(key, text) => known.iter().find(|c| c.is_called(key)).is_some_and(|c| {
            text_of(c, org, device, user, row.posture).to_lowercase().contains(&text.to_lowercase())
        }),
    }
}

/// Free text looks where people look: names, address, model, ids.
pub(in crate::devices) fn matches_text(device: &Device, user: &User, text: &str) -> bool {
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
