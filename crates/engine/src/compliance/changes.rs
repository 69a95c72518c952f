//! What the journal is told when a device was looked at: findings that began or ended, restrictions that are coming,
//! and targets that closed or opened. Each is said once, in the unit that stores the verdict.

use catalog::{TARGETS, TargetInfo};
use domain::compliance::obstacles;
use domain::model::{Device, FindingRecord, JournalEntry, Verdict, evidence};
use serde_json::{Value, json};

/// The entries for the change from one verdict to the next, in the order in which they follow from each other.
/// `enabled`: the organization is. A target that something else than a rule still stops is not said to be back.
pub(crate) fn entries(before: &Verdict, device: &Device, enabled: bool) -> Vec<JournalEntry> {
    let entry = |event, body| JournalEntry { event, subject: device.id.to_string(), body };
    let is = &device.verdict;
    let ended = before.findings.iter().filter(|f| is.finding(f.rule).is_none());
    let began = is.findings.iter().filter(|f| before.finding(f.rule).is_none());
    let coming = is.findings.iter().filter(|f| is_announced(before, is, f));
    let mut entries: Vec<_> = ended.map(|f| entry("device.finding_ended", ending(f, is.at))).collect();
    entries.extend(began.map(|f| entry("device.finding_began", found(f, device))));
    entries.extend(coming.map(|f| entry("device.restriction_announced", found(f, device))));
    // What nobody can have cannot be taken from anybody, so nothing is said of it.
    entries.extend(TARGETS.iter().filter(|info| info.carried).filter_map(|info| {
        match (before.allows(info.target), is.allows(info.target)) {
            (true, false) => Some(entry("device.restricted", access(before, device, info))),
            (false, true) if !obstacles(device, enabled, info.target).is_empty() => None,
            (false, true) => Some(entry("device.restored", access(before, device, info))),
            _ => None,
        }
    }));
    entries
}

/// A restriction is announced when its time becomes known, and again when the time is another.
fn is_announced(before: &Verdict, is: &Verdict, finding: &FindingRecord) -> bool {
    let closes = |v: &Verdict, f: &FindingRecord| f.closes.minus(v.closed_targets()).carried();
    let told = |f: &FindingRecord| f.restricts_at == finding.restricts_at && !closes(before, f).is_empty();
    finding.restricts_at > is.at
        && !closes(is, finding).is_empty()
        && !before.finding(finding.rule).is_some_and(told)
}

/// Whether a device that was looked at stands differently than before, so that its verdict is kept for later.
pub(crate) fn is_worth_keeping(before: &Verdict, device: &Device) -> bool {
    let is = &device.verdict;
    let state_changed = device.state_since > before.at && device.state_since <= is.at;
    let same = |a: &FindingRecord, b: &FindingRecord| {
        let deadline = (a.restricts_at, a.closes, &a.level) == (b.restricts_at, b.closes, &b.level);
        a.rule == b.rule && a.finding.detail == b.finding.detail && deadline
    };
    let findings = before.findings.len() == is.findings.len()
        && before.findings.iter().zip(&is.findings).all(|(a, b)| same(a, b));
    state_changed || !findings || before.closed != is.closed
}

/// A finding with what it leans on and what follows from it.
fn found(finding: &FindingRecord, device: &Device) -> Value {
    let rule = finding.rule.entry();
    json!({
        "rule": finding.rule, "severity": rule.severity, "detail": finding.finding.detail,
        "since": finding.since, "restricts_at": finding.restricts_at, "targets": finding.closes.carried(),
        "level": finding.level, "remedy": rule.remedy, "facts": facts(finding, device),
        "remediation": finding.remediation,
    })
}

fn ending(finding: &FindingRecord, at: domain::Millis) -> Value {
    json!({
        "rule": finding.rule, "severity": finding.rule.entry().severity,
        "detail": finding.finding.detail, "since": finding.since, "until": at,
    })
}

/// A target that closed or opened, what kept it closed before, and every finding in force.
fn access(before: &Verdict, device: &Device, info: &TargetInfo) -> Value {
    let findings: Vec<_> = device
        .verdict
        .findings
        .iter()
        .map(|f| {
            json!({ "rule": f.rule, "detail": f.finding.detail, "since": f.since, "facts": facts(f, device) })
        })
        .collect();
    json!({
        "target": info.target, "closed": device.verdict.closed(info.target), "before": before.closed(info.target),
        "findings": findings,
    })
}

/// Value, source and time of the facts that a finding leans on, by key.
fn facts(finding: &FindingRecord, device: &Device) -> serde_json::Map<String, Value> {
    let one =
        |e: domain::model::Evidence| (e.fact, json!({ "value": e.value, "source": e.source, "at": e.at }));
    evidence(finding, &device.facts).into_iter().map(one).collect()
}
