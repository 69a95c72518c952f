//! Commands: ordering, following, taking back, approving.

use axum::Json;
use catalog::{CommandKind, Permission};
use domain::model::{CommandState, Device, OrderedCommand, Origin};
use door::{Access, Path};
use engine::approvals::{self, HeldId, Witness};
use engine::commands;
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::{Ref, Word};

/// Devices in one order for many.
const MANY: usize = 1_000;

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::DevicesView);
    let of_device = "/api/v1/devices/{device}/commands";
    Family {
        name: "Commands",
        about: "What is ordered for devices. Ordering, cancelling and approving need the permission of the kind of \
                command, as the catalogue lists it. Above the limit on destructive commands an order waits for a \
                second administrator, see Approvals.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/commands", view, live, "List commands that are not over")
                .gives::<Page<CommandInfo>>(),
            endpoint(Method::POST, "/api/v1/commands", view, order_many, "Order the same for many devices")
                .says("Each device has its own outcome; at most 1000 devices. What takes access from more devices than \
                       the limit allows in an hour is held as a whole: 202, as under Approvals.")
                .body::<OrderForMany>()
                .gives::<Page<Outcome>>(),
            endpoint(Method::GET, "/api/v1/commands/{command}", view, show, "Show a command")
                .gives::<CommandInfo>(),
            endpoint(
                Method::POST,
                "/api/v1/commands/{command}/cancel",
                view,
                cancel,
                "Take a command back",
            )
            .says("Possible until the device has been told.")
            .gives::<CommandInfo>(),
            endpoint(
                Method::POST,
                "/api/v1/commands/{command}/approve",
                Access::Needs(Permission::DevicesWipeOverride),
                approve,
                "Approve a command above the hourly limit",
            )
            .says(
                "By another administrator than the one who ordered it, with a code of the second factor. Nobody had a \
                 hand in either account in the last 24 hours.",
            )
            .body::<Approval>()
            .gives::<CommandInfo>(),
            endpoint(Method::GET, of_device, view, list_of_device, "List a device's commands, newest first")
                .gives::<Page<CommandInfo>>(),
            endpoint(Method::POST, of_device, view, order, "Order a command for a device")
                .says("What the server can do alone is done with this answer. An equal order that is not over is \
                       answered instead of a second one.")
                .body::<Order>()
                .creates::<CommandInfo>(),
        ],
    }
}

/// An ordered command.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Command")]
pub(super) struct CommandInfo {
    /// Its id.
    id: Ref<OrderedCommand>,
    /// The device.
    device: Ref<Device>,
    /// What.
    kind: Word<CommandKind>,
    /// State.
    state: Word<CommandState>,
    /// Why it is in this state.
    reason: String,
    /// What happens next; empty when it is over.
    next: String,
    /// When that is due, if a time is known.
    next_at: Option<i64>,
    /// Why it was ordered.
    note: String,
    /// Who ordered it.
    ordered_by: String,
    /// Where.
    origin: Word<Origin>,
    /// When.
    ordered_at: i64,
    /// The second administrator who approved it.
    approved_by: Option<String>,
    /// When the device was told first.
    sent_at: Option<i64>,
    /// When it was over.
    finished_at: Option<i64>,
}

impl From<&OrderedCommand> for CommandInfo {
    fn from(c: &OrderedCommand) -> Self {
        Self {
            id: c.id.into(),
            device: c.device.into(),
            kind: Word(c.kind),
            state: Word(c.state),
            reason: c.reason.clone(),
            next: c.next.clone(),
            next_at: c.next_at,
            note: c.note.clone(),
            ordered_by: c.ordered_by.to_string(),
            origin: Word(c.origin),
            ordered_at: c.ordered_at,
            approved_by: c.approved_by.as_ref().map(ToString::to_string),
            sent_at: c.sent_at,
            finished_at: c.finished_at,
        }
    }
}

/// An order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CommandOrder")]
struct Order {
    /// What.
    kind: Word<CommandKind>,
    /// Why; for a block the reason shown to the user. At most 500 characters are kept.
    #[serde(default)]
    note: String,
}

/// What an approver shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    /// A code of the approver's second factor.
    code: String,
    /// The sealed recovery code of an organization with one administrator.
    #[serde(default)]
    recovery_code: String,
}

/// An order for many devices.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OrderForMany {
    /// The devices, at most 1000.
    devices: Vec<Ref<Device>>,
    /// What.
    kind: Word<CommandKind>,
    /// Why.
    #[serde(default)]
    note: String,
}

/// What became of one device's order: a command or a problem.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CommandOutcome")]
struct Outcome {
    /// The device.
    device: Ref<Device>,
    /// The command, if it was ordered.
    command: Option<CommandInfo>,
    /// Why it was not.
    problem: Option<Problem>,
}

async fn live(call: Call) -> Result<Json<Page<CommandInfo>>, Problem> {
    let all = commands::live(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(|c| c.as_ref().into()).collect()))
}

async fn show(call: Call, Path(id): Path<Ref<OrderedCommand>>) -> Result<Json<CommandInfo>, Problem> {
    Ok(Json((&commands::get(&call.engine, &call.scope, id.0).await?).into()))
}

async fn cancel(call: Call, Path(id): Path<Ref<OrderedCommand>>) -> Result<Json<CommandInfo>, Problem> {
    commands::cancel(&call.engine, &call.scope, id.0).await?;
    show(call, Path(id)).await
}

async fn approve(
    call: Call,
    Path(id): Path<Ref<OrderedCommand>>,
    Body(input): Body<Approval>,
) -> Result<Json<CommandInfo>, Problem> {
    let witness = Witness { code: input.code, recovery_code: input.recovery_code };
    let items = [HeldId::Command(id.0)];
    for (_, outcome) in approvals::approve(&call.engine, &call.scope, &items, &witness).await? {
        outcome?;
    }
    show(call, Path(id)).await
}

async fn list_of_device(
    call: Call,
    Path(device): Path<Ref<Device>>,
) -> Result<Json<Page<CommandInfo>>, Problem> {
    let all = engine::devices::commands(&call.engine, &call.scope, device.0).await?;
    Ok(Page::whole(all.iter().map(Into::into).collect()))
}

async fn order(
    call: Call,
    Path(device): Path<Ref<Device>>,
    Body(input): Body<Order>,
) -> Result<Created<CommandInfo>, Problem> {
    let order = commands::Order { device: device.0, kind: input.kind.0, note: input.note };
    let ordered = commands::order(&call.engine, &call.scope, order).await?;
    Ok(Created(format!("/api/v1/commands/{}", ordered.id), ordered.as_ref().into()))
}

async fn order_many(call: Call, Body(input): Body<OrderForMany>) -> Result<Json<Page<Outcome>>, Problem> {
    if input.devices.is_empty() || input.devices.len() > MANY {
        return Err(Problem::invalid("devices", format!("Name 1 to {MANY} devices.")));
    }
    call.scope.require(input.kind.0.entry().permission)?;
    let ids: Vec<_> = input.devices.iter().map(|id| id.0).collect();
    let outcomes = commands::order_many(&call.engine, &call.scope, &ids, input.kind.0, &input.note).await?;
    let items = outcomes.into_iter().map(|(device, outcome)| {
        let (command, problem) = match outcome {
            Ok(command) => (Some(command.as_ref().into()), None),
            Err(error) => (None, Some(error.into())),
        };
        Outcome { device: device.into(), command, problem }
    });
    Ok(Page::whole(items.collect()))
}
