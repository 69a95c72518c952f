//! Levels in addresses, and what the boxes of the matrix mean.

use std::collections::BTreeMap;

use catalog::{Platform, RULES, RuleId, TARGETS, Target, TargetSet};
use domain::compliance::{Subject, decide_targets, rule_config};
use domain::model::{
    AccessConfig, DeviceId, Exception, ExceptionKind, GroupId, Level, Restrictions, RuleConfig, UserId,
};
use door::FormData;
use engine::compliance::AccessEdit;

use super::super::frame::{Cx, Oops};

/// The level in an address: `organization`, `platform.ios`, an id of a group, user or device.
pub fn parse(cx: &Cx, text: &str) -> Result<Level, Oops> {
    let gone = || Oops::not_found("level");
    if let Some(key) = text.strip_prefix("platform.") {
        return Platform::from_key(key).map(Level::Platform).ok_or_else(gone);
    }
    if let Ok(id) = text.parse::<GroupId>() {
        return cx.org(|org| org.group(id).map(|_| Level::Group(id)))?.ok_or_else(gone);
    }
    if let Ok(id) = text.parse::<UserId>() {
        return cx.org(|org| org.user(id).map(|_| Level::User(id)))?.ok_or_else(gone);
    }
    if let Ok(id) = text.parse::<DeviceId>() {
        return cx.org(|org| org.devices.get(id).map(|_| Level::Device(id)))?.ok_or_else(gone);
    }
    match text {
        "" | "organization" => Ok(Level::Organization),
        _ => Err(gone()),
    }
}

/// The same as text for an address.
pub fn text(level: &Level) -> String {
    match level {
        Level::Organization => "organization".into(),
        Level::Platform(platform) => format!("platform.{}", platform.key()),
        Level::Group(id) => id.to_string(),
        Level::User(id) => id.to_string(),
        Level::Device(id) => id.to_string(),
    }
}

/// The level's name for a reader.
pub fn name(cx: &Cx, level: &Level) -> String {
    let found = match level {
        Level::Organization => cx.org(|org| Some(org.organization.name.clone())),
        Level::Platform(platform) => return platform.label().to_owned(),
        Level::Group(id) => cx.org(|org| org.group(*id).map(|g| g.name.clone())),
        Level::User(id) => cx.org(|org| org.user(*id).map(|u| u.display_name.clone())),
        Level::Device(id) => cx.org(|org| org.devices.get(*id).map(|d| d.name.clone())),
    };
    found.ok().flatten().unwrap_or_else(|| "somebody who is gone".into())
}

/// Somebody of the level, to ask what is decided there.
fn subject(cx: &Cx, level: &Level) -> Subject {
    let nobody = uuid::Uuid::nil();
    let mut subject = Subject {
        device: DeviceId::from_uuid(nobody),
        user: UserId::from_uuid(nobody),
        groups: Vec::new(),
        platform: Platform::Other,
    };
    match level {
        Level::Organization => {}
        Level::Platform(platform) => subject.platform = *platform,
        Level::Group(id) => subject.groups = vec![*id],
        Level::User(id) => {
            subject.user = *id;
            subject.groups = groups_of(cx, *id);
        }
        Level::Device(id) => {
            if let Ok(Some(device)) = cx.org(|org| org.devices.get(*id).cloned()) {
                subject = Subject::new(&device, groups_of(cx, device.user));
            }
        }
    }
    subject
}

/// The groups of a user, the most important one first.
pub fn groups_of(cx: &Cx, id: UserId) -> Vec<GroupId> {
    cx.org(|org| org.user(id).map(|user| org.ranked_groups(user))).ok().flatten().unwrap_or_default()
}

/// Whether the ticks of a level come on top of what the levels above take away.
pub fn adds(cx: &Cx, access: &AccessConfig, level: &Level) -> bool {
    let live = |e: &&Exception| e.expires_at.is_none_or(|end| cx.now < end);
    access.exception(level).filter(live).is_some_and(|e| e.kind == ExceptionKind::Extra)
}

/// The settings as if a level said nothing.
fn without(access: &AccessConfig, level: &Level) -> AccessConfig {
    AccessConfig {
        levels: access.levels.iter().filter(|(l, _)| l != level).cloned().collect(),
        exceptions: access.exceptions.iter().filter(|(l, _)| l != level).cloned().collect(),
        ..access.clone()
    }
}

/// What a broken rule takes away at a level, and who says so.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    /// The targets.
    pub targets: TargetSet,
    /// The level that says so when it is another; may be empty.
    pub from: &'static str,
    /// Those that a level above takes away and that this one cannot give back, as it only adds.
    pub fixed: TargetSet,
}

/// What a broken rule takes away at a level.
pub fn decided(cx: &Cx, access: &AccessConfig, level: &Level, rule: RuleId) -> Decided {
    if adds(cx, access, level) {
        let above = decided(cx, &without(access, level), level, rule);
        let own = access.level(level).and_then(|ticks| ticks.0.get(&rule)).copied().unwrap_or_default();
        return Decided {
            targets: above.targets.union(own),
            fixed: above.targets,
            from: if above.from.is_empty() { "above" } else { above.from },
        };
    }
    let subject = subject(cx, level);
    // Without a platform of its own, the level of a user or group must not fall through to "Other".
    let decision = match level {
        Level::User(_) | Level::Group(_) => {
            let mut above = access.clone();
            above.levels.retain(|(l, _)| !matches!(l, Level::Platform(_)));
            decide_targets(&above, &subject, rule, cx.now)
        }
        Level::Organization => {
            let own =
                AccessConfig { levels: only_organization(access), exceptions: Vec::new(), ..access.clone() };
            decide_targets(&own, &subject, rule, cx.now)
        }
        _ => decide_targets(access, &subject, rule, cx.now),
    };
    let from = match (&decision.level, level) {
        (decided, here) if decided == here => "",
        (Level::Organization, _) => "organization",
        (Level::Platform(_), _) => "platform",
        (Level::Group(_), _) => "group",
        (Level::User(_), _) => "user",
        (Level::Device(_), _) => "device",
    };
    Decided { targets: decision.targets, from, fixed: TargetSet::EMPTY }
}

fn only_organization(access: &AccessConfig) -> Vec<(Level, Restrictions)> {
    access.levels.iter().filter(|(l, _)| *l == Level::Organization).cloned().collect()
}

/// Name of a box.
pub fn box_name(rule: RuleId, target: Target) -> String {
    let place = TARGETS.iter().position(|t| t.target == target).unwrap_or(0);
    format!("{}.{place}", rule.key())
}

/// Name of the choice of the delay.
pub fn delay_name(rule: RuleId) -> String {
    format!("{}.grace", rule.key())
}

/// Delays to choose from, in minutes.
pub const DELAYS: [(u32, &str); 8] = [
    (0, "at once"),
    (60, "after 1 hour"),
    (240, "after 4 hours"),
    (480, "after 8 hours"),
    (1_440, "after 24 hours"),
    (2_880, "after 2 days"),
    (10_080, "after 7 days"),
    (20_160, "after 14 days"),
];

/// What a posted matrix changes at a level. A rule that says the same as the level above is left to it, so that only
/// real differences are stored.
pub fn edits(cx: &Cx, access: &AccessConfig, level: &Level, form: &FormData) -> Vec<AccessEdit> {
    let mut ticks = BTreeMap::new();
    let mut edits = Vec::new();
    let (adds, without) = (adds(cx, access, level), without(access, level));
    for rule in RULES.iter().filter(|rule| !rule.fixed) {
        let above = decided(cx, &without, level, rule.id).targets;
        let ticked = TARGETS.iter().map(|t| t.target).filter(|t| form.has(&box_name(rule.id, *t)));
        let ticked: TargetSet = ticked.collect();
        let chosen = if adds { ticked.minus(above) } else { ticked };
        let differs = if adds { !chosen.is_empty() } else { chosen != above };
        if differs || (*level == Level::Organization && !same_as_default(rule, chosen)) {
            ticks.insert(rule.id, chosen);
        }
        let config = rule_config(access, rule);
        let grace = form.text(&delay_name(rule.id)).parse().unwrap_or(config.grace_minutes);
        if *level == Level::Organization && grace != config.grace_minutes {
            let config = Some(RuleConfig { grace_minutes: grace, ..config });
            edits.push(AccessEdit::Rule { rule: rule.id, config });
        }
    }
    let new = (!ticks.is_empty()).then_some(Restrictions(ticks));
    if access.level(level) != new.as_ref() {
        edits.push(AccessEdit::Level { level: level.clone(), restrictions: new });
    }
    edits
}

fn same_as_default(rule: &catalog::Rule, chosen: TargetSet) -> bool {
    rule.default_targets.iter().copied().collect::<TargetSet>() == chosen
}
