//! The numbers of the first page.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{Permission, Platform, RuleId};
use door::Access;
use engine::dashboard;
use engine::devices::Posture;
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use super::endpoint::{Family, endpoint};
use super::input::Call;
use super::problem::Problem;
use super::words::Word;

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
    }))
}
