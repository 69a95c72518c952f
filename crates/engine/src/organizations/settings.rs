//! The settings that an organization's own administrators change.

use catalog::Permission;
use domain::model::{JournalEntry, OrganizationId, OrganizationSettings};
use serde_json::json;
use store::{Tx, repo};

use crate::approvals::{self, Edit, Pass};
use crate::{Engine, Error, Result, Scope};

/// Changes the settings that an organization's own administrators may change.
///
/// # Errors
/// [`Error::Invalid`] by field.
pub async fn edit_settings(engine: &Engine, scope: &Scope, settings: OrganizationSettings) -> Result<()> {
    edit_settings_seen(engine, scope, None, settings).await
}

/// The same, only if the organization is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit_settings`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_settings_seen(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    settings: OrganizationSettings,
) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    check_settings(engine, scope, &settings)?;
    let settings = kept(engine, scope, settings)?;
    let pass = approvals::ask(engine, scope, Edit::Settings(Box::new(settings.clone()))).await?;
    carry_out(engine, scope, seen, settings, pass).await
}

/// What is not entered with the others stays: the limit is changed where approvals are, and there is always a schedule.
fn kept(engine: &Engine, scope: &Scope, new: OrganizationSettings) -> Result<OrganizationSettings> {
    let now = super::current(engine, scope)?;
    if now.settings.default_suite != new.default_suite {
        scope.require(Permission::PolicyPublish)?;
    }
    let default_schedule = new.default_schedule.or(now.settings.default_schedule);
    Ok(OrganizationSettings { governor: now.settings.governor.clone(), default_schedule, ..new })
}

/// Stores the settings, if the organization is still at the `rev` that was seen.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    settings: OrganizationSettings,
    pass: Pass,
) -> Result<()> {
    let id = scope.organization();
    let may_publish = if pass.is_approved() { Ok(()) } else { scope.require(Permission::PolicyPublish) };
    engine
        .store
        .write(id, scope.actor().clone(), async move |tx| {
            let mut organization =
                repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
            crate::issues::unchanged(seen, organization.rev)?;
            pass.take(tx).await?;
            if organization.settings.default_suite != settings.default_suite {
                may_publish.clone()?;
            }
            still_there(tx, &settings).await?;
            let before = json!(organization.settings);
            // What the governor leaves to one person is changed where approvals are.
            let governor = std::mem::take(&mut organization.settings.governor);
            let confirmed_steps = std::mem::take(&mut organization.settings.confirmed_steps);
            let set_up_passed = std::mem::take(&mut organization.settings.set_up_passed);
            // There is always one.
            let schedule = settings.default_schedule.or(organization.settings.default_schedule);
            organization.settings =
                OrganizationSettings { governor, confirmed_steps, set_up_passed, ..settings.clone() };
            organization.settings.default_schedule = schedule;
            repo::organizations::put(tx, &mut organization).await?;
            crate::report_mails::replan(tx, &organization.settings.time_zone).await?;
            tx.journal(updated(id, &before, &organization.settings));
            Ok::<_, Error>(())
        })
        .await?;
    crate::compliance::catch_up(engine, id).await
}

/// What Cisco ISE is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IseSettings {
    /// Devices retired in the last 7 days stay in polls.
    pub report_retired: bool,
    /// Devices to a page of a poll, 1 to 5000.
    pub page_size: u32,
    /// Where ISE sends users of unregistered devices; empty is our own page.
    pub redirect_url: String,
}

/// Changes what Cisco ISE is told, for who looks after ISE and perhaps after nothing else.
///
/// # Errors
/// [`Error::Invalid`] by field, [`Error::Conflict`] for another `rev` than the one seen.
pub async fn edit_ise_settings(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    settings: IseSettings,
) -> Result<()> {
    scope.require(Permission::IseEdit)?;
    let mut issues = crate::issues::Issues::default();
    check_ise(&mut issues, &settings);
    issues.done()?;
    let id = scope.organization();
    engine
        .store
        .write(id, scope.actor().clone(), async move |tx| {
            let mut organization =
                repo::organizations::get(tx, id).await?.ok_or(Error::NotFound("organization"))?;
            crate::issues::unchanged(seen, organization.rev)?;
            let before = json!(organization.settings);
            organization.settings.ise_report_retired = settings.report_retired;
            organization.settings.ise_page_size = settings.page_size;
            organization.settings.ise_redirect_url.clone_from(&settings.redirect_url);
            repo::organizations::put(tx, &mut organization).await?;
            tx.journal(updated(id, &before, &organization.settings));
            Ok::<_, Error>(())
        })
        .await
}

fn check_ise(issues: &mut crate::issues::Issues, settings: &IseSettings) {
    issues.check((1..=5000).contains(&settings.page_size), "ise_page_size", || "Enter 1 to 5000.".into());
    let url = settings.redirect_url.as_str();
    issues.check(url.is_empty() || is_web_address(url), "ise_redirect_url", || {
        "Enter an address such as https://help.example.com/new-phone, at most 500 characters.".into()
    });
}

fn updated(id: OrganizationId, before: &serde_json::Value, after: &OrganizationSettings) -> JournalEntry {
    JournalEntry {
        event: "organization.updated",
        subject: id.to_string(),
        body: json!({ "before": before, "after": after }),
    }
}

/// The defaults are not foreign keys: they are looked up again inside the unit.
async fn still_there(tx: &mut Tx, settings: &OrganizationSettings) -> Result<()> {
    if let Some(id) = settings.default_suite {
        repo::suites::get(tx, id).await?.ok_or(Error::NotFound("policy suite"))?;
    }
    if let Some(id) = settings.default_schedule {
        repo::schedules::get(tx, id).await?.ok_or(Error::NotFound("connection schedule"))?;
    }
    if let Some(id) = settings.default_server {
        repo::servers::get(tx, id).await?.ok_or(Error::NotFound("ActiveSync server"))?;
    }
    Ok(())
}

fn check_settings(engine: &Engine, scope: &Scope, settings: &OrganizationSettings) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut issues = crate::issues::Issues::default();
    issues.check(jiff::tz::TimeZone::get(&settings.time_zone).is_ok(), "time_zone", || {
        format!("{} is not a time zone. Use a name such as Europe/Berlin.", settings.time_zone)
    });
    if let Some(id) = settings.default_suite {
        match org.suite(id) {
            None => issues.add("default_suite", "There is no such policy suite."),
            Some(suite) => issues.check(suite.published.is_some(), "default_suite", || {
                "Publish the suite first: devices get only what is published.".into()
            }),
        }
    }
    let schedule = settings.default_schedule;
    issues.check(schedule.is_none_or(|id| org.schedule(id).is_some()), "default_schedule", || {
        "There is no such connection schedule.".into()
    });
    issues.check(settings.default_server.is_none_or(|id| org.server(id).is_some()), "default_server", || {
        "There is no such ActiveSync server.".into()
    });
    let ise = IseSettings {
        report_retired: settings.ise_report_retired,
        page_size: settings.ise_page_size,
        redirect_url: settings.ise_redirect_url.clone(),
    };
    check_ise(&mut issues, &ise);
    issues.check((1..=100).contains(&settings.auth_failure_threshold), "auth_failure_threshold", || {
        "Enter 1 to 100.".into()
    });
    issues.check(settings.auth_failure_minutes <= 1440, "auth_failure_minutes", || {
        "Enter 0 to 1440 minutes.".into()
    });
    issues.check((0..=7 * 86_400_000).contains(&settings.storage_grace_ms), "storage_grace_ms", || {
        "Enter 0 to 7 days, in milliseconds.".into()
    });
    issues.check(settings.contact.chars().count() <= 500, "contact", || "Use at most 500 characters.".into());
    for (platform, url) in &settings.redirects.0 {
        issues.check(url.is_empty() || url.starts_with("https://"), "redirects", || {
            format!("The address for {platform:?} must begin with https://.")
        });
    }
    issues.check(catalog::language_by_key(&settings.language).is_some(), "language", || {
        let known: Vec<_> = catalog::LANGUAGES.iter().map(|language| language.key).collect();
        format!("Enter one of {}.", known.join(", "))
    });
    let most = crate::enrollment::MOST_HOURS;
    issues.check((1..=most).contains(&settings.enrollment_hours), "enrollment_hours", || {
        format!("Enter 1 to {most} hours.")
    });
    for (field, days) in [
        ("journal_days", settings.journal_days),
        ("journal_body_days", settings.journal_body_days),
        ("command_history_days", settings.command_history_days),
        ("exchange_days", settings.exchange_days),
        ("verdict_days", settings.verdict_days),
    ] {
        check_days(&mut issues, field, days);
    }
    issues.done()
}

/// Longest time records are kept before "for ever", days: ten years.
const MOST_DAYS: u32 = 3_650;

/// How long something is kept, in days. Shorter than a month nobody could look into what happened.
pub(crate) fn check_days(issues: &mut crate::issues::Issues, field: &str, days: u32) {
    issues.check(days == 0 || (30..=MOST_DAYS).contains(&days), field, || {
        format!("Enter 30 to {MOST_DAYS} days, or 0 to keep it for ever.")
    });
}

/// `https://host…` without anything that would have to be escaped in XML or a header.
fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").filter(|_| url.len() <= 500);
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.split_once(':').map_or(host, |(name, _)| name);
        domain::names::domain_name(host).is_ok()
            && rest.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}'".contains(c))
    })
}
