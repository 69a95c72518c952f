//! Who has which schedule: the default, and what happens when a schedule goes.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{JournalEntry, ScheduleId};
use serde_json::json;
use store::repo;

use super::edit::{get, in_use};
use crate::approvals::{self, Edit, Pass};
use crate::assignment::{Choices, Holders, Own, make_default, repoint};
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Makes a schedule the organization's default.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn assign_default(engine: &Engine, scope: &Scope, id: ScheduleId) -> Result<()> {
    scope.require(Permission::SchedulesEdit)?;
    get(engine, scope, id)?;
    let pass = approvals::ask(engine, scope, Edit::DefaultSchedule(id)).await?;
    carry_out(engine, scope, None, id, pass).await
}

/// Whether a schedule may be given to a group, user or device; `field` is what it was entered as.
pub(crate) fn check_assignable(
    org: &OrgIndex,
    field: &str,
    schedule: Option<ScheduleId>,
    issues: &mut Issues,
) {
    issues.check(schedule.is_none_or(|id| org.schedule(id).is_some()), field, || {
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
            let edit = Edit::ReplaceSchedule { schedule: id, replacement: new };
            let pass = approvals::ask(engine, scope, edit).await?;
            carry_out(engine, scope, Some(id), new, pass).await
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

/// Gives everybody who has the old schedule the new one (`None`: only the organization's default), and drops the old
/// one.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    old: Option<ScheduleId>,
    new: ScheduleId,
    pass: Pass,
) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let has = move |own: Own| old.is_some() && own.schedule == old;
    let holders = Arc::new(Holders::of(&org.read(), has));
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let missing = || Error::NotFound("connection schedule");
            let named = repo::schedules::get(tx, new).await?.ok_or_else(missing)?.name;
            let choices = Choices::schedule(Some(new));
            let dropped = if let Some(old) = old {
                let dropped = repo::schedules::get(tx, old).await?.ok_or_else(missing)?.name;
                repoint(tx, &holders, has, choices).await?;
                repo::schedules::remove(tx, old).await?;
                Some(dropped)
            } else {
                make_default(tx, choices).await?;
                None
            };
            tx.journal(JournalEntry {
                event: if old.is_some() { "schedule.deleted" } else { "schedule.assigned" },
                subject: old.unwrap_or(new).to_string(),
                body: holders.journaled(dropped.as_ref().unwrap_or(&named), dropped.as_ref().map(|_| new)),
            });
            Ok::<_, Error>(())
        })
        .await?;
    crate::compliance::catch_up(engine, scope.organization()).await
}
