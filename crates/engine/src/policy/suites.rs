//! Editing and publishing suites.

use std::sync::Arc;

use catalog::{Liability, Permission, Template};
use domain::model::{DeviceId, JournalEntry, PolicyRevision, PolicySuite, PolicySuiteId, SuiteValues};
use domain::policy::{Difference, DocumentClass, digest, document};
use serde_json::json;
use store::repo;

use crate::issues::unchanged;
use crate::{Engine, Error, FieldIssue, Result, Scope};

/// Name, description and values of a suite.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SuiteInput {
    /// Name, unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The draft; `None` leaves it (or starts from `template`).
    pub draft: Option<SuiteValues>,
    /// Template to start a new suite from: none, low, moderate, strict.
    pub template: Option<String>,
}

/// How many devices and users have a suite, by where it comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Assignment {
    /// Devices with a suite of their own.
    pub by_device: usize,
    /// Users with a suite of their own.
    pub by_user: usize,
    /// It is the organization's default.
    pub is_default: bool,
    /// Devices that have it in force in the end.
    pub devices: usize,
}

/// All suites with their use.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<(Arc<PolicySuite>, Assignment)>> {
    scope.require(Permission::PolicyView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut counts = std::collections::HashMap::<PolicySuiteId, Assignment>::new();
    for user in org.users() {
        if let Some(id) = user.suite {
            counts.entry(id).or_default().by_user += 1;
        }
    }
    for device in org.devices.iter() {
        if let Some(id) = device.suite {
            counts.entry(id).or_default().by_device += 1;
        }
        if let Some(suite) = org.user(device.user).and_then(|u| super::suite_of(&org, u, device).0) {
            counts.entry(suite.id).or_default().devices += 1;
        }
    }
    if let Some(id) = org.organization.settings.default_suite {
        counts.entry(id).or_default().is_default = true;
    }
    Ok(org
        .suites()
        .into_iter()
        .map(|s| (Arc::clone(&s), counts.get(&s.id).copied().unwrap_or_default()))
        .collect())
}

/// One suite.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<Arc<PolicySuite>> {
    scope.require(Permission::PolicyView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let suite = org.read().suite(id).cloned();
    suite.ok_or(Error::NotFound("policy suite"))
}

/// Makes a suite as a draft; nothing reaches a device before it is published and assigned.
///
/// # Errors
/// [`Error::Invalid`] by field (`corporate.key`, `individual.key`).
pub async fn create(engine: &Engine, scope: &Scope, input: SuiteInput) -> Result<PolicySuiteId> {
    scope.require(Permission::PolicyEdit)?;
    let draft = match (&input.draft, &input.template) {
        (Some(draft), _) => draft.clone(),
        (None, template) => from_template(template.as_deref().unwrap_or("none"))?,
    };
    check(&draft)?;
    let now = engine.now();
    let suite = PolicySuite {
        organization: scope.organization(),
        id: engine.entropy.id(now),
        rev: 0,
        name: check_name(&input.name)?,
        description: input.description,
        draft,
        published: None,
        created_at: now,
    };
    let id = suite.id;
    put(engine, scope, suite, "policy.created", serde_json::Value::Null).await?;
    Ok(id)
}

fn from_template(key: &str) -> Result<SuiteValues> {
    let template = Template::from_key(key)
        .ok_or_else(|| Error::invalid("template", "Choose one of: none, low, moderate, strict."))?;
    Ok(SuiteValues {
        corporate: catalog::template(template, Liability::Corporate),
        individual: catalog::template(template, Liability::Individual),
    })
}

/// Copies a suite as a new draft.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] for a taken name.
pub async fn copy(engine: &Engine, scope: &Scope, id: PolicySuiteId, name: &str) -> Result<PolicySuiteId> {
    let from = get(engine, scope, id)?;
    let input = SuiteInput {
        name: name.to_owned(),
        description: from.description.clone(),
        draft: Some(from.draft.clone()),
        template: None,
    };
    create(engine, scope, input).await
}

/// Changes name, description and draft.
///
/// # Errors
/// As [`create`].
pub async fn edit(engine: &Engine, scope: &Scope, id: PolicySuiteId, input: SuiteInput) -> Result<()> {
    edit_seen(engine, scope, id, None, input).await
}

/// The same, only if the suite is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_seen(
    engine: &Engine,
    scope: &Scope,
    id: PolicySuiteId,
    seen: Option<i64>,
    input: SuiteInput,
) -> Result<()> {
    scope.require(Permission::PolicyEdit)?;
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    let mut new = PolicySuite::clone(&old);
    new.name = check_name(&input.name)?;
    new.description = input.description;
    if let Some(draft) = input.draft {
        check(&draft)?;
        new.draft = draft;
    }
    let words = words(&domain::policy::diff(&old.draft, &new.draft));
    put(engine, scope, new, "policy.updated", json!(words)).await
}

/// What publishing would change, in words; against nothing for the first publication.
///
/// # Errors
/// [`Error::NotFound`].
pub fn diff_with_published(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<Vec<Difference>> {
    let suite = get(engine, scope, id)?;
    let nothing = SuiteValues::default();
    let before = suite.published.as_ref().map_or(&nothing, |r| &r.values);
    Ok(domain::policy::diff(before, &suite.draft))
}

/// Devices that would have to fetch their policy again if the draft were published: only those whose document
/// really becomes different.
///
/// # Errors
/// [`Error::NotFound`].
pub fn affected(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<Vec<DeviceId>> {
    let suite = get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut digests = std::collections::HashMap::new();
    let mut touched = Vec::new();
    for device in org.devices.iter() {
        let (Some(user), Some(channel)) = (org.user(device.user), device.eas()) else { continue };
        if super::suite_of(&org, user, device).0.is_none_or(|s| s.id != id) {
            continue;
        }
        let liability = domain::effective_liability(Some(device), user, &org.organization.settings).value;
        let class = DocumentClass::of_version(&channel.eas.version);
        let new = digests
            .entry((liability, class))
            .or_insert_with(|| digest(&document(suite.draft.column(liability), class), class));
        if channel.eas.applied.as_ref().is_none_or(|a| a.digest != *new) {
            touched.push(device.id);
        }
    }
    Ok(touched)
}

/// Publishes the draft as a new, immutable revision.
///
/// # Errors
/// [`Error::Conflict`] when nothing changed.
pub async fn publish(engine: &Engine, scope: &Scope, id: PolicySuiteId, note: &str) -> Result<i64> {
    scope.require(Permission::PolicyPublish)?;
    let suite = get(engine, scope, id)?;
    if suite.published.as_ref().is_some_and(|r| r.values == suite.draft) {
        return Err(Error::conflict("The draft is the same as what is published."));
    }
    publish_values(engine, scope, &suite, suite.draft.clone(), note, "policy.published").await
}

/// Publishes an earlier revision's values again, as a new revision; the draft becomes the same.
///
/// # Errors
/// [`Error::NotFound`] for a revision that does not exist.
pub async fn roll_back(engine: &Engine, scope: &Scope, id: PolicySuiteId, to: i64) -> Result<i64> {
    scope.require(Permission::PolicyPublish)?;
    let suite = get(engine, scope, id)?;
    let old = engine
        .store
        .read(scope.organization(), async move |tx| Ok::<_, Error>(repo::suites::revision(tx, id, to).await?))
        .await?
        .ok_or(Error::NotFound("revision"))?;
    publish_values(engine, scope, &suite, old.values, &format!("Back to revision {to}"), "policy.rolled_back")
        .await
}

async fn publish_values(
    engine: &Engine,
    scope: &Scope,
    suite: &PolicySuite,
    values: SuiteValues,
    note: &str,
    event: &'static str,
) -> Result<i64> {
    let nothing = SuiteValues::default();
    let before = suite.published.as_ref().map_or(&nothing, |r| &r.values);
    let words = words(&domain::policy::diff(before, &values));
    let number = suite.published.as_ref().map_or(1, |r| r.number + 1);
    let mut new = suite.clone();
    new.draft = values.clone();
    new.published = Some(PolicyRevision {
        number,
        values,
        published_at: engine.now(),
        published_by: scope.actor().to_string(),
        note: note.chars().take(500).collect(),
    });
    put(engine, scope, new, event, json!({ "revision": number, "changes": words })).await?;
    crate::compliance::reevaluate_soon(engine, scope.organization());
    Ok(number)
}

/// Revisions of a suite, newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn revisions(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<Vec<PolicyRevision>> {
    get(engine, scope, id)?;
    engine
        .store
        .read(scope.organization(), async move |tx| {
            Ok::<_, Error>(repo::suites::revisions(tx, id, None, 100).await?)
        })
        .await
}

/// Makes a published suite the organization's default.
///
/// # Errors
/// [`Error::Conflict`] for a suite that was never published.
pub async fn assign_default(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<()> {
    scope.require(Permission::PolicyPublish)?;
    let suite = get(engine, scope, id)?;
    if suite.published.is_none() {
        return Err(Error::conflict("Publish the suite first: devices get only what is published."));
    }
    replace(engine, scope, None, id, "policy.assigned").await
}

/// Deletes a suite; whoever has it gets the replacement.
///
/// # Errors
/// [`Error::Conflict`] when it is in use and no replacement is named.
pub async fn remove(
    engine: &Engine,
    scope: &Scope,
    id: PolicySuiteId,
    replacement: Option<PolicySuiteId>,
) -> Result<()> {
    scope.require(Permission::PolicyEdit)?;
    let (_, used) =
        list(engine, scope)?.into_iter().find(|(s, _)| s.id == id).ok_or(Error::NotFound("policy suite"))?;
    let in_use = used.is_default || used.by_device + used.by_user > 0;
    match replacement {
        Some(new) if new != id => {
            get(engine, scope, new)?;
            replace(engine, scope, Some(id), new, "policy.deleted").await
        }
        Some(_) => Err(Error::invalid("replacement", "A suite cannot replace itself.")),
        None if in_use => Err(Error::conflict("The suite is in use. Choose the suite that replaces it.")),
        None => {
            engine
                .store
                .write(scope.organization(), scope.actor().clone(), async move |tx| {
                    repo::suites::remove(tx, id).await?;
                    tx.journal(JournalEntry {
                        event: "policy.deleted",
                        subject: id.to_string(),
                        body: json!({}),
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
    let (users, devices) = {
        let org = org.read();
        let users: Vec<_> = org.users().filter(|u| old.is_some() && u.suite == old).map(|u| u.id).collect();
        let devices: Vec<_> =
            org.devices.iter().filter(|d| old.is_some() && d.suite == old).map(|d| d.id).collect();
        (users, devices)
    };
    let organization = scope.organization();
    engine
        .store
        .write(organization, scope.actor().clone(), async move |tx| {
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
            if let Some(old) = old {
                repo::suites::remove(tx, old).await?;
            }
            tx.journal(JournalEntry {
                event,
                subject: old.unwrap_or(new).to_string(),
                body: json!({ "replacement": new, "users": users.len(), "devices": devices.len() }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    crate::compliance::reevaluate_soon(engine, organization);
    Ok(())
}

async fn put(
    engine: &Engine,
    scope: &Scope,
    suite: PolicySuite,
    event: &'static str,
    changes: serde_json::Value,
) -> Result<()> {
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut suite = suite.clone();
            repo::suites::put(tx, &mut suite).await?;
            tx.journal(JournalEntry {
                event,
                subject: suite.id.to_string(),
                body: json!({ "name": suite.name, "changes": changes }),
            });
            Ok::<_, Error>(())
        })
        .await
}

fn check(values: &SuiteValues) -> Result<()> {
    let issues: Vec<FieldIssue> = domain::policy::validate(values)
        .into_iter()
        .map(|issue| FieldIssue {
            field: format!("{}.{}", issue.column.key(), issue.key),
            message: issue.message,
        })
        .collect();
    if issues.is_empty() { Ok(()) } else { Err(Error::Invalid(issues)) }
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=100).contains(&name.chars().count()) {
        Ok(name.to_owned())
    } else {
        Err(Error::invalid("name", "Enter a name of 1 to 100 characters."))
    }
}

fn words(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(Difference::sentence).collect()
}
