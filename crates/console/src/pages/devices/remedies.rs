//! The fewest acts that would let a device in again, who has to do them, and what each opens.

use std::collections::BTreeMap;

use catalog::{Remedy, RemedyBy, RuleId, TargetSet};
use engine::devices::Explanation;

use super::super::words;
use crate::parts::{Card, Html, Table, cell};

/// The card; none while everything is open.
pub fn card(explanation: &Explanation) -> Option<Html> {
    let mut acts: BTreeMap<Remedy, (TargetSet, Vec<RuleId>)> = BTreeMap::new();
    for line in explanation.targets.iter().filter(|line| line.target.info().carried) {
        for act in &line.remedies {
            let (targets, rules) = acts.entry(act.remedy).or_default();
            targets.insert(line.target);
            rules.extend(act.cures.iter().filter(|rule| !rules.contains(rule)).copied().collect::<Vec<_>>());
        }
    }
    if acts.is_empty() {
        return None;
    }
    let mut table = Table::new("What would let it in again", &["What to do", "Who", "Needed for"]).tall();
    for (remedy, (targets, rules)) in &acts {
        let info = remedy.info();
        let who = match info.by {
            RemedyBy::User => "The user",
            RemedyBy::Administrator => "An administrator",
        };
        let cures: Vec<&str> = rules.iter().map(|rule| rule.entry().label).collect();
        table = table.row([
            cell::prose(info.text),
            Html::text(who),
            cell::lines(words::targets(*targets), cures.join(", ")),
        ]);
    }
    let all = if acts.len() == 1 { "this is enough" } else { "all of it, and nothing less, is enough" };
    Some(Card::flush("What would let it in again", table).aside(all).into())
}
