//! Random access settings: rules with grace and unknown facts, ticks of every level, exceptions.

use anyhow::Result;
use serde_json::{Value, json};
use simulator::dice::Dice;

use super::causes::params_of;
use super::{SYSTEMS, Subject};

const TARGETS: [&str; 3] = ["activesync_connections", "network_access", "wifi"];

/// Minutes that no proof waits for.
const LATER: u64 = 20_000;

/// Random settings of these rules for these devices, their users and platforms.
pub fn random_settings(dice: &mut Dice, rules: &[&str], subjects: &[Subject]) -> Result<Vec<Value>> {
    let mut edits = Vec::new();
    for rule in rules.iter().filter(|rule| **rule != "user_disabled") {
        edits.push(random_rule(dice, rule)?);
    }
    let organization = json!({ "level": "organization" });
    // At the level of the organization most rules take something away, or hardly anything would be shut out.
    edits.push(ticks(dice, rules, &organization, 80));
    for system in &SYSTEMS {
        let level = json!({ "level": "platform", "subject": system.platform });
        if dice.chance(25) {
            edits.push(ticks(dice, rules, &level, 20));
        }
    }
    for subject in subjects {
        for level in own_levels(subject) {
            if dice.chance(20) {
                edits.push(ticks(dice, rules, &level, 25));
            }
            if dice.chance(15) {
                edits.push(exception(dice, &level));
            }
        }
    }
    Ok(edits)
}

/// A rule that is on, with the parameters of its case, a grace of nothing or of weeks.
pub fn random_rule(dice: &mut Dice, rule: &str) -> Result<Value> {
    let grace = if dice.chance(20) { LATER } else { 0 };
    let config = json!({
        "on": true, "params": params_of(rule)?, "grace_minutes": grace, "unknown_is_violation": dice.chance(10),
    });
    Ok(json!({ "edit": "rule", "rule": rule, "config": config }))
}

/// The edit that switches a rule off.
pub fn rule_off(rule: &str) -> Value {
    json!({ "edit": "rule", "rule": rule, "config": { "on": false } })
}

/// Ticks of a level for some of these rules, in so many of a hundred.
pub fn ticks(dice: &mut Dice, rules: &[&str], level: &Value, percent: u8) -> Value {
    let mut all = serde_json::Map::new();
    for rule in rules.iter().filter(|rule| **rule != "user_disabled") {
        if dice.chance(percent) {
            let targets: Vec<&str> = TARGETS.into_iter().filter(|_| dice.chance(60)).collect();
            all.insert((*rule).to_owned(), json!(targets));
        }
    }
    json!({ "edit": "level", "level": level, "restrictions": all })
}

/// An exception that ends never, or in weeks.
pub fn exception(dice: &mut Dice, level: &Value) -> Value {
    let kind = ["never", "extra", "custom"][dice.below(3) as usize];
    let ends = dice.chance(50).then_some(4_102_444_800_000_i64);
    json!({ "edit": "exception", "level": level, "exception": { "kind": kind, "expires_at": ends, "note": "tried" } })
}

/// The levels of a device and of its user.
pub fn own_levels(subject: &Subject) -> [Value; 2] {
    [json!({ "level": "user", "subject": subject.user }), json!({ "level": "device", "subject": subject.id })]
}

/// The edits that take every level's ticks and exceptions away.
pub fn no_levels(subjects: &[Subject]) -> Vec<Value> {
    let organization = [json!({ "level": "organization" })];
    let platforms = SYSTEMS.iter().map(|system| json!({ "level": "platform", "subject": system.platform }));
    let own: Vec<Value> = subjects.iter().flat_map(own_levels).collect();
    let ends = own.iter().map(|level| json!({ "edit": "exception", "level": level, "exception": null }));
    let ends: Vec<Value> = ends.collect();
    let levels = organization.into_iter().chain(platforms).chain(own);
    ends.into_iter()
        .chain(levels.map(|level| json!({ "edit": "level", "level": level, "restrictions": null })))
        .collect()
}
