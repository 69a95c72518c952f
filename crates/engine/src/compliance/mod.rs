//! The compliance manager at work: keeping every stored verdict true, whatever changed and whenever time passes.
//!
//! A device's own changes settle it in their own unit. What changes many devices at once (rules, a policy, a user)
//! is re-evaluated here: computed in memory, and written only where the outcome is different. Time alone is served
//! by `next_look`: devices whose moment has come are looked at, never all of them.

mod asked;
pub(crate) mod changes;
mod edits;
mod history;
mod imagined;
pub(crate) mod ladder;
mod proposal;
mod reevaluate;
mod risk;
mod what_if;

pub use asked::Asked;
pub use edits::with_edits;
pub use history::{Past, verdict_at, verdicts};
pub(crate) use imagined::Imagined;
pub(crate) use proposal::with_published;
pub use proposal::{choices_of_device, choices_of_user, members_of_group, publication, settings_of_group};
pub(crate) use reevaluate::catch_up;
pub use reevaluate::{reevaluate, reevaluate_group, reevaluate_user, reevaluate_users, tick};
pub use risk::Risk;
pub(crate) use what_if::look_at;
pub use what_if::{Outcome, WhatIf, what_if};

use std::sync::Arc;

use catalog::Permission;
use domain::model::{AccessConfig, DeviceId, Exception, Level, Restrictions, RuleConfig};
use store::repo;

use edits::{apply, check, check_together};

use crate::approvals::{self, Edit, Pass};
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
        check_together(&with_edits(&org.access, &edits), &edits)?;
    }
    let pass = approvals::ask(engine, scope, Edit::Access(edits.clone())).await?;
    carry_out(engine, scope, edits, pass).await
}

/// Stores edits and re-evaluates.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    edits: Vec<AccessEdit>,
    pass: Pass,
) -> Result<()> {
    let organization = scope.organization();
    let by = scope.actor().name();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let mut access = repo::access::get(tx).await?.unwrap_or_else(|| AccessConfig::new(organization));
            for edit in &edits {
                let entry = apply(&mut access, edit, &by);
                tx.journal(entry);
            }
            repo::access::put(tx, &mut access).await?;
            Ok::<_, Error>(())
        })
        .await?;
    catch_up(engine, organization).await
}

/// Devices whose access would change at once if the edits were saved, with the target and whether it would close:
/// [`what_if`] in a short form.
///
/// # Errors
/// As [`edit_access`].
pub async fn preview(
    engine: &Engine,
    scope: &Scope,
    edits: &[AccessEdit],
) -> Result<Vec<(DeviceId, catalog::Target, bool)>> {
    let answer = what_if(engine, scope, &Edit::Access(edits.to_vec())).await?;
    let each = |outcome: &Outcome| {
        let (device, loses, regains) = (outcome.device, outcome.loses, outcome.regains);
        let turned = catalog::TARGETS.iter().map(|info| info.target);
        turned
            .filter(move |target| loses.union(regains).contains(*target))
            .map(move |target| (device, target, loses.contains(target)))
    };
    Ok(answer.outcomes.iter().flat_map(each).collect())
}
