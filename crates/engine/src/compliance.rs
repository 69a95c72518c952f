//! The compliance manager at work: keeping every stored verdict true, whatever changed and whenever time passes.
//!
//! A device's own changes settle it in their own unit. What changes many devices at once (rules, a policy, a user)
//! is re-evaluated here: computed in memory, and written only where the outcome is different. Time alone is served
//! by `next_look`: devices whose moment has come are looked at, never all of them.

use std::sync::Arc;

use catalog::Permission;
use domain::Millis;
use domain::model::{
    AccessConfig, Actor, Device, DeviceId, Exception, JournalEntry, Level, OrganizationId, Restrictions,
    RuleConfig, UserId, Verdict,
};
use serde_json::json;
use store::repo;

use crate::settle::{change_device, settle};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// The access settings of the organization.
///
/// # Errors
/// [`Error::Denied`].
pub fn access(engine: &Engine, scope: &Scope) -> Result<Arc<AccessConfig>> {
    scope.require(Permission::ComplianceView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let access = Arc::clone(&org.read().access);
    Ok(access)
}

/// An edit of the access settings.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "edit", deny_unknown_fields)]
pub enum AccessEdit {
    /// A rule: on or off, parameters, grace.
    Rule {
        /// The rule.
        rule: catalog::RuleId,
        /// Its settings; null goes back to the catalogue's.
        config: Option<RuleConfig>,
    },
    /// The ticks of a level; null removes the level's own ticks.
    Level {
        /// The level.
        level: Level,
        /// Its ticks.
        restrictions: Option<Restrictions>,
    },
    /// An exception of a user or device; null ends it.
    Exception {
        /// A user or device level.
        level: Level,
        /// The exception.
        exception: Option<Exception>,
    },
}

/// Changes the access settings and re-evaluates every device of the organization.
///
/// # Errors
/// [`Error::Invalid`] for parameters out of range or a level that does not exist.
pub async fn edit_access(engine: &Engine, scope: &Scope, edits: Vec<AccessEdit>) -> Result<()> {
    scope.require(Permission::ComplianceEdit)?;
    let organization = scope.organization();
    {
        let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
        let org = org.read();
        edits.iter().try_for_each(|edit| check(&org, edit))?;
    }
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let mut access = repo::access::get(tx).await?.unwrap_or_else(|| AccessConfig::new(organization));
            for edit in &edits {
                let entry = apply(&mut access, edit);
                tx.journal(entry);
            }
            repo::access::put(tx, &mut access).await?;
            Ok::<_, Error>(())
        })
        .await?;
    reevaluate(engine, organization).await
}

/// The same settings with edits applied, without storing anything: what a preview is computed from.
pub fn with_edits(access: &AccessConfig, edits: &[AccessEdit]) -> AccessConfig {
    let mut new = access.clone();
    for edit in edits {
        apply(&mut new, edit);
    }
    new
}

/// Devices whose access would change if the edits were saved, with the target and whether it would close.
///
/// # Errors
/// As [`edit_access`].
pub fn preview(
    engine: &Engine,
    scope: &Scope,
    edits: &[AccessEdit],
) -> Result<Vec<(DeviceId, catalog::Target, bool)>> {
    scope.require(Permission::ComplianceView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    edits.iter().try_for_each(|edit| check(&org, edit))?;
    let config = with_edits(&org.access, edits);
    let now = engine.now();
    let mut changes = Vec::new();
    for device in org.devices.iter() {
        let input = domain::compliance::Input {
            subject: device.as_ref().into(),
            facts: &device.facts,
            config: &config,
            previous: &device.verdict,
        };
        let verdict = domain::compliance::evaluate(&input, now);
        for info in catalog::TARGETS {
            let closes = !verdict.allows(info.target);
            if closes == device.verdict.allows(info.target) {
                changes.push((device.id, info.target, closes));
            }
        }
    }
    Ok(changes)
}

fn check(org: &OrgIndex, edit: &AccessEdit) -> Result<()> {
    let level_exists = |level: &Level| match level {
        Level::Organization | Level::Platform(_) => true,
        Level::User(id) => org.user(*id).is_some(),
        Level::Device(id) => org.devices.get(*id).is_some(),
    };
    match edit {
        AccessEdit::Rule { rule, config: Some(config) } => {
            for field in rule.entry().fields {
                if let Some(value) = config.params.0.get(field.key) {
                    field.kind.check(value).map_err(|why| Error::invalid(field.key, why.0))?;
                }
            }
            let known = |key: &String| rule.entry().fields.iter().any(|f| f.key == key);
            match config.params.0.keys().find(|key| !known(key)) {
                Some(key) => Err(Error::invalid(key.as_str(), "This rule has no such parameter.")),
                None => Ok(()),
            }
        }
        AccessEdit::Level { level, .. } if !level_exists(level) => Err(Error::NotFound("level")),
        AccessEdit::Exception { level: Level::Organization | Level::Platform(_), .. } => {
            Err(Error::invalid("level", "Only a user or a device can have an exception."))
        }
        AccessEdit::Exception { level, .. } if !level_exists(level) => Err(Error::NotFound("level")),
        _ => Ok(()),
    }
}

fn apply(access: &mut AccessConfig, edit: &AccessEdit) -> JournalEntry {
    fn replace<T: Clone>(list: &mut Vec<(Level, T)>, level: &Level, new: Option<&T>) {
        list.retain(|(l, _)| l != level);
        list.extend(new.map(|n| (level.clone(), n.clone())));
    }
    let (event, body) = match edit {
        AccessEdit::Rule { rule, config } => {
            let before = access.rules.get(rule).cloned();
            match config {
                Some(config) => drop(access.rules.insert(*rule, config.clone())),
                None => drop(access.rules.remove(rule)),
            }
            ("restriction.rules_changed", json!({ "rule": rule, "before": before, "after": config }))
        }
        AccessEdit::Level { level, restrictions } => {
            let before = access.level(level).cloned();
            replace(&mut access.levels, level, restrictions.as_ref());
            ("restriction.level_changed", json!({ "level": level, "before": before, "after": restrictions }))
        }
        AccessEdit::Exception { level, exception } => {
            let before = access.exception(level).cloned();
            replace(&mut access.exceptions, level, exception.as_ref());
            let event =
                if exception.is_some() { "restriction.exception_set" } else { "restriction.exception_ended" };
            (event, json!({ "level": level, "before": before, "after": exception }))
        }
    };
    JournalEntry { event, subject: String::new(), body }
}

/// Whether two verdicts say the same (when they were computed does not matter).
fn same(a: &Verdict, b: &Verdict) -> bool {
    a.findings == b.findings && a.access == b.access && a.next_look == b.next_look
}

/// Devices whose stored verdict is not what follows from the present settings.
fn stale(
    org: &OrgIndex,
    devices: &mut dyn Iterator<Item = &Arc<Device>>,
    presence: &crate::presence::Presence,
    now: Millis,
) -> Vec<DeviceId> {
    devices
        .filter(|device| {
            let mut copy = Device::clone(device);
            copy.last_contact_at = copy.last_contact_at.max(presence.last(device.id));
            let verdict = settle(org, &mut copy, &device.verdict, now);
            !same(&verdict, &device.verdict)
        })
        .map(|device| device.id)
        .collect()
}

/// Settles these devices, a few hundred units in flight at a time.
async fn settle_all(engine: &Engine, organization: OrganizationId, ids: Vec<DeviceId>) -> Result<()> {
    for chunk in ids.chunks(256) {
        let units =
            chunk.iter().map(|id| change_device(engine, organization, Actor::System, *id, |_| Ok(None)));
        for outcome in futures_util::future::join_all(units).await {
            match outcome {
                // Removed meanwhile, or changed by somebody else, who settled it.
                Ok(_) | Err(Error::NotFound(_) | Error::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Re-evaluates every device of an organization.
///
/// # Errors
/// Storage errors.
pub async fn reevaluate(engine: &Engine, organization: OrganizationId) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let ids = {
        let org = org.read();
        stale(&org, &mut org.devices.iter(), &engine.presence, engine.now())
    };
    settle_all(engine, organization, ids).await
}

/// Re-evaluates the devices of one user.
///
/// # Errors
/// Storage errors.
pub async fn reevaluate_user(engine: &Engine, organization: OrganizationId, user: UserId) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let ids = org.read().devices.of_user(user).iter().map(|d| d.id).collect();
    settle_all(engine, organization, ids).await
}

/// Has the organization re-evaluated by the background job within a second.
pub fn reevaluate_soon(engine: &Engine, organization: OrganizationId) {
    engine.reevaluate.lock().insert(organization);
}

/// The background job: organizations that asked for it, then devices whose moment has come. Returns how many
/// devices were due.
///
/// # Errors
/// Storage errors; what was not done is still due the next time.
pub async fn tick(engine: &Engine) -> Result<usize> {
    let asked: Vec<_> = engine.reevaluate.lock().drain().collect();
    for organization in asked {
        reevaluate(engine, organization).await?;
    }
    let now = engine.now();
    let due = engine.directory.due(now);
    let count = due.len();
    for (organization, ids) in due_by_organization(due) {
        settle_all(engine, organization, ids).await?;
    }
    Ok(count)
}

fn due_by_organization(due: Vec<(OrganizationId, DeviceId)>) -> Vec<(OrganizationId, Vec<DeviceId>)> {
    let mut map = std::collections::BTreeMap::<OrganizationId, Vec<DeviceId>>::new();
    for (organization, id) in due {
        map.entry(organization).or_default().push(id);
    }
    map.into_iter().collect()
}
