//! Publishing: what it would change, doing it, going back.

use std::collections::HashMap;

use catalog::Permission;
use domain::model::{DeviceId, PolicyRevision, PolicySuite, PolicySuiteId, SuiteValues};
use domain::policy::{Difference, DocumentClass, PolicyState, digest, document, policy_status};
use serde_json::json;
use store::repo;

use super::suites::{get, put, words};
use crate::approvals::{self, Edit, Pass};
use crate::assignment::{liability_of, suite_of};
use crate::{Engine, Error, Result, Scope};

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
/// really becomes different. Those that have to anyway do not count.
///
/// # Errors
/// [`Error::NotFound`].
pub fn affected(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<Vec<DeviceId>> {
    let suite = get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut digests = HashMap::new();
    let mut touched = Vec::new();
    for device in org.devices.iter() {
        let (Some(user), Some(channel)) = (org.user(device.user), device.eas()) else { continue };
        if suite_of(&org, user, Some(device)).0.is_none_or(|s| s.id != id) {
            continue;
        }
        let liability = liability_of(&org, user, Some(device)).value;
        let class = DocumentClass::of_version(&channel.eas.version);
        let new = digests
            .entry((liability, class))
            .or_insert_with(|| digest(&document(suite.draft.column(liability), class), class));
        let outdated = policy_status(&channel.eas, new).state == PolicyState::Outdated;
        if outdated && super::state_of(&org, device) != PolicyState::Outdated {
            touched.push(device.id);
        }
    }
    Ok(touched)
}

/// How many devices [`affected`] would name, from the sums that are kept: for pages.
///
/// # Errors
/// [`Error::NotFound`].
pub fn affected_count(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<usize> {
    let suite = get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut touched = 0;
    for (group, count, channel) in org.tally().policies() {
        let Some(class) = group.class.filter(|_| group.suite(&org) == Some(id)) else {
            continue;
        };
        let liability = group.liability(&org);
        let new = digest(&document(suite.draft.column(liability), class), class);
        let now = &org.documents.get(Some(&suite), liability, class).digest;
        let outdated = |wanted: &str| policy_status(channel, wanted).state == PolicyState::Outdated;
        if outdated(&new) && !outdated(now) {
            touched += count;
        }
    }
    Ok(touched)
}

/// Publishes the draft as a new, immutable revision.
///
/// # Errors
/// [`Error::Conflict`] when nothing changed; [`Error::Held`].
pub async fn publish(engine: &Engine, scope: &Scope, id: PolicySuiteId, note: &str) -> Result<i64> {
    scope.require(Permission::PolicyPublish)?;
    let suite = get(engine, scope, id)?;
    if suite.published.as_ref().is_some_and(|r| r.values == suite.draft) {
        return Err(Error::conflict("The draft is the same as what is published."));
    }
    ask_and_publish(engine, scope, id, suite.draft.clone(), note, None).await
}

/// Publishes an earlier revision's values again, as a new revision; the draft becomes the same.
///
/// # Errors
/// [`Error::NotFound`] for a revision that does not exist.
pub async fn roll_back(engine: &Engine, scope: &Scope, id: PolicySuiteId, to: i64) -> Result<i64> {
    scope.require(Permission::PolicyPublish)?;
    get(engine, scope, id)?;
    let old = engine
        .store
        .read(scope.organization(), async move |tx| Ok::<_, Error>(repo::suites::revision(tx, id, to).await?))
        .await?
        .ok_or(Error::NotFound("revision"))?;
    ask_and_publish(engine, scope, id, old.values, &format!("Back to revision {to}"), Some(to)).await
}

async fn ask_and_publish(
    engine: &Engine,
    scope: &Scope,
    suite: PolicySuiteId,
    values: SuiteValues,
    note: &str,
    back_to: Option<i64>,
) -> Result<i64> {
    let edit = Edit::Publish { suite, values: Box::new(values.clone()), note: note.to_owned(), back_to };
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, suite, values, note, back_to, pass).await
}

/// Publishes values, those of an earlier revision with `back_to`.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: PolicySuiteId,
    values: SuiteValues,
    note: &str,
    back_to: Option<i64>,
    pass: Pass,
) -> Result<i64> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let suite = org.read().suite(id).cloned().ok_or(Error::NotFound("policy suite"))?;
    let nothing = SuiteValues::default();
    let before = suite.published.as_ref().map_or(&nothing, |r| &r.values);
    let words = words(&domain::policy::diff(before, &values));
    let number = suite.published.as_ref().map_or(1, |r| r.number + 1);
    let mut new = PolicySuite::clone(&suite);
    let event = if back_to.is_some() { "policy.rolled_back" } else { "policy.published" };
    if back_to.is_some() {
        new.draft = values.clone();
    }
    new.published = Some(PolicyRevision {
        number,
        values,
        published_at: engine.now(),
        published_by: scope.actor().to_string(),
        note: note.chars().take(500).collect(),
    });
    put(engine, scope, new, event, json!({ "revision": number, "changes": words }), pass).await?;
    crate::compliance::catch_up(engine, scope.organization()).await?;
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
