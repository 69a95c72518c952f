//! The limit itself, and who stands outside: the named approver, and the sealed recovery code.

use axum::Json;
use domain::model::GovernorSettings;
use engine::approvals::{self, Limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::input::{Body, Call};
use super::super::problem::Problem;

/// What is chosen of the limit.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitSettings {
    /// Destructive commands in an hour, and devices that one change may withdraw something from; null: five, or one in a
    /// hundred devices, whichever is more.
    pub(super) limit: Option<u32>,
    /// Wipes that the mail server announces are always relayed at once.
    pub(super) always_relay: bool,
    /// Days after which what is held expires, 1 to 90.
    pub(super) held_days: u32,
}

/// The limit as it stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Limit")]
pub(super) struct LimitInfo {
    /// What was chosen.
    pub(super) settings: LimitSettings,
    /// The limit in force.
    pub(super) in_force: u32,
    /// Destructive commands let through in the last hour of running time.
    pub(super) spent: u64,
    /// Devices that lost mail or network in the last hour by changes that needed no second person; together with them a
    /// change may take it from as many as the limit says.
    pub(super) withdrawn: u64,
    /// When the sealed recovery code was made; null: there is none.
    pub(super) recovery_code_made_at: Option<i64>,
    /// Who was named to approve from outside; null: nobody ever was, so every system administrator may.
    pub(super) outside_approver: Option<OutsideInfo>,
    /// How many others than the caller could approve at this moment.
    pub(super) others: usize,
}

/// Who was named to approve from outside.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OutsideApprover")]
pub(super) struct OutsideInfo {
    /// Sign-in name; null: nobody may.
    pub(super) username: Option<String>,
    /// When.
    pub(super) named_at: i64,
    /// Whether it counts already.
    pub(super) counts: bool,
}

/// Whom to name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OutsideApproverChoice")]
pub(super) struct OutsideName {
    /// Sign-in name of a system administrator; null names nobody.
    pub(super) username: Option<String>,
    /// Six digits of the app, or a recovery code of one's own.
    pub(super) code: String,
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
pub(super) struct Code {
    /// Six digits of the app, or a recovery code of one's own.
    pub(super) code: String,
}

/// The sealed recovery code.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SealedRecoveryCode")]
pub(super) struct RecoveryCode {
    /// It is not kept and cannot be shown again.
    pub(super) recovery_code: String,
}

pub(super) async fn show_limit(call: Call) -> Result<Json<LimitInfo>, Problem> {
    Ok(Json(approvals::limits(&call.engine, &call.scope)?.into()))
}

pub(super) async fn replace_limit(
    call: Call,
    Body(input): Body<LimitSettings>,
) -> Result<Json<LimitInfo>, Problem> {
    let LimitSettings { limit, always_relay, held_days } = input;
    let new = GovernorSettings { limit, always_relay, held_days };
    approvals::edit_limits(&call.engine, &call.scope, new).await?;
    show_limit(call).await
}

pub(super) async fn name_outside(
    call: Call,
    Body(input): Body<OutsideName>,
) -> Result<Json<LimitInfo>, Problem> {
    let username = input.username.unwrap_or_default();
    approvals::name_outside(&call.engine, &call.scope, &username, &input.code).await?;
    show_limit(call).await
}

pub(super) async fn make_code(call: Call, Body(input): Body<Code>) -> Result<Json<RecoveryCode>, Problem> {
    let recovery_code = approvals::make_recovery_code(&call.engine, &call.scope, &input.code).await?;
    Ok(Json(RecoveryCode { recovery_code }))
}
