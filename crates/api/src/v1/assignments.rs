//! Bulk assignment: the same suite, mail server or group for many.

use axum::Json;
use catalog::Permission;
use domain::model::{ActiveSyncServer, Device, DeviceId, Group, PolicySuite};
use door::Access;
use engine::devices::{self, Assign, Plan};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::administrators::present;
use super::devices::DeviceQuery;
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::Ref;

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::DevicesView);
    Family {
        name: "Assignments",
        about: "The same policy suite, mail server or group for many devices and the users they belong to.",
        endpoints: vec![
            endpoint(Method::POST, "/api/v1/assignments", view, assign, "Assign to many devices and their users")
                .says(
                    "What is left out stays. Suites of devices need the permission `devices.edit`, suites and servers \
                     of users `users.edit`, groups `groups.edit`. With `dry_run` nothing is written and the answer says \
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
struct Assignment {
    /// The devices; either these or `found`. At most 50,000.
    devices: Option<Vec<Ref<Device>>>,
    /// All devices that these filters find, as in the list of devices; its page and columns mean nothing here.
    found: Option<DeviceQuery>,
    /// Suite of the devices' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<PolicySuite>>")]
    device_suite: Option<Option<Ref<PolicySuite>>>,
    /// Suite of their users' own; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<PolicySuite>>")]
    user_suite: Option<Option<Ref<PolicySuite>>>,
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
    /// Users that get another suite of their own.
    user_suite: usize,
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
            device_suite: plan.device_suite.len(),
            user_suite: plan.user_suite.len(),
            server: plan.server.len(),
            join: plan.join.len(),
            leave: plan.leave.len(),
            done,
        }
    }
}

async fn assign(call: Call, Body(input): Body<Assignment>) -> Result<Json<Assigned>, Problem> {
    let meant = meant(&call, &input)?;
    let what = Assign {
        device_suite: input.device_suite.map(|suite| suite.map(|id| id.0)),
        user_suite: input.user_suite.map(|suite| suite.map(|id| id.0)),
        server: input.server.map(|server| server.map(|id| id.0)),
        join: input.join.map(|id| id.0),
        leave: input.leave.map(|id| id.0),
    };
    let (engine, scope) = (&call.engine, &call.scope);
    if input.dry_run {
        return Ok(Json(Assigned::new(&devices::plan_assignment(engine, scope, &meant, &what)?, false)));
    }
    Ok(Json(Assigned::new(&devices::assign(engine, scope, &meant, &what).await?, true)))
}

fn meant(call: &Call, input: &Assignment) -> Result<Vec<DeviceId>, Problem> {
    match (&input.devices, &input.found) {
        (Some(list), None) => Ok(list.iter().map(|id| id.0).collect()),
        (None, Some(query)) => Ok(devices::found(&call.engine, &call.scope, &query.grid()?)?),
        _ => Err(Problem::invalid("devices", "Name either the devices or what finds them.")),
    }
}
