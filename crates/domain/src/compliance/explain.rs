//! A verdict in words: why, since when, what next, what to do.

use catalog::{Millis, Target};

use crate::model::{FindingRecord, Level, Verdict};

/// What a person wants to know of the access to one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// One sentence or a few.
    pub why: String,
    /// Since when it is so, if it is closed or about to be.
    pub since: Option<Millis>,
    /// What happens next.
    pub next: String,
    /// When that is due, if a time is known.
    pub next_at: Option<Millis>,
    /// What the user should do; empty when nothing.
    pub fix: String,
}

impl Level {
    /// "the organization", "the platform iOS and iPadOS", "the group", "the user", "the device".
    pub fn words(&self) -> String {
        match self {
            Level::Organization => "the organization".into(),
            Level::Platform(platform) => format!("the platform {}", platform.label()),
            Level::Group(_) => "the group".into(),
            Level::User(_) => "the user".into(),
            Level::Device(_) => "the device".into(),
        }
    }
}

/// The findings that close a target, most severe first.
fn closing(verdict: &Verdict, target: Target) -> impl Iterator<Item = &FindingRecord> {
    let rules = verdict.closed(target).map_or(&[][..], |closed| &closed.rules);
    rules.iter().filter_map(|rule| verdict.finding(*rule))
}

/// Reason and remedy of a closed target, in the short form that Cisco ISE shows; `None` while it is open.
pub fn reason_for(verdict: &Verdict, target: Target) -> Option<(String, String)> {
    if verdict.allows(target) {
        return None;
    }
    let join = |texts: Vec<&str>| texts.join(" ");
    let reason = join(closing(verdict, target).map(|f| f.finding.detail.as_str()).collect());
    let remedy = join(closing(verdict, target).map(|f| f.rule.entry().remedy).collect());
    Some((reason, remedy))
}

/// Explains the access to a target.
pub fn explain(verdict: &Verdict, target: Target) -> Explanation {
    if let (Some(closed), Some((reason, fix))) = (verdict.closed(target), reason_for(verdict, target)) {
        return Explanation {
            why: format!("{reason} The setting of {} restricts it.", closed.level.words()),
            since: Some(closed.since),
            next: "It is restored as soon as the device is in order again.".into(),
            next_at: verdict.next_look,
            fix,
        };
    }
    let coming =
        verdict.findings.iter().filter(|f| f.restricts_at > verdict.at).min_by_key(|f| f.restricts_at);
    match (coming, verdict.findings.first()) {
        (Some(finding), _) => Explanation {
            why: finding.finding.detail.clone(),
            since: Some(finding.since),
            next: "It may be restricted when the time to put it in order is over.".into(),
            next_at: Some(finding.restricts_at),
            fix: finding.rule.entry().remedy.into(),
        },
        (None, Some(finding)) => Explanation {
            why: format!("{} This does not restrict it.", finding.finding.detail),
            since: Some(finding.since),
            next: next_words(verdict),
            next_at: verdict.next_look,
            fix: finding.rule.entry().remedy.into(),
        },
        (None, None) => Explanation {
            why: "The device is in order.".into(),
            since: None,
            next: next_words(verdict),
            next_at: verdict.next_look,
            fix: String::new(),
        },
    }
}

fn next_words(verdict: &Verdict) -> String {
    match verdict.next_look {
        Some(_) => "It is looked at again when time could change it.".into(),
        None => "Nothing changes until the device, the policy or a setting does.".into(),
    }
}
