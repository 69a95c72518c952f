//! Who has which schedule: the default, and what happens when a schedule goes.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Group, JournalEntry, ScheduleId};
use serde_json::json;
use store::repo;

use super::edit::{get, in_use};
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Makes a schedule the organization's default.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn assign_default(engine: &Engine, scope: &Scope, id: ScheduleId) -> Result<()> {
    scope.require(Permission::SchedulesEdit)?;
    get(engine, scope, id)?;
    replace(engine, scope, None, id).await
}

/// Whether a schedule may be given to a user or device.
pub(crate) fn check_assignable(org: &OrgIndex, schedule: Option<ScheduleId>, issues: &mut Issues) {
    issues.check(schedule.is_none_or(|id| org.schedule(id).is_some()), "schedule", || {
        "There is no such connection schedule.".into()
    });
}

/// Removes a schedule; whoever has it gets the replacement.
///
/// # Errors
/// [`Error::Conflict`] when it is in use and no replacement is named.
pub async fn remove(
    engine: &Engine,
    scope: &Scope,
    id: ScheduleId,
    replacement: Option<ScheduleId>,
) -> Result<()> {
    scope.require(Permission::SchedulesEdit)?;
    get(engine, scope, id)?;
    match replacement {
        Some(new) if new == id => Err(Error::invalid("replacement", "A schedule cannot replace itself.")),
        Some(new) => {
            get(engine, scope, new)?;
            replace(engine, scope, Some(id), new).await
        }
        None => remove_unused(engine, scope, id).await,
    }
}

async fn remove_unused(engine: &Engine, scope: &Scope, id: ScheduleId) -> Result<()> {
    let in_the_way = || Error::conflict("The schedule is in use. Choose the schedule that replaces it.");
    if in_use(engine, scope)?.iter().any(|(schedule, used)| schedule.id == id && used.is_used()) {
        return Err(in_the_way());
    }
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let organization = repo::organizations::get(tx, tx.organization()).await?;
            if organization.is_some_and(|o| o.settings.default_schedule == Some(id)) {
                return Err(in_the_way());
            }
            let gone = repo::schedules::get(tx, id).await?.ok_or(Error::NotFound("connection schedule"))?;
            repo::schedules::remove(tx, id).await?;
            tx.journal(JournalEntry {
                event: "schedule.deleted",
                subject: id.to_string(),
                body: json!({ "name": gone.name }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// Points everything from one schedule to another (`None`: only the organization's default), and drops the old one.
async fn replace(engine: &Engine, scope: &Scope, old: Option<ScheduleId>, new: ScheduleId) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (users, devices, groups) = {
        let org = org.read();
        let users: Vec<_> =
            org.users().filter(|u| old.is_some() && u.schedule == old).map(|u| u.id).collect();
        let devices: Vec<_> =
            org.devices.iter().filter(|d| old.is_some() && d.schedule == old).map(|d| d.id).collect();
        let has_it = |group: &&Arc<Group>| old.is_some() && group.settings.schedule == old;
        let groups: Vec<_> = org.groups().iter().filter(has_it).map(|group| group.id).collect();
        (users, devices, groups)
    };
    let organization = scope.organization();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let missing = || Error::NotFound("connection schedule");
            let named = repo::schedules::get(tx, new).await?.ok_or_else(missing)?.name;
            let dropped = match old {
                Some(old) => Some(repo::schedules::get(tx, old).await?.ok_or_else(missing)?.name),
                None => None,
            };
            let mut org =
                repo::organizations::get(tx, organization).await?.ok_or(Error::NotFound("organization"))?;
            if old.is_none() || org.settings.default_schedule == old {
                org.settings.default_schedule = Some(new);
                repo::organizations::put(tx, &mut org).await?;
            }
            for id in &users {
                if let Some(mut user) = repo::users::get(tx, *id).await?.filter(|u| u.schedule == old) {
                    user.schedule = Some(new);
                    repo::users::put(tx, &mut user).await?;
                }
            }
            for id in &devices {
                if let Some(mut device) = repo::devices::get(tx, *id).await?.filter(|d| d.schedule == old) {
                    device.schedule = Some(new);
                    repo::devices::put(tx, &mut device).await?;
                }
            }
            for id in &groups {
                if let Some(mut group) =
                    repo::groups::get(tx, *id).await?.filter(|g| g.settings.schedule == old)
                {
                    group.settings.schedule = Some(new);
                    repo::groups::put(tx, &mut group).await?;
                }
            }
            if let Some(old) = old {
                repo::schedules::remove(tx, old).await?;
            }
            tx.journal(JournalEntry {
                event: if old.is_some() { "schedule.deleted" } else { "schedule.assigned" },
                subject: old.unwrap_or(new).to_string(),
                body: json!({
                    "name": dropped.as_ref().unwrap_or(&named), "replacement": dropped.as_ref().map(|_| new),
                    "users": users.len(), "devices": devices.len(), "groups": groups.len(),
                }),
            });
            Ok::<_, Error>(())
        })
        .await
}
