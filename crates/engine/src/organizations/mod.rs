//! Organizations: making, listing, and the settings of System Management ▸ Organization.

mod archive;
pub(crate) mod remove;
pub(crate) mod settings;

pub use archive::archive;
pub use remove::{Removal, remove, tick};
pub(crate) use settings::check_days;
pub use settings::{IseSettings, edit_ise_settings, edit_settings, edit_settings_seen};

use std::sync::Arc;

use domain::model::{
    Actor, JournalEntry, Organization, OrganizationId, OrganizationSettings, PolicySuite, Quota, SuiteValues,
};
use serde_json::json;
use store::repo;

use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, Result, Scope};

/// What a new organization needs.
#[derive(Debug, Clone, Default, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    /// Short name in addresses: 2 to 32 of `a-z 0-9 -`, never changed later.
    pub slug: String,
    /// Name shown.
    pub name: String,
    /// Mail domains granted to it.
    #[serde(default)]
    pub mail_domains: Vec<String>,
    /// Login domains (`DOMAIN\user`) granted to it.
    #[serde(default)]
    pub login_domains: Vec<String>,
    /// Host names that lead to it.
    #[serde(default)]
    pub host_names: Vec<String>,
}

/// What a system administrator may change of an organization. Missing fields stay as they are.
#[derive(Debug, Clone, Default, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrganizationEdit {
    /// Name shown.
    pub name: Option<String>,
    /// Serves devices and administrators.
    pub enabled: Option<bool>,
    /// Mail domains.
    pub mail_domains: Option<Vec<String>>,
    /// Login domains.
    pub login_domains: Option<Vec<String>>,
    /// Host names.
    pub host_names: Option<Vec<String>>,
    /// How many devices, and until when; as a whole.
    pub quota: Option<Quota>,
}

/// All organizations, for a system administrator; else one's own.
pub fn list(engine: &Engine, scope: &Scope) -> Vec<Arc<Organization>> {
    let all = engine.directory.organizations();
    if scope.is_system_administrator() {
        return all;
    }
    all.into_iter().filter(|o| o.id == scope.organization()).collect()
}

/// The organization of the scope.
///
/// # Errors
/// [`Error::NotFound`] when a system administrator has not chosen one.
pub fn current(engine: &Engine, scope: &Scope) -> Result<Arc<Organization>> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let organization = Arc::clone(&org.read().organization);
    Ok(organization)
}

/// Makes an organization, with its default policy suite and connection schedule.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Conflict`] when a name is taken.
pub async fn create(engine: &Engine, scope: &Scope, new: NewOrganization) -> Result<Arc<Organization>> {
    scope.require_system()?;
    domain::names::check_slug(&new.slug).map_err(|why| Error::invalid("slug", why.0))?;
    let now = engine.now();
    let id: OrganizationId = engine.entropy.id(now);
    let suite = default_suite(engine, id, now);
    let schedule = crate::schedules::standard(engine, id, now);
    let settings = OrganizationSettings {
        default_suite: Some(suite.id),
        default_schedule: Some(schedule.id),
        ..OrganizationSettings::default()
    };
    let organization = Organization {
        id,
        rev: 0,
        slug: new.slug,
        name: check_name(&new.name)?,
        enabled: true,
        mail_domains: check_domains("mail_domains", new.mail_domains)?,
        login_domains: check_login_domains(new.login_domains)?,
        host_names: check_domains("host_names", new.host_names)?,
        settings,
        columns: Vec::new(),
        quota: Quota::default(),
        terms: None,
        removing: false,
        created_at: now,
    };
    engine
        .store
        .write(id, scope.actor().clone(), async move |tx| {
            let mut organization = organization.clone();
            repo::organizations::put(tx, &mut organization).await?;
            repo::suites::put(tx, &mut suite.clone()).await?;
            repo::schedules::put(tx, &mut schedule.clone()).await?;
            let entry = JournalEntry {
                event: "organization.created",
                subject: organization.id.to_string(),
                body: json!({ "slug": organization.slug, "name": organization.name }),
            };
            tx.journal(entry.clone());
            tx.journal_installation(entry);
            Ok::<_, Error>(())
        })
        .await?;
    let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    let organization = Arc::clone(&org.read().organization);
    Ok(organization)
}

/// The suite that every organization begins with: the moderate template, published.
fn default_suite(engine: &Engine, organization: OrganizationId, now: domain::Millis) -> PolicySuite {
    let draft = SuiteValues {
        corporate: catalog::template(catalog::Template::Moderate, catalog::Liability::Corporate),
        individual: catalog::template(catalog::Template::Moderate, catalog::Liability::Individual),
    };
    PolicySuite {
        organization,
        id: engine.entropy.id(now),
        rev: 0,
        name: "Default".into(),
        description: "Given to everybody who has no other suite.".into(),
        published: Some(domain::model::PolicyRevision {
            number: 1,
            values: draft.clone(),
            published_at: now,
            published_by: Actor::System.to_string(),
            note: "Template Moderate".into(),
        }),
        draft,
        created_at: now,
    }
}

/// Changes what a system administrator grants.
///
/// # Errors
/// As [`create`].
pub async fn edit(engine: &Engine, scope: &Scope, id: OrganizationId, edit: OrganizationEdit) -> Result<()> {
    scope.require_system()?;
    let pass = approvals::ask_in(engine, scope, id, Edit::Granted(Box::new(edit.clone()))).await?;
    carry_out(engine, scope, id, edit, pass).await
}

/// Stores what is granted.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: OrganizationId,
    edit: OrganizationEdit,
    pass: Pass,
) -> Result<()> {
    engine
        .store
        .write(id, scope.actor().clone(), async move |tx| {
            let mut organization =
                repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
            pass.take(tx).await?;
            let before = granted(&organization);
            let was_enabled = organization.enabled;
            grant(&mut organization, &edit)?;
            repo::organizations::put(tx, &mut organization).await?;
            let event = match (was_enabled, organization.enabled) {
                (false, true) => "organization.enabled",
                (true, false) => "organization.disabled",
                _ => "organization.updated",
            };
            let body = json!({ "before": before, "after": granted(&organization) });
            let entry = JournalEntry { event, subject: id.to_string(), body };
            // The one who grants is of the installation, the one it is granted to should know.
            tx.journal(entry.clone());
            tx.journal_installation(entry);
            Ok::<_, Error>(())
        })
        .await
}

/// Gives an organization what a system administrator entered.
///
/// # Errors
/// [`Error::Invalid`] by field.
pub(crate) fn grant(organization: &mut Organization, edit: &OrganizationEdit) -> Result<()> {
    if let Some(name) = &edit.name {
        organization.name = check_name(name)?;
    }
    organization.enabled = edit.enabled.unwrap_or(organization.enabled);
    if let Some(domains) = &edit.mail_domains {
        organization.mail_domains = check_domains("mail_domains", domains.clone())?;
    }
    if let Some(domains) = &edit.login_domains {
        organization.login_domains = check_login_domains(domains.clone())?;
    }
    if let Some(hosts) = &edit.host_names {
        organization.host_names = check_domains("host_names", hosts.clone())?;
    }
    if let Some(quota) = &edit.quota {
        organization.quota = check_quota(quota)?;
    }
    Ok(())
}

fn check_quota(quota: &Quota) -> Result<Quota> {
    let mut issues = crate::issues::Issues::default();
    for (field, limit) in [("quota_soft", quota.soft), ("quota_hard", quota.hard)] {
        issues.check(limit.is_none_or(|n| n <= Quota::MOST), field, || {
            format!("Enter at most {} devices.", Quota::MOST)
        });
    }
    let ordered = quota.soft.zip(quota.hard).is_none_or(|(soft, hard)| soft <= hard);
    issues.check(ordered, "quota_soft", || "Warn at the limit, or before it.".into());
    let after_1970 = quota.expires_at.is_none_or(|at| at > 0);
    issues.check(after_1970, "quota_expires_at", || "Enter a day after 1970.".into());
    issues.done()?;
    Ok(quota.clone())
}

/// What a system administrator grants, for the journal.
pub(crate) fn granted(organization: &Organization) -> serde_json::Value {
    json!({
        "name": organization.name, "enabled": organization.enabled, "mail_domains": organization.mail_domains,
        "login_domains": organization.login_domains, "host_names": organization.host_names,
        "quota": organization.quota,
    })
}

fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Error::invalid("name", "Enter a name of 1 to 100 characters."));
    }
    Ok(name.to_owned())
}

fn check_domains(field: &str, domains: Vec<String>) -> Result<Vec<String>> {
    names(field, domains, domain::names::domain_name)
}

fn check_login_domains(domains: Vec<String>) -> Result<Vec<String>> {
    names("login_domains", domains, domain::names::login_domain)
}

fn names(
    field: &str,
    entered: Vec<String>,
    check: fn(&str) -> Result<String, domain::names::NameError>,
) -> Result<Vec<String>> {
    entered
        .iter()
        .filter(|name| !name.trim().is_empty())
        .map(|name| check(name.trim()).map_err(|why| Error::invalid(field, why.0)))
        .collect()
}
