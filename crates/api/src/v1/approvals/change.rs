//! One held change: what it says, and who would lose what.

use axum::Json;
use catalog::{RuleId, Target};
use domain::model::{Device, HeldChange};
use door::Path;
use engine::approvals::{self, Line, Losing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::input::{Call, Params};
use super::super::problem::Problem;
use super::super::words::{Ref, Word};
use super::HeldInfo;

/// A held change, looked at.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldChange")]
pub(super) struct DetailInfo {
    /// What the list says of it.
    pub(super) held: HeldInfo,
    /// What it makes different.
    pub(super) says: Vec<LineInfo>,
    /// Why it cannot be made any more; empty: it can.
    pub(super) impossible: String,
    /// The devices of this page.
    pub(super) devices: Vec<LosingInfo>,
    /// Send it as `cursor` to get the next page; null on the last one.
    pub(super) next: Option<Ref<Device>>,
    /// How many devices would lose something now.
    pub(super) total: usize,
}

/// One thing that a change makes different.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldLine")]
pub(super) struct LineInfo {
    /// What it is about.
    pub(super) label: String,
    /// What holds now, names instead of ids; empty where that says nothing.
    pub(super) before: String,
    /// What would hold.
    pub(super) after: String,
}

impl From<Line> for LineInfo {
    fn from(line: Line) -> Self {
        Self { label: line.label, before: line.before, after: line.after }
    }
}

/// What one device would lose, and why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldLoss")]
pub(super) struct LosingInfo {
    /// The device.
    pub(super) device: Ref<Device>,
    /// What.
    pub(super) targets: Vec<Word<Target>>,
    /// When; null: at once.
    pub(super) at: Option<i64>,
    /// The rules that close them.
    pub(super) because: Vec<ReasonInfo>,
    /// Why it may lose its mail, though nobody can know beforehand; null: nothing of the kind.
    pub(super) risk: Option<String>,
}

/// Why a device would lose something.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HeldReason")]
pub(super) struct ReasonInfo {
    /// The rule.
    pub(super) rule: Word<RuleId>,
    /// What it found.
    pub(super) detail: String,
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HeldPage")]
pub(super) struct Paged {
    /// The last device of the page before.
    pub(super) cursor: Option<Ref<Device>>,
    /// 1 to 5000; 500 unless told.
    pub(super) limit: Option<usize>,
}

pub(super) async fn show(
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
        says: found.lines.into_iter().map(Into::into).collect(),
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
