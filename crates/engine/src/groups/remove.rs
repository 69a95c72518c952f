//! Removing groups.

use catalog::Permission;
use domain::model::{AccessConfig, GroupId, JournalEntry, Level, UserId};
use serde_json::json;
use store::{Tx, repo};

use super::{get, members, public};
use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, Result, Scope};

/// Removes a group: its members leave it first, then it goes with its access restrictions. What they had from it they
/// have from the next group, or from the organization.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] when somebody joined meanwhile.
pub async fn remove(engine: &Engine, scope: &Scope, id: GroupId) -> Result<()> {
    scope.require(Permission::GroupsEdit)?;
    get(engine, scope, id)?;
    let pass = approvals::ask(engine, scope, Edit::RemoveGroup(id)).await?;
    carry_out(engine, scope, id, pass).await
}

/// Lets the members leave, and removes the group.
pub(crate) async fn carry_out(engine: &Engine, scope: &Scope, id: GroupId, pass: Pass) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let moves: Vec<(UserId, bool)> = org.read().members(id).map(|user| (user.id, false)).collect();
    members::carry_out(engine, scope, id, &moves, pass).await?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let group = repo::groups::get(tx, id).await?.ok_or(Error::NotFound("group"))?;
            if !repo::groups::members(tx, id, 1).await?.is_empty() {
                return Err(Error::conflict("Somebody joined the group meanwhile. Remove it once more."));
            }
            drop_restrictions(tx, id).await?;
            repo::groups::remove(tx, id).await?;
            tx.journal(JournalEntry {
                event: "group.deleted",
                subject: id.to_string(),
                body: json!({ "name": group.name, "before": public(&group) }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// Ticks and exception of a group that is gone would stay in the settings for ever.
async fn drop_restrictions(tx: &mut Tx, id: GroupId) -> Result<()> {
    let Some(mut access) = repo::access::get(tx).await? else { return Ok(()) };
    let level = Level::Group(id);
    let AccessConfig { levels, exceptions, .. } = &mut access;
    let before = levels.len() + exceptions.len();
    levels.retain(|(l, _)| *l != level);
    exceptions.retain(|(l, _)| *l != level);
    if levels.len() + exceptions.len() < before {
        repo::access::put(tx, &mut access).await?;
        tx.journal(JournalEntry {
            event: "restriction.level_changed",
            subject: id.to_string(),
            body: json!({ "level": level, "after": null }),
        });
    }
    Ok(())
}
