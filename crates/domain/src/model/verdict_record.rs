//! What is kept of a verdict when it has changed: enough to say later why a device was shut out at a moment.

use catalog::{FactValue, Facts, KnownFact, Millis, RuleId, Source, TargetSet};
use serde::{Deserialize, Serialize};

use super::{Closed, Device, DeviceId, DeviceState, FindingRecord, Level};

/// A fact that a finding leans on, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Key of the fact.
    pub fact: String,
    /// Its value.
    pub value: FactValue,
    /// Who said so.
    pub source: Source,
    /// When it got this value.
    pub at: Millis,
}

/// A finding with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRecord {
    /// The rule.
    pub rule: RuleId,
    /// What was found, in a sentence.
    pub detail: String,
    /// Since when it held.
    pub since: Millis,
    /// From when it restricts.
    pub restricts_at: Millis,
    /// What it closes from then on.
    #[serde(default)]
    pub closes: TargetSet,
    /// The level that decided that.
    pub level: Level,
    /// The facts that it leans on.
    pub evidence: Vec<Evidence>,
}

/// A verdict from `at` until the next record of the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRecord {
    /// The device.
    pub device: DeviceId,
    /// From when it was so.
    pub at: Millis,
    /// Where the device was in its life.
    pub state: DeviceState,
    /// State of its policy, by the name of the fact `policy_state`.
    pub policy: Option<String>,
    /// Findings in force.
    pub findings: Vec<FoundRecord>,
    /// What was closed.
    pub closed: Vec<Closed>,
}

/// The facts that a finding leans on. One that is not known, which may be the finding itself, is left out.
pub fn evidence(finding: &FindingRecord, facts: &Facts) -> Vec<Evidence> {
    let known = |key: &String| {
        let KnownFact { value, source, at } = facts.by_key(key)?.clone();
        Some(Evidence { fact: key.clone(), value, source, at })
    };
    finding.finding.evidence.iter().filter_map(known).collect()
}

impl VerdictRecord {
    /// What is to be kept of a device that was looked at just now.
    pub fn of(device: &Device) -> Self {
        let found = |record: &FindingRecord| FoundRecord {
            rule: record.rule,
            detail: record.finding.detail.clone(),
            since: record.since,
            restricts_at: record.restricts_at,
            closes: record.closes,
            level: record.level.clone(),
            evidence: evidence(record, &device.facts),
        };
        Self {
            device: device.id,
            at: device.verdict.at,
            state: device.state,
            policy: device.facts.text("policy_state").map(str::to_owned),
            findings: device.verdict.findings.iter().map(found).collect(),
            closed: device.verdict.closed.clone(),
        }
    }

    /// Why a target was closed; `None` while it was open.
    pub fn closed(&self, target: catalog::Target) -> Option<&Closed> {
        self.closed.iter().find(|closed| closed.targets.contains(target))
    }
}
