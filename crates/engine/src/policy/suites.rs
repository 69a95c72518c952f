//! Listing and editing suites.

use std::sync::Arc;

use catalog::{Liability, Permission, Template};
use domain::model::{JournalEntry, PolicySuite, PolicySuiteId, SuiteValues};
use domain::policy::Difference;
use serde_json::json;
use store::repo;

use crate::approvals::Pass;
use crate::issues::unchanged;
use crate::{Engine, Error, FieldIssue, PolicyGroup, Result, Scope};

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
    /// Groups that give it to their members.
    pub by_group: usize,
    /// It is the organization's default.
    pub is_default: bool,
    /// Devices that have it in force in the end.
    pub devices: usize,
}

impl Assignment {
    /// Whether somebody would be left without it: then it cannot be removed without a replacement.
    pub fn is_in_use(&self) -> bool {
        self.is_default || self.by_device + self.by_user + self.by_group > 0
    }
}

/// All suites with their use.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<(Arc<PolicySuite>, Assignment)>> {
    scope.require(Permission::PolicyView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let default = org.organization.settings.default_suite;
    let assignment = |suite: &PolicySuite| {
        let id = Some(suite.id);
        let devices = |fits: &dyn Fn(&PolicyGroup) -> bool| {
            org.tally().policies().filter(|(group, ..)| fits(group)).map(|(_, count, _)| count).sum()
        };
        Assignment {
            by_device: devices(&|group| group.device_suite == id),
            by_user: org.tally().users_with(suite.id),
            is_default: default == id,
            by_group: org.groups().iter().filter(|group| group.settings.suite == id).count(),
            devices: devices(&|group| group.suite(&org) == id),
        }
    };
    Ok(org.suites().into_iter().map(|suite| (Arc::clone(&suite), assignment(&suite))).collect())
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
    put(engine, scope, suite, "policy.created", serde_json::Value::Null, Pass::PART).await?;
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
    put(engine, scope, new, "policy.updated", json!(words), Pass::PART).await
}

pub(super) async fn put(
    engine: &Engine,
    scope: &Scope,
    suite: PolicySuite,
    event: &'static str,
    changes: serde_json::Value,
    pass: Pass,
) -> Result<()> {
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            pass.take(tx).await?;
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

pub(super) fn words(differences: &[Difference]) -> Vec<String> {
    differences.iter().map(Difference::sentence).collect()
}
