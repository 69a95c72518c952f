//! Who has which suite: the default, and what happens when a suite goes.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{Group, JournalEntry, PolicySuiteId};
use serde_json::json;
use store::repo;

use super::suites::{get, list};
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Makes a published suite the organization's default.
///
/// # Errors
/// [`Error::Conflict`] for a suite that was never published.
pub async fn assign_default(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<()> {
    scope.require(Permission::PolicyPublish)?;
    published(engine, scope, id)?;
    replace(engine, scope, None, id, "policy.assigned").await
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
            replace(engine, scope, Some(id), new, "policy.deleted").await
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

/// Points everything from one suite to another (`None`: only the organization's default), and drops the old one.
async fn replace(
    engine: &Engine,
    scope: &Scope,
    old: Option<PolicySuiteId>,
    new: PolicySuiteId,
    event: &'static str,
) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let (users, devices, groups) = {
        let org = org.read();
        let users: Vec<_> = org.users().filter(|u| old.is_some() && u.suite == old).map(|u| u.id).collect();
        let devices: Vec<_> =
            org.devices.iter().filter(|d| old.is_some() && d.suite == old).map(|d| d.id).collect();
        let has_it = |group: &&Arc<Group>| old.is_some() && group.settings.suite == old;
        let groups: Vec<_> = org.groups().iter().filter(has_it).map(|group| group.id).collect();
        (users, devices, groups)
    };
    let organization = scope.organization();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
            let named = repo::suites::get(tx, new).await?.ok_or(Error::NotFound("policy suite"))?.name;
            let dropped = match old {
                Some(old) => repo::suites::get(tx, old).await?.map(|suite| suite.name),
                None => None,
            };
            let mut org =
                repo::organizations::get(tx, organization).await?.ok_or(Error::NotFound("organization"))?;
            if old.is_none() || org.settings.default_suite == old {
                org.settings.default_suite = Some(new);
                repo::organizations::put(tx, &mut org).await?;
            }
            for id in &users {
                if let Some(mut user) = repo::users::get(tx, *id).await? {
                    user.suite = Some(new);
                    repo::users::put(tx, &mut user).await?;
                }
            }
            for id in &devices {
                if let Some(mut device) = repo::devices::get(tx, *id).await? {
                    device.suite = Some(new);
                    repo::devices::put(tx, &mut device).await?;
                }
            }
            for id in &groups {
                if let Some(mut group) = repo::groups::get(tx, *id).await? {
                    group.settings.suite = Some(new);
                    repo::groups::put(tx, &mut group).await?;
                }
            }
            if let Some(old) = old {
                repo::suites::remove(tx, old).await?;
            }
            tx.journal(JournalEntry {
                event,
                subject: old.unwrap_or(new).to_string(),
                body: json!({
                    "name": dropped.as_ref().unwrap_or(&named), "replacement": dropped.as_ref().map(|_| new),
                    "users": users.len(), "devices": devices.len(), "groups": groups.len(),
                }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    Ok(())
}
