//! The numbers of the first page.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{Permission, Platform, RuleId, Target};
use domain::model::{ComplianceDay, Device};
use door::Access;
use engine::dashboard;
use engine::devices::Posture;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::endpoint::{Family, endpoint};
use super::input::{Call, Params};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    Family {
        name: "Dashboard",
        about: "Counts, and what needs somebody.",
        endpoints: vec![
            endpoint(
                Method::GET,
                "/api/v1/dashboard",
                Access::Needs(Permission::DevicesView),
                show,
                "Count everything",
            )
            .gives::<Dashboard>(),
            endpoint(
                Method::GET,
                "/api/v1/dashboard/course",
                Access::Needs(Permission::DevicesView),
                course,
                "Compliance over time",
            )
            .says(
                "A count for each day in the organization's time zone, oldest first; the last one is as it is now. A \
                 day on which the server did not run has none.",
            )
            .query::<Days>()
            .gives::<Course>(),
        ],
    }
}

/// The numbers of the first page.
#[derive(Serialize, JsonSchema)]
struct Dashboard {
    /// Users.
    users: usize,
    /// Devices that are enrolled or waiting.
    devices: usize,
    /// All devices by condition.
    by_posture: Vec<Count<Word<Posture>>>,
    /// Devices by platform, largest first.
    by_platform: Vec<Count<Word<Platform>>>,
    /// Findings by rule, most frequent first.
    by_rule: Vec<Count<Word<RuleId>>>,
    /// Devices whose mail is stopped by a rule.
    mail_stopped: usize,
    /// Devices that Cisco ISE is told are not compliant.
    network_stopped: usize,
    /// Devices waiting in quarantine.
    quarantined: usize,
    /// Destructive commands that wait for a second administrator.
    awaiting_approval: usize,
    /// Commands that wait for their devices.
    commands_waiting: usize,
    /// Devices by last contact: hour, day, week, longer, never.
    contact: BTreeMap<&'static str, usize>,
    /// Devices by policy: current, outdated, missing, refused.
    policy: BTreeMap<&'static str, usize>,
    /// Enrolments per day, the last 14 days, oldest first.
    enrolments: Vec<usize>,
    /// Devices that lose something if nothing changes.
    coming_count: usize,
    /// The eight that lose something first.
    coming: Vec<ComingInfo>,
    /// Devices that missed a check-in of their connection schedule.
    overdue_count: usize,
    /// The eight that missed most.
    overdue: Vec<OverdueInfo>,
}

/// A device that loses something if nothing changes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ComingRestriction")]
struct ComingInfo {
    /// The device.
    device: Ref<Device>,
    /// When.
    at: i64,
    /// The rule.
    rule: Word<RuleId>,
    /// What it loses.
    targets: Vec<Word<Target>>,
}

/// A device that missed check-ins.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OverdueDevice")]
struct OverdueInfo {
    /// The device.
    device: Ref<Device>,
    /// How many check-ins it missed.
    missed: u32,
}

/// How far back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Days {
    /// 1 to 800; 30 unless told.
    days: Option<i64>,
}

/// How an organization stood on each day.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ComplianceCourse")]
struct Course {
    /// The days, oldest first.
    items: Vec<DayInfo>,
}

/// How an organization stood on a day.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ComplianceDay")]
struct DayInfo {
    /// The day, `2026-01-31`.
    date: String,
    /// Devices by condition, without wiped and retired ones.
    by_posture: BTreeMap<String, u64>,
    /// Findings by rule.
    by_rule: BTreeMap<String, u64>,
    /// Devices whose mail was stopped.
    mail_stopped: u64,
    /// Devices that Cisco ISE was told are not compliant.
    network_stopped: u64,
}

/// How many of one kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}Count")]
struct Count<T> {
    /// The kind.
    key: T,
    /// How many.
    count: usize,
}

fn counts<T>(list: Vec<(T, usize)>) -> Vec<Count<Word<T>>> {
    list.into_iter().map(|(key, count)| Count { key: Word(key), count }).collect()
}

async fn show(call: Call) -> Result<Json<Dashboard>, Problem> {
    let sums = dashboard::dashboard(&call.engine, &call.scope)?;
    Ok(Json(Dashboard {
        users: sums.users,
        devices: sums.devices,
        by_posture: counts(sums.by_posture),
        by_platform: counts(sums.by_platform),
        by_rule: counts(sums.by_rule),
        mail_stopped: sums.mail_stopped,
        network_stopped: sums.network_stopped,
        quarantined: sums.quarantined,
        awaiting_approval: sums.awaiting_approval,
        commands_waiting: sums.commands_waiting,
        contact: ["hour", "day", "week", "longer", "never"].into_iter().zip(sums.contact).collect(),
        policy: ["current", "outdated", "missing", "refused"].into_iter().zip(sums.policy).collect(),
        enrolments: sums.enrolments,
        coming_count: sums.coming_count,
        coming: sums
            .coming
            .iter()
            .map(|next| ComingInfo {
                device: next.device.into(),
                at: next.at,
                rule: Word(next.rule),
                targets: next.targets.iter().map(Word).collect(),
            })
            .collect(),
        overdue_count: sums.overdue_count,
        overdue: sums
            .overdue
            .iter()
            .map(|late| OverdueInfo { device: late.device.into(), missed: late.missed() })
            .collect(),
    }))
}

/// "2026-01-31".
fn date(day: i64) -> String {
    let span = jiff::Span::new().try_days(day);
    let date = span.and_then(|span| jiff::civil::Date::constant(1970, 1, 1).checked_add(span));
    date.map(|date| date.to_string()).unwrap_or_default()
}

async fn course(call: Call, Params(asked): Params<Days>) -> Result<Json<Course>, Problem> {
    let sums = dashboard::dashboard(&call.engine, &call.scope)?;
    let kept = dashboard::course(&call.engine, &call.scope, asked.days.unwrap_or(30), &sums).await?;
    let day = |kept: ComplianceDay| DayInfo {
        date: date(kept.day),
        by_posture: kept.by_posture,
        by_rule: kept.by_rule,
        mail_stopped: kept.mail_stopped,
        network_stopped: kept.network_stopped,
    };
    Ok(Json(Course { items: kept.into_iter().map(day).collect() }))
}
