//! Sending reports by mail.

use domain::Millis;
use domain::mail::{Line, MailAddress};
use domain::model::{
    Actor, JournalEntry, Mail, MailFile, MailState, Organization, OrganizationId, ReportMail, ReportMailId,
    TaskOutcome,
};
use jiff::tz::TimeZone;
use serde_json::json;
use store::{Tx, repo};

use super::check::is_inside;
use super::{MISSING, get, may_take_out, next};
use crate::export::Format;
use crate::mail::{Attachment, Letter, queue_with};
use crate::reports::{self, Narrowed, Sheet};
use crate::{Engine, Error, Result, Scope, lease, mail};

/// Reports sent in one run of the job.
const AT_ONCE: u32 = 20;
/// A file that is larger goes through few mail servers. Bytes.
pub const MOST_BYTES: usize = 10 << 20;
const DAY: Millis = 86_400_000;
/// Whose turn it is; longer than the time between two runs.
const LEASE: (&str, Millis) = ("reports by mail", 60_000);

/// A report that is ready to go.
struct Ready {
    letters: Vec<Letter>,
    file: MailFile,
    says: String,
}

/// The background job: sends what is due.
///
/// # Errors
/// Storage errors; what was not sent is due the next time, and nothing holds up another organization's.
pub async fn tick(engine: &Engine) -> Result<()> {
    if !lease::hold_for(engine, LEASE.0, LEASE.1).await? {
        return Ok(());
    }
    let read = async |tx: &mut Tx| {
        Ok::<_, Error>(repo::installation::entities::due_report_mails(tx, AT_ONCE).await?)
    };
    let mut outcome = Ok(());
    for (organization, id) in engine.store.read(Organization::SYSTEM, read).await? {
        match send(engine, organization, id, &Actor::System, false).await {
            // Changed, removed, or sent by another node meanwhile.
            Ok(()) | Err(Error::NotFound(_) | Error::Conflict(_)) => {}
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

/// Sends one now, whether it is due or not, and says how it went. When it is due next stays.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`]; [`Error::Conflict`] when it was changed meanwhile; storage errors.
pub async fn run_now(engine: &Engine, scope: &Scope, id: ReportMailId) -> Result<TaskOutcome> {
    let found = get(engine, scope, id).await?;
    may_take_out(scope, found.report)?;
    send(engine, scope.organization(), id, scope.actor(), true).await?;
    get(engine, scope, id).await?.last.ok_or(MISSING)
}

async fn send(
    engine: &Engine,
    id: OrganizationId,
    mail: ReportMailId,
    actor: &Actor,
    by_hand: bool,
) -> Result<()> {
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::report_mails::get(tx, mail).await?);
    let found = engine.store.read(id, read).await?.ok_or(MISSING)?;
    let zone = reports::zone_of(engine, id)?;
    let began = engine.now();
    let made = made(engine, &found, &zone).await;
    let at = engine.now();
    let (good, says) = match &made {
        Ok(ready) => (true, ready.says.clone()),
        // The database is the one thing that may be back in a moment.
        Err(Error::Busy(seconds)) => return Err(Error::Busy(*seconds)),
        Err(why) => (false, why.to_string()),
    };
    let outcome = TaskOutcome { at, took: at - began, good, says };
    let made = made.ok();
    let unit = async move |tx: &mut Tx| {
        let mut stored = repo::report_mails::get(tx, mail).await?.ok_or(MISSING)?;
        // Another node was first, or somebody changed it while the report was made.
        crate::issues::unchanged(Some(found.rev), stored.rev)?;
        if !by_hand {
            stored.next_at = if stored.on { next(stored.when, &zone, at) } else { None };
        }
        stored.last = Some(outcome.clone());
        repo::report_mails::put(tx, &mut stored).await?;
        if let Some(Ready { letters, file, .. }) = &made {
            repo::mail::insert_file(tx, file).await?;
            for letter in letters {
                queue_with(tx, letter, Some((mail, file.id))).await?;
            }
        }
        tx.journal(told(&stored, &outcome));
        Ok::<_, Error>(())
    };
    engine.store.write(id, actor.clone(), unit).await?;
    mail::wake(engine);
    Ok(())
}

fn told(mail: &ReportMail, outcome: &TaskOutcome) -> JournalEntry {
    let event = if outcome.good { "report_mail.sent" } else { "report_mail.failed" };
    let body = json!({ "name": mail.name, "report": mail.report, "detail": outcome.says });
    JournalEntry { event, subject: mail.id.to_string(), body }
}

/// A mail that was to carry a report was given up: so the report did not arrive, whatever was said when it left.
pub(crate) async fn settle(tx: &mut Tx, mail: &Mail, at: Millis) -> Result<()> {
    let (Some(id), MailState::GivenUp) = (mail.report, mail.state) else { return Ok(()) };
    let Some(mut report) = repo::report_mails::get(tx, id).await? else { return Ok(()) };
    let says = format!("It did not reach {}: {}", mail.recipient, mail.outcome);
    let outcome = TaskOutcome { at, took: at - mail.created_at, good: false, says };
    tx.journal(told(&report, &outcome));
    report.last = Some(outcome);
    repo::report_mails::put(tx, &mut report).await?;
    Ok(())
}

/// The letters to all who may have it, with the file.
async fn made(engine: &Engine, mail: &ReportMail, zone: &TimeZone) -> Result<Ready> {
    let id = mail.organization;
    let (to, gone): (Vec<_>, Vec<_>) = mail.recipients.iter().partition(|to| is_inside(engine, id, to));
    allowed(engine, mail, &to)?;
    let now = engine.now();
    let narrowed = Narrowed {
        from: Some(now - i64::from(mail.period_days) * DAY),
        until: None,
        platform: mail.platform,
        group: mail.group,
        days: mail.silent_days,
    };
    let sheet = reports::run(engine, &Scope::of_server(id), mail.report, &narrowed).await?;
    let format = if mail.workbook { Format::Xlsx } else { Format::Csv };
    let bytes = reports::write(&sheet, zone, format)?;
    if bytes.len() > MOST_BYTES {
        return Err(Error::conflict(
            "The file has more than 10 MB, which few mail servers take. Narrow the report, or send a workbook.",
        ));
    }
    let date = jiff::Timestamp::from_millisecond(now).map_err(Error::internal)?;
    let date = date.to_zoned(zone.clone()).date().to_string();
    let name = format!("{}-{date}.{}", mail.report.info().key.replace('_', "-"), format.key());
    let file = Attachment { name, media: format.media().to_owned(), bytes }.sealed(engine, id)?;
    let subject = Line::from(format!("{}: {date}", mail.name));
    let text = text(mail, &sheet, &date);
    let letter = |to: &&MailAddress| Letter {
        purpose: "report",
        recipient: (*to).clone(),
        subject: subject.clone(),
        text: text.clone(),
    };
    let letters: Vec<Letter> = to.iter().map(letter).collect();
    let says = says(sheet.rows.len(), letters.len(), &gone);
    Ok(Ready { letters, file, says })
}

/// What must be so before a report is made for sending.
fn allowed(engine: &Engine, mail: &ReportMail, to: &[&MailAddress]) -> Result<()> {
    let org = engine.directory.organization(mail.organization).ok_or(Error::NotFound("organization"))?;
    let (enabled, there) = {
        let org = org.read();
        (org.organization.enabled, mail.group.is_none_or(|group| org.group(group).is_some()))
    };
    if !enabled {
        return Err(Error::conflict("The organization is switched off."));
    }
    if !there {
        return Err(Error::conflict("The group that it was narrowed to is gone. Choose another one."));
    }
    if to.is_empty() {
        return Err(Error::conflict(
            "None of the addresses is in a mail domain of the organization or an administrator’s any more.",
        ));
    }
    if !mail::has_way_out(engine, mail.organization) {
        return Err(Error::conflict("There is no SMTP server by which it could go."));
    }
    Ok(())
}

/// How it went, in words.
fn says(rows: usize, people: usize, gone: &[&MailAddress]) -> String {
    let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    let people = if people == 1 { "1 address".to_owned() } else { format!("{people} addresses") };
    let mut words = format!("{rows}, to {people}.");
    if !gone.is_empty() {
        let gone: Vec<&str> = gone.iter().map(|to| to.as_str()).collect();
        words += " Not sent, because they do not belong to the organization any more: ";
        words += &gone.join(", ");
        words.push('.');
    }
    words
}

fn text(mail: &ReportMail, sheet: &Sheet, date: &str) -> String {
    let info = mail.report.info();
    let rows = if sheet.rows.len() == 1 { "1 row".to_owned() } else { format!("{} rows", sheet.rows.len()) };
    let cut = if sheet.is_cut { "\nThere are more; narrow the report to see the rest." } else { "" };
    format!(
        "{}\n{}\n\nAs of {date}: {rows}, in the file that comes with this mail.{cut}\n\nYou get this because your \
         address stands in the Database Task Scheduler, under “{}”.\n",
        info.label, info.about, mail.name
    )
}
