//! The compliance manager at work: keeping every stored verdict true, whatever changed and whenever time passes.
//!
//! A device's own changes settle it in their own unit. What changes many devices at once (rules, a policy, a user)
//! is re-evaluated here: computed in memory, and written only where the outcome is different. Time alone is served
//! by `next_look`: devices whose moment has come are looked at, never all of them.

mod asked;
mod edits;
mod held;
mod reevaluate;

pub use asked::Asked;
pub use edits::with_edits;
pub(crate) use held::{carry_out_held, withdrawn};
pub use reevaluate::{reevaluate, reevaluate_group, reevaluate_user, reevaluate_users, tick};

use std::sync::Arc;

use catalog::Permission;
use domain::model::{
    AccessConfig, Device, DeviceId, Exception, HeldChangeId, Level, OrganizationId, Restrictions, RuleConfig,
};
use store::repo;

use edits::{apply, check};

use crate::settle::settle_with;
use crate::{Engine, Error, Result, Scope};

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
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
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
    /// An exception of a group, user or device; null ends it, with the ticks that it had.
    Exception {
        /// A group, user or device level.
        level: Level,
        /// The exception.
        exception: Option<Exception>,
    },
}

/// Changes the access settings and re-evaluates every device of the organization.
///
/// # Errors
/// [`Error::Invalid`] for parameters out of range or a level that does not exist; [`Error::Held`] when it would newly
/// withdraw something from more devices than the limit.
pub async fn edit_access(engine: &Engine, scope: &Scope, edits: Vec<AccessEdit>) -> Result<()> {
    scope.require(Permission::ComplianceEdit)?;
    let organization = scope.organization();
    {
        let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
        let org = org.read();
        edits.iter().try_for_each(|edit| check(&org, edit))?;
    }
    if let Some(held) = held::above_the_limit(engine, scope, &edits).await? {
        return Err(held);
    }
    store(engine, scope, edits, None).await
}

/// Stores edits and re-evaluates. `held`: they were held and approved, counted against this revision of the settings.
async fn store(
    engine: &Engine,
    scope: &Scope,
    edits: Vec<AccessEdit>,
    held: Option<(HeldChangeId, i64)>,
) -> Result<()> {
    let organization = scope.organization();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let mut access = repo::access::get(tx).await?.unwrap_or_else(|| AccessConfig::new(organization));
            if let Some((id, base)) = held {
                crate::issues::unchanged(Some(base), access.rev)?;
                crate::approvals::end(tx, id, "governor.change_approved").await?;
            }
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
    changes_of(engine, scope.organization(), edits)
}

fn changes_of(
    engine: &Engine,
    organization: OrganizationId,
    edits: &[AccessEdit],
) -> Result<Vec<(DeviceId, catalog::Target, bool)>> {
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let (config, devices) = {
        let org = org.read();
        edits.iter().try_for_each(|edit| check(&org, edit))?;
        (with_edits(&org.access, edits), org.devices.iter().cloned().collect::<Vec<_>>())
    };
    let now = engine.now();
    let mut changes = Vec::new();
    // Some at a time: nobody else may wait for the whole fleet.
    for chunk in devices.chunks(256) {
        let org = org.read();
        for device in chunk {
            let mut copy = Device::clone(device);
            copy.last_contact_at = copy.last_contact_at.max(engine.presence.last(device.id));
            let verdict = settle_with(&org, &config, &mut copy, &device.verdict, now);
            let turned = |target| verdict.allows(target) != device.verdict.allows(target);
            changes.extend(
                catalog::TARGETS
                    .iter()
                    .filter(|info| turned(info.target))
                    .map(|info| (device.id, info.target, !verdict.allows(info.target))),
            );
        }
    }
    Ok(changes)
}
