//! Approvals: what is held until a second person says yes.

use axum::Json;
use catalog::{Permission, RuleId, Target};
use domain::model::{Device, GovernorSettings, HeldChange};
use door::{Access, Path};
use engine::approvals::{self, Held, HeldId, Limits, Losing, Witness};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Page;
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Params};
use super::problem::Problem;
use super::words::{Ref, Word};

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

/// A held change, looked at.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldChange")]
struct DetailInfo {
    /// What the list says of it.
    held: HeldInfo,
    /// The change itself, as it is kept.
    change: serde_json::Value,
    /// Why it cannot be made any more; empty: it can.
    impossible: String,
    /// The devices of this page.
    devices: Vec<LosingInfo>,
    /// Send it as `cursor` to get the next page; null on the last one.
    next: Option<Ref<Device>>,
    /// How many devices would lose something now.
    total: usize,
}

/// What one device would lose, and why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldLoss")]
struct LosingInfo {
    /// The device.
    device: Ref<Device>,
    /// What.
    targets: Vec<Word<Target>>,
    /// When; null: at once.
    at: Option<i64>,
    /// The rules that close them.
    because: Vec<ReasonInfo>,
    /// Why it may lose its mail, though nobody can know beforehand; null: nothing of the kind.
    risk: Option<String>,
}

/// Why a device would lose something.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldReason")]
struct ReasonInfo {
    /// The rule.
    rule: Word<RuleId>,
    /// What it found.
    detail: String,
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HeldPage")]
struct Paged {
    /// The last device of the page before.
    cursor: Option<Ref<Device>>,
    /// 1 to 5000; 500 unless told.
    limit: Option<usize>,
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

/// What is chosen of the limit.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LimitSettings {
    /// Destructive commands in an hour, and devices that one change may withdraw something from; null: five, or one in a
    /// hundred devices, whichever is more.
    limit: Option<u32>,
    /// Wipes that the mail server announces are always relayed at once.
    always_relay: bool,
    /// Days after which what is held expires, 1 to 90.
    held_days: u32,
}

/// The limit as it stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Limit")]
struct LimitInfo {
    /// What was chosen.
    settings: LimitSettings,
    /// The limit in force.
    in_force: u32,
    /// Destructive commands let through in the last hour of running time.
    spent: u64,
    /// Devices that lost mail or network in the last hour by changes that needed no second person; together with them a
    /// change may take it from as many as the limit says.
    withdrawn: u64,
    /// When the sealed recovery code was made; null: there is none.
    recovery_code_made_at: Option<i64>,
    /// Who was named to approve from outside; null: nobody ever was, so every system administrator may.
    outside_approver: Option<OutsideInfo>,
    /// How many others than the caller could approve at this moment.
    others: usize,
}

/// Who was named to approve from outside.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OutsideApprover")]
struct OutsideInfo {
    /// Sign-in name; null: nobody may.
    username: Option<String>,
    /// When.
    named_at: i64,
    /// Whether it counts already.
    counts: bool,
}

/// Whom to name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OutsideApproverChoice")]
struct OutsideName {
    /// Sign-in name of a system administrator; null names nobody.
    username: Option<String>,
    /// Six digits of the app, or a recovery code of one's own.
    code: String,
}

impl From<Limits> for LimitInfo {
    fn from(limits: Limits) -> Self {
        let GovernorSettings { limit, always_relay, held_days } = limits.settings;
        Self {
            settings: LimitSettings { limit, always_relay, held_days },
            in_force: limits.limit,
            spent: limits.spent,
            withdrawn: limits.withdrawn,
            recovery_code_made_at: limits.recovery_code_made_at,
            outside_approver: limits.outside.map(|outside| OutsideInfo {
                username: outside.username,
                named_at: outside.named_at,
                counts: outside.counts,
            }),
            others: limits.others,
        }
    }
}

/// A code of the second factor.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RecoveryCodeRequest")]
struct Code {
    /// Six digits of the app, or a recovery code of one's own.
    code: String,
}

/// The sealed recovery code.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SealedRecoveryCode")]
struct RecoveryCode {
    /// It is not kept and cannot be shown again.
    recovery_code: String,
}

async fn show(
    call: Call,
    Path(id): Path<Ref<HeldChange>>,
    Params(paged): Params<Paged>,
) -> Result<Json<DetailInfo>, Problem> {
    let limit = paged.limit.unwrap_or(500);
    if !(1..=5_000).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 5000."));
    }
    let after = paged.cursor.map(|device| device.0);
    let mut found = approvals::detail(&call.engine, &call.scope, id.0, after, limit + 1).await?;
    let more = found.losing.len() > limit;
    found.losing.truncate(limit);
    let devices: Vec<LosingInfo> = found.losing.into_iter().map(Into::into).collect();
    Ok(Json(DetailInfo {
        held: found.held.into(),
        change: found.change,
        impossible: found.impossible,
        next: devices.last().filter(|_| more).map(|last| last.device),
        devices,
        total: found.total,
    }))
}

impl From<Losing> for LosingInfo {
    fn from(losing: Losing) -> Self {
        let because = losing.because.into_iter();
        Self {
            device: losing.device.into(),
            targets: losing.targets.iter().map(Word).collect(),
            at: losing.at,
            because: because.map(|(rule, detail)| ReasonInfo { rule: Word(rule), detail }).collect(),
            risk: losing.risk.map(|risk| risk.words().to_owned()),
        }
    }
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

async fn show_limit(call: Call) -> Result<Json<LimitInfo>, Problem> {
    Ok(Json(approvals::limits(&call.engine, &call.scope)?.into()))
}

async fn replace_limit(call: Call, Body(input): Body<LimitSettings>) -> Result<Json<LimitInfo>, Problem> {
    let LimitSettings { limit, always_relay, held_days } = input;
    let new = GovernorSettings { limit, always_relay, held_days };
    approvals::edit_limits(&call.engine, &call.scope, new).await?;
    show_limit(call).await
}

async fn name_outside(call: Call, Body(input): Body<OutsideName>) -> Result<Json<LimitInfo>, Problem> {
    let username = input.username.unwrap_or_default();
    approvals::name_outside(&call.engine, &call.scope, &username, &input.code).await?;
    show_limit(call).await
}

async fn make_code(call: Call, Body(input): Body<Code>) -> Result<Json<RecoveryCode>, Problem> {
    let recovery_code = approvals::make_recovery_code(&call.engine, &call.scope, &input.code).await?;
    Ok(Json(RecoveryCode { recovery_code }))
}
