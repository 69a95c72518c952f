//! Bulk assignment: the same suite, schedule, liability, mail server or group for many.

use axum::Json;
use catalog::{Liability, Permission};
use domain::model::{ActiveSyncServer, Device, DeviceId, Group, PolicySuite, Schedule};
use door::Access;
use engine::assignment::Choices;
use engine::devices::{self, Assign, Plan};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::administrators::present;
use super::devices::DeviceQuery;
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::DevicesView);
    Family {
        name: "Assignments",
        about: "The same policy suite, connection schedule, liability, mail server or group for many devices and the users they belong to.",
        endpoints: vec![
            endpoint(Method::POST, "/api/v1/assignments", view, assign, "Assign to many devices and their users")
                .says(
                    "What is left out stays. What devices get of their own needs the permission `devices.edit`, what users \
                     get `users.edit`, groups `groups.edit`. With `dry_run` nothing is written and the answer says \
                     what would be.",
                )
                .body::<Assignment>()
                .gives::<Assigned>(),
        ],
    }
}

/// Who gets what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
#[schemars(rename = "Assignment")]
pub(super) struct Assignment {
    /// The devices; either these or `found`. At most 50,000.
    devices: Option<Vec<Ref<Device>>>,
    /// All devices that these filters find, as in the list of devices; its page and columns mean nothing here.
    found: Option<DeviceQuery>,
    /// Suite of the devices' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<PolicySuite>>")]
    device_suite: Option<Option<Ref<PolicySuite>>>,
    /// Connection schedule of the devices' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<Schedule>>")]
    device_schedule: Option<Option<Ref<Schedule>>>,
    /// Liability of the devices' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Word<Liability>>")]
    device_liability: Option<Option<Word<Liability>>>,
    /// Suite of their users' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<PolicySuite>>")]
    user_suite: Option<Option<Ref<PolicySuite>>>,
    /// Connection schedule of their users' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<Schedule>>")]
    user_schedule: Option<Option<Ref<Schedule>>>,
    /// Liability of their users' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Word<Liability>>")]
    user_liability: Option<Option<Word<Liability>>>,
    /// ActiveSync server of their users' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<ActiveSyncServer>>")]
    server: Option<Option<Ref<ActiveSyncServer>>>,
    /// Group that their users join.
    join: Option<Ref<Group>>,
    /// Group that their users leave.
    leave: Option<Ref<Group>>,
    /// Only say what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// Whom an assignment changed, or would change. Who had it already is not counted.
#[derive(Serialize, JsonSchema)]
struct Assigned {
    /// Devices that were meant.
    devices: usize,
    /// Users they belong to.
    users: usize,
    /// Devices that get another suite of their own.
    device_suite: usize,
    /// Devices that get another connection schedule of their own.
    device_schedule: usize,
    /// Devices that get another liability of their own.
    device_liability: usize,
    /// Users that get another suite of their own.
    user_suite: usize,
    /// Users that get another connection schedule of their own.
    user_schedule: usize,
    /// Users that get another liability of their own.
    user_liability: usize,
    /// Users that get another server of their own.
    server: usize,
    /// Users that join.
    join: usize,
    /// Users that leave.
    leave: usize,
    /// Whether this was done.
    done: bool,
}

impl Assigned {
    fn new(plan: &Plan, done: bool) -> Self {
        Self {
            devices: plan.devices,
            users: plan.users,
            device_suite: plan.device.suite.len(),
            device_schedule: plan.device.schedule.len(),
            device_liability: plan.device.liability.len(),
            user_suite: plan.user.suite.len(),
            user_schedule: plan.user.schedule.len(),
            user_liability: plan.user.liability.len(),
            server: plan.server.len(),
            join: plan.join.len(),
            leave: plan.leave.len(),
            done,
        }
    }
}

pub(super) fn what(input: &Assignment) -> Assign {
    let device = choices(input.device_suite, input.device_schedule, input.device_liability);
    let user = choices(input.user_suite, input.user_schedule, input.user_liability);
    Assign {
        device,
        user,
        server: input.server.map(|server| server.map(|id| id.0)),
        join: input.join.map(|id| id.0),
        leave: input.leave.map(|id| id.0),
    }
}

/// What is chosen for a device or user itself; absent, null and a value are three things.
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
pub(super) fn choices(
    suite: Option<Option<Ref<PolicySuite>>>,
    schedule: Option<Option<Ref<Schedule>>>,
    liability: Option<Option<Word<Liability>>>,
) -> Choices {
    Choices {
        suite: suite.map(|suite| suite.map(|id| id.0)),
        schedule: schedule.map(|schedule| schedule.map(|id| id.0)),
        liability: liability.map(|liability| liability.map(|word| word.0)),
    }
}

async fn assign(call: Call, Body(input): Body<Assignment>) -> Result<Json<Assigned>, Problem> {
    let meant = meant(&call, &input)?;
    let what = what(&input);
    let (engine, scope) = (&call.engine, &call.scope);
    if input.dry_run {
        return Ok(Json(Assigned::new(&devices::plan_assignment(engine, scope, &meant, &what)?, false)));
    }
    Ok(Json(Assigned::new(&devices::assign(engine, scope, &meant, &what).await?, true)))
}

pub(super) fn meant(call: &Call, input: &Assignment) -> Result<Vec<DeviceId>, Problem> {
    match (&input.devices, &input.found) {
        (Some(list), None) => Ok(list.iter().map(|id| id.0).collect()),
        (None, Some(query)) => Ok(devices::found(&call.engine, &call.scope, &query.grid()?)?),
        _ => Err(Problem::invalid("devices", "Name either the devices or what finds them.")),
    }
}
