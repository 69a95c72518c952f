//! Approvals: what is held until a second person says yes.

mod change;
mod limit;

use axum::Json;
use catalog::Permission;
use domain::model::Device;
use door::Access;
use engine::approvals::{self, Held, HeldId, Witness};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Page;
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call};
use super::problem::Problem;
use super::words::Ref;

use change::{DetailInfo, Paged, show};
use limit::{
    Code, LimitInfo, LimitSettings, OutsideName, RecoveryCode, make_code, name_outside, replace_limit,
    show_limit,
};

const ALL: &str = "/api/v1/approvals";
const LIMITS: &str = "/api/v1/approvals/limit";

/// Items answered in one list.
const SHOWN: usize = 1_000;

pub(super) fn family() -> Family {
    let view = Access::Needs(Permission::DevicesView);
    let second = Access::Needs(Permission::DevicesWipeOverride);
    Family {
        name: "Approvals",
        about: "Destructive commands above the hourly limit, and changes that would newly withdraw mail or network from \
                more devices than the limit, are held until another administrator approves them with a second factor.",
        endpoints: vec![
            endpoint(Method::GET, ALL, view, list, "List what is held")
                .says("At most 1000, the oldest first; total says how many there are.")
                .gives::<Page<HeldInfo>>(),
            endpoint(Method::GET, "/api/v1/approvals/{change}", view, show, "Show a held change")
                .says("With the devices that would lose something if it were approved now, in the order of their ids.")
                .query::<Paged>()
                .gives::<DetailInfo>(),
            endpoint(Method::POST, "/api/v1/approvals/approve", second, approve, "Approve what is held")
                .says("Each item has its own outcome. No code is used up if nothing of it may be approved.")
                .body::<Approval>()
                .gives::<Page<Outcome>>(),
            endpoint(Method::POST, "/api/v1/approvals/recall", view, recall, "Recall what is held")
                .says("By whoever may approve, and whoever may order it.")
                .body::<Choice>()
                .gives::<Page<Outcome>>(),
            endpoint(Method::GET, LIMITS, view, show_limit, "Show the limit").gives::<LimitInfo>(),
            endpoint(
                Method::PUT,
                LIMITS,
                Access::Needs(Permission::OrganizationEdit),
                replace_limit,
                "Change the limit",
            )
            .says("What loosens it is held (202). The number is a system administrator's to change.")
            .body::<LimitSettings>()
            .gives::<LimitInfo>(),
            endpoint(
                Method::POST,
                "/api/v1/approvals/recovery-code",
                second,
                make_code,
                "Make the sealed recovery code",
            )
            .says("The only answer that ever holds it. It counts from the next day on; an older one stops working.")
            .body::<Code>()
            .gives::<RecoveryCode>(),
            endpoint(
                Method::PUT,
                "/api/v1/approvals/outside-approver",
                second,
                name_outside,
                "Name the outside approver",
            )
            .says(
                "The system administrator who approves from outside; null: none may. It counts from the next day on. As \
                 long as nobody was ever named, every system administrator may.",
            )
            .body::<OutsideName>()
            .gives::<LimitInfo>(),
        ],
    }
}

/// Something that is held.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Held")]
struct HeldInfo {
    /// Id of the command (`cmd_…`) or of the held change (`hld_…`).
    id: String,
    /// What would happen.
    what: String,
    /// The device of a command.
    device: Option<Ref<Device>>,
    /// How many devices a change would withdraw something from.
    withdraws: Option<u32>,
    /// The first of them, at most 100.
    devices: Vec<Ref<Device>>,
    /// Why it was ordered.
    note: String,
    /// Who ordered it.
    ordered_by: String,
    /// When.
    since: i64,
    /// When it expires unapproved.
    expires_at: Option<i64>,
    /// Why the caller cannot approve it; null: he can, with a code of his second factor.
    refusal: Option<String>,
}

/// Which of what is held.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HeldChoice")]
struct Choice {
    /// Ids; left out together with `all: true`.
    #[serde(default)]
    items: Vec<String>,
    /// Everything that is held.
    #[serde(default)]
    all: bool,
}

/// Which of what is held, and what an approver shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HeldApproval")]
struct Approval {
    /// Ids; left out together with `all: true`.
    #[serde(default)]
    items: Vec<String>,
    /// Everything that is held.
    #[serde(default)]
    all: bool,
    /// A code of the approver's second factor.
    code: String,
    /// The sealed recovery code of an organization with one administrator.
    #[serde(default)]
    recovery_code: String,
}

/// What became of one item.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldOutcome")]
struct Outcome {
    /// Its id.
    id: String,
    /// Why it was not done; null when it was.
    problem: Option<Problem>,
}

impl From<Held> for HeldInfo {
    fn from(held: Held) -> Self {
        Self {
            id: held.id.to_string(),
            what: held.what,
            device: held.device.map(Into::into),
            withdraws: held.withdraws,
            devices: held.devices.into_iter().map(Into::into).collect(),
            note: held.note,
            ordered_by: held.ordered_by,
            since: held.since,
            expires_at: held.expires_at,
            refusal: held.refusal,
        }
    }
}

async fn list(call: Call) -> Result<Json<Page<HeldInfo>>, Problem> {
    let (held, total) = approvals::list(&call.engine, &call.scope, SHOWN)?;
    let items = held.into_iter().map(Into::into).collect();
    Ok(Json(Page { items, next: None, total: Some(total) }))
}

fn chosen(call: &Call, items: &[String], all: bool) -> Result<Vec<HeldId>, Problem> {
    if all {
        let (held, _) = approvals::list(&call.engine, &call.scope, usize::MAX)?;
        return Ok(held.into_iter().map(|held| held.id).collect());
    }
    if items.is_empty() {
        return Err(Problem::invalid("items", "Name what you mean, or send all: true."));
    }
    let ids = items.iter().map(|id| id.parse()).collect::<Result<_, engine::Error>>()?;
    Ok(ids)
}

fn outcomes(all: Vec<(HeldId, engine::Result<()>)>) -> Json<Page<Outcome>> {
    let one = |(id, outcome): (HeldId, engine::Result<()>)| Outcome {
        id: id.to_string(),
        problem: outcome.err().map(Into::into),
    };
    Page::whole(all.into_iter().map(one).collect())
}

async fn approve(call: Call, Body(input): Body<Approval>) -> Result<Json<Page<Outcome>>, Problem> {
    let items = chosen(&call, &input.items, input.all)?;
    let witness = Witness { code: input.code, recovery_code: input.recovery_code };
    Ok(outcomes(approvals::approve(&call.engine, &call.scope, &items, &witness).await?))
}

async fn recall(call: Call, Body(input): Body<Choice>) -> Result<Json<Page<Outcome>>, Problem> {
    let items = chosen(&call, &input.items, input.all)?;
    Ok(outcomes(approvals::recall(&call.engine, &call.scope, &items).await))
}
