//! Former verdicts: why a device was shut out at a moment.

use std::collections::BTreeMap;

use axum::Json;
use catalog::{KnownFact, RuleId, Target};
use domain::model::{Closed, Device, DeviceState, Evidence, FoundRecord, VerdictRecord};
use door::Path;
use engine::compliance::{self, Past};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::access_restrictions::LevelName;
use super::facts::Fact;
use crate::v1::answer::Page;
use crate::v1::input::{Call, Params};
use crate::v1::problem::Problem;
use crate::v1::words::Ref;
use crate::v1::words::Word;

/// Which verdicts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// The one verdict that held at this time, milliseconds since 1970.
    at: Option<i64>,
    /// Where the next page begins.
    cursor: Option<i64>,
    /// 1 to 500; 50 unless told.
    limit: Option<u32>,
}

/// A verdict and how long it held.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PastVerdict")]
pub(super) struct VerdictInfo {
    /// From when it held.
    from: i64,
    /// Until when; null while it holds, and where the next verdict is not on this page.
    until: Option<i64>,
    /// Where the device was in its life.
    state: Word<DeviceState>,
    /// State of its policy.
    policy: Option<String>,
    /// What was closed.
    closed: Vec<ClosedInfo>,
    /// Rules that were broken.
    findings: Vec<FoundInfo>,
}

/// Targets that were closed for the same reasons.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ClosedTargets")]
pub(super) struct ClosedInfo {
    /// The targets.
    targets: Vec<Word<Target>>,
    /// The rules, most severe first.
    rules: Vec<Word<RuleId>>,
    /// The level that decided.
    level: LevelName,
    /// Since when.
    since: i64,
}

/// A rule that was broken, with what it leaned on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PastFinding")]
pub(super) struct FoundInfo {
    /// The rule.
    rule: Word<RuleId>,
    /// What was found, in a sentence.
    detail: String,
    /// Since when.
    since: i64,
    /// From when it restricted.
    restricts_at: i64,
    /// What it closed from then on.
    closes: Vec<Word<Target>>,
    /// The level that decided that.
    level: LevelName,
    /// The facts that decided, by key.
    evidence: BTreeMap<String, Fact>,
}

/// A fact as an answer shows it, by its key.
pub(super) fn fact(evidence: &Evidence) -> (String, Fact) {
    let Evidence { fact, value, source, at } = evidence.clone();
    (fact, (&KnownFact { value, source, at }).into())
}

impl From<&Closed> for ClosedInfo {
    fn from(closed: &Closed) -> Self {
        Self {
            targets: closed.targets.iter().map(Word).collect(),
            rules: closed.rules.iter().copied().map(Word).collect(),
            level: (&closed.level).into(),
            since: closed.since,
        }
    }
}

impl From<&FoundRecord> for FoundInfo {
    fn from(found: &FoundRecord) -> Self {
        Self {
            rule: Word(found.rule),
            detail: found.detail.clone(),
            since: found.since,
            restricts_at: found.restricts_at,
            closes: found.closes.iter().map(Word).collect(),
            level: (&found.level).into(),
            evidence: found.evidence.iter().map(fact).collect(),
        }
    }
}

fn info(record: &VerdictRecord, until: Option<i64>) -> VerdictInfo {
    VerdictInfo {
        from: record.at,
        until,
        state: Word(record.state),
        policy: record.policy.clone(),
        closed: record.closed.iter().map(Into::into).collect(),
        findings: record.findings.iter().map(Into::into).collect(),
    }
}

pub(super) async fn list(
    call: Call,
    Path(id): Path<Ref<Device>>,
    Params(asked): Params<Asked>,
) -> Result<Json<Page<VerdictInfo>>, Problem> {
    if let Some(at) = asked.at {
        let past = compliance::verdict_at(&call.engine, &call.scope, id.0, at).await?;
        let items = past.iter().map(|Past { record, until }| info(record, *until)).collect();
        return Ok(Page::whole(items));
    }
    let limit = asked.limit.unwrap_or(50);
    if !(1..=500).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 500."));
    }
    let all = compliance::verdicts(&call.engine, &call.scope, id.0, asked.cursor, limit).await?;
    let full = all.len() == limit as usize;
    let next = all.last().filter(|_| full).map(|last| last.at.to_string());
    // The one before, in time, of each is the next one of the list.
    let ends = std::iter::once(asked.cursor).chain(all.iter().map(|record| Some(record.at)));
    let items = all.iter().zip(ends).map(|(record, until)| info(record, until)).collect();
    Ok(Json(Page { items, next, total: None }))
}
