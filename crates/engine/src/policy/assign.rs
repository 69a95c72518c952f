//! Who has which suite: the default, and what happens when a suite goes.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{JournalEntry, PolicySuiteId};
use serde_json::json;
use store::repo;

use super::suites::{get, list};
use crate::approvals::{self, Edit, Pass};
use crate::assignment::{Choices, Holders, Own, make_default, repoint};
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Makes a published suite the organization's default.
///
/// # Errors
/// [`Error::Conflict`] for a suite that was never published.
pub async fn assign_default(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<()> {
    scope.require(Permission::PolicyPublish)?;
    published(engine, scope, id)?;
    let pass = approvals::ask(engine, scope, Edit::DefaultSuite(id)).await?;
    carry_out(engine, scope, None, id, pass).await
}

fn published(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<()> {
    if get(engine, scope, id)?.published.is_none() {
        return Err(Error::conflict("Publish the suite first: devices get only what is published."));
    }
    Ok(())
}

/// Whether a suite may be given to a group, user or device; `field` is what it was entered as.
pub(crate) fn check_assignable(
    org: &OrgIndex,
    field: &str,
    suite: Option<PolicySuiteId>,
    issues: &mut Issues,
) {
    let Some(id) = suite else { return };
    match org.suite(id) {
        None => issues.add(field, "There is no such policy suite."),
        Some(suite) => issues.check(suite.published.is_some(), field, || {
            "Publish the suite first: devices get only what is published.".into()
        }),
    }
}

/// Deletes a suite; whoever has it gets the replacement.
///
/// # Errors
/// [`Error::Conflict`] when it is in use and no replacement is named, or the replacement was never published;
/// [`Error::Denied`] when it is in use and one may not publish: others get another policy then.
pub async fn remove(
    engine: &Engine,
    scope: &Scope,
    id: PolicySuiteId,
    replacement: Option<PolicySuiteId>,
) -> Result<()> {
    scope.require(Permission::PolicyEdit)?;
    let (suite, used) =
        list(engine, scope)?.into_iter().find(|(s, _)| s.id == id).ok_or(Error::NotFound("policy suite"))?;
    let in_use = used.is_in_use();
    if in_use {
        scope.require(Permission::PolicyPublish)?;
    }
    match replacement {
        Some(new) if new != id => {
            published(engine, scope, new)?;
            let edit = Edit::ReplaceSuite { suite: id, replacement: new };
            let pass = approvals::ask(engine, scope, edit).await?;
            carry_out(engine, scope, Some(id), new, pass).await
        }
        Some(_) => Err(Error::invalid("replacement", "A suite cannot replace itself.")),
        None if in_use => Err(Error::conflict("The suite is in use. Choose the suite that replaces it.")),
        None => {
            engine
                .store
                .write(scope.organization(), scope.actor().clone(), async move |tx| {
                    let organization = repo::organizations::get(tx, tx.organization()).await?;
                    if organization.is_some_and(|o| o.settings.default_suite == Some(id)) {
                        return Err(Error::conflict(
                            "The suite is in use. Choose the suite that replaces it.",
                        ));
                    }
                    repo::suites::remove(tx, id).await?;
                    tx.journal(JournalEntry {
                        event: "policy.deleted",
                        subject: id.to_string(),
                        body: json!({ "name": suite.name }),
                    });
                    Ok::<_, Error>(())
                })
                .await
        }
    }
}

/// Gives everybody who has the old suite the new one (`None`: only the organization's default), and drops the old one.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    old: Option<PolicySuiteId>,
    new: PolicySuiteId,
    pass: Pass,
) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let has = move |own: Own| old.is_some() && own.suite == old;
    let holders = Arc::new(Holders::of(&org.read(), has));
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
            let named = repo::suites::get(tx, new).await?.ok_or(Error::NotFound("policy suite"))?.name;
            let choices = Choices::suite(Some(new));
            let dropped = if let Some(old) = old {
                repoint(tx, &holders, has, choices).await?;
                let dropped = repo::suites::get(tx, old).await?.map(|suite| suite.name);
                repo::suites::remove(tx, old).await?;
                dropped
            } else {
                make_default(tx, choices).await?;
                None
            };
            tx.journal(JournalEntry {
                event: if old.is_some() { "policy.deleted" } else { "policy.assigned" },
                subject: old.unwrap_or(new).to_string(),
                body: holders.journaled(dropped.as_ref().unwrap_or(&named), dropped.as_ref().map(|_| new)),
            });
            Ok::<_, Error>(())
        })
        .await?;
    crate::compliance::catch_up(engine, scope.organization()).await
}
