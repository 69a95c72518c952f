//! Reports that are sent by mail: what is entered, who may get them, and when they are due.

mod check;
mod send;
mod when;

pub(crate) use send::settle;
pub use send::{run_now, tick};
pub use when::next;

use catalog::{Permission, Platform, Report};
use domain::mail::MailAddress;
use domain::model::{GroupId, JournalEntry, OrganizationId, Recurrence, ReportMail, ReportMailId};
use jiff::tz::TimeZone;
use serde_json::json;
use store::repo::{self, constraint};

use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope};

/// Recipients of one report at most.
pub const MOST_RECIPIENTS: usize = 20;
/// Report mails of an organization at most.
pub const MOST: usize = 100;

/// What is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportMailInput {
    /// Name, 1 to 100 letters, unique in the organization.
    pub name: String,
    /// Which report.
    pub report: Report,
    /// Only devices of this platform.
    pub platform: Option<Platform>,
    /// Only devices of the members of this group.
    pub group: Option<GroupId>,
    /// Days without contact, 1 to 3,650.
    pub silent_days: Option<u32>,
    /// A report over a period looks back so many days, 1 to 366.
    pub period_days: u32,
    /// A workbook instead of CSV.
    pub workbook: bool,
    /// Addresses in the organization's mail domains, or of its administrators.
    pub recipients: Vec<String>,
    /// How often.
    pub when: Recurrence,
    /// Whether it is sent.
    pub on: bool,
}

/// All of them, by name.
///
/// # Errors
/// [`Error::Denied`]; storage errors.
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<ReportMail>> {
    scope.require(Permission::OrganizationView)?;
    let read = async |tx: &mut store::Tx| Ok::<_, Error>(repo::report_mails::list(tx).await?);
    engine.store.read(scope.organization(), read).await
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`], also for another organization's.
pub async fn get(engine: &Engine, scope: &Scope, id: ReportMailId) -> Result<ReportMail> {
    scope.require(Permission::OrganizationView)?;
    let read = async move |tx: &mut store::Tx| Ok::<_, Error>(repo::report_mails::get(tx, id).await?);
    engine.store.read(scope.organization(), read).await?.ok_or(MISSING)
}

const MISSING: Error = Error::NotFound("report by mail");

/// Makes one. Whoever does must be allowed to see and to export the report.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] by field; [`Error::Conflict`] for a name that is taken and beyond [`MOST`].
pub async fn create(engine: &Engine, scope: &Scope, input: ReportMailInput) -> Result<ReportMailId> {
    may_take_out(scope, input.report)?;
    let (recipients, zone) = check::checked(engine, scope, &input)?;
    let (organization, now) = (scope.organization(), engine.now());
    let id = engine.entropy.id(now);
    let next_at = due(&input, &zone, now);
    let mail = filled(organization, id, input, recipients, next_at);
    let unit = async move |tx: &mut store::Tx| {
        if repo::report_mails::list(tx).await?.len() >= MOST {
            return Err(Error::conflict("There are 100 reports by mail already. Remove one first."));
        }
        repo::report_mails::put(tx, &mut mail.clone()).await.map_err(named)?;
        tx.journal(entry("report_mail.created", &mail));
        Ok::<_, Error>(())
    };
    engine.store.write(organization, scope.actor().clone(), unit).await?;
    Ok(id)
}

/// Replaces what was entered.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`]; [`Error::Conflict`] for another `rev` than the one seen.
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: ReportMailId,
    seen: Option<i64>,
    input: ReportMailInput,
) -> Result<()> {
    may_take_out(scope, input.report)?;
    let (recipients, zone) = check::checked(engine, scope, &input)?;
    let next_at = due(&input, &zone, engine.now());
    let new = filled(scope.organization(), id, input, recipients, next_at);
    let unit = async move |tx: &mut store::Tx| {
        let old = repo::report_mails::get(tx, id).await?.ok_or(MISSING)?;
        unchanged(seen, old.rev)?;
        let mut mail = ReportMail { rev: old.rev, last: old.last, ..new.clone() };
        repo::report_mails::put(tx, &mut mail).await.map_err(named)?;
        tx.journal(entry("report_mail.updated", &mail));
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// Removes one.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(engine: &Engine, scope: &Scope, id: ReportMailId) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    let unit = async move |tx: &mut store::Tx| {
        let mail = repo::report_mails::get(tx, id).await?.ok_or(MISSING)?;
        repo::report_mails::remove(tx, id).await?;
        tx.journal(entry("report_mail.deleted", &mail));
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// A report leaves by mail only at the word of somebody who could take it out himself.
fn may_take_out(scope: &Scope, report: Report) -> Result<()> {
    scope.require(Permission::OrganizationEdit)?;
    scope.require(Permission::DevicesExport)?;
    scope.require(report.info().needs)
}

fn due(input: &ReportMailInput, zone: &TimeZone, now: domain::Millis) -> Option<domain::Millis> {
    if input.on { next(input.when, zone, now) } else { None }
}

fn filled(
    organization: OrganizationId,
    id: ReportMailId,
    input: ReportMailInput,
    recipients: Vec<MailAddress>,
    next_at: Option<domain::Millis>,
) -> ReportMail {
    let ReportMailInput {
        name, report, platform, group, silent_days, period_days, workbook, when, on, ..
    } = input;
    ReportMail {
        organization,
        id,
        rev: 0,
        name: name.trim().to_owned(),
        report,
        platform,
        group,
        silent_days,
        period_days,
        workbook,
        recipients,
        when,
        on,
        last: None,
        next_at,
    }
}

/// The clocks of the organization are others now: what is not due yet is due at its time on them.
pub(crate) async fn replan(tx: &mut store::Tx, zone: &str) -> Result<()> {
    let (zone, now) = (TimeZone::get(zone).unwrap_or(TimeZone::UTC), tx.now());
    for mut mail in repo::report_mails::list(tx).await? {
        let new = if mail.on { next(mail.when, &zone, now) } else { None };
        if mail.next_at != new && mail.next_at.is_none_or(|at| at > now) {
            mail.next_at = new;
            repo::report_mails::put(tx, &mut mail).await?;
        }
    }
    Ok(())
}

fn named(error: store::StoreError) -> Error {
    if error.is_conflict(constraint::REPORT_MAIL_NAME) {
        return Error::conflict("There is a report by mail of this name already.");
    }
    error.into()
}

fn entry(event: &'static str, mail: &ReportMail) -> JournalEntry {
    let recipients: Vec<_> = mail.recipients.iter().map(MailAddress::as_str).collect();
    let body = json!({ "name": mail.name, "report": mail.report, "recipients": recipients, "when": mail.when,
        "on": mail.on });
    JournalEntry { event, subject: mail.id.to_string(), body }
}
