//! Emptying the queue: one task for each organization with due mail, one mail after the other.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use catalog::LetterKind;
use clients::outbound::Reach;
use clients::smtp::{self, Relay, SmtpError};
use domain::Millis;
use domain::model::{
    Actor, JournalEntry, Mail, MailFile, MailState, Organization, OrganizationId, SmtpServer,
};
use serde_json::json;
use store::{Tx, repo};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::Letter;
use super::files::{self, Attachment};
use super::settings::context;
use crate::{Engine, Error, Result, lease, letters, report_mails};

const LEASE: &str = "mail";
/// The queue is looked at so often, besides when somebody says that there is something.
const LOOK: Duration = Duration::from_secs(2);
/// The lease is renewed so often.
const RENEWAL: Duration = Duration::from_secs(5);
/// Mails taken from the queue at a time.
const AT_ONCE: u32 = 20;
/// The pause after the first failure; it doubles up to [`LONGEST_PAUSE`]. Milliseconds.
const FIRST_PAUSE: Millis = 15_000;
const LONGEST_PAUSE: Millis = 2 * 3_600_000;
/// After so long a mail is given up.
const PATIENCE: Millis = 3 * 86_400_000;
const HOUR: Millis = 3_600_000;

/// A server that takes nothing.
pub(super) struct Failing {
    /// Not asked again before.
    until: Millis,
    attempts: u32,
}

/// Sends for ever, on one node at a time.
pub async fn run(engine: Arc<Engine>) {
    loop {
        match lease::hold(&engine, LEASE).await {
            Ok(true) => send_while_held(&engine).await,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "outgoing mail waits; will be tried again"),
        }
        sleep(RENEWAL).await;
    }
}

/// Lets another node go on.
///
/// # Errors
/// Storage errors; the lease then ends by itself.
pub async fn stop(engine: &Engine) -> Result<()> {
    lease::release(engine, LEASE).await
}

async fn send_while_held(engine: &Arc<Engine>) {
    let mut tasks = JoinSet::new();
    let mut busy = HashSet::new();
    let mut renewed = Instant::now();
    loop {
        match due(engine).await {
            Ok(due) => {
                for organization in due {
                    if busy.insert(organization) {
                        let engine = Arc::clone(engine);
                        tasks.spawn(async move { (organization, empty(&engine, organization).await) });
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the queue of outgoing mail cannot be read"),
        }
        tokio::select! {
            () = engine.mail.woken.notified() => {}
            () = sleep(LOOK) => {}
            Some(ended) = tasks.join_next() => match ended {
                Ok((organization, outcome)) => {
                    busy.remove(&organization);
                    if let Err(error) = outcome {
                        tracing::warn!(%organization, %error, "sending mail failed; will be tried again");
                        sleep(Duration::from_millis(100)).await;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "sending mail panicked");
                    return;
                }
            },
        }
        if renewed.elapsed() >= RENEWAL {
            renewed = Instant::now();
            if !lease::hold(engine, LEASE).await.unwrap_or(false) {
                return;
            }
        }
    }
}

/// Organizations with due mail whose server is not known to be failing.
async fn due(engine: &Engine) -> Result<Vec<OrganizationId>> {
    let read = async |tx: &mut Tx| repo::installation::entities::with_due_mail(tx).await;
    let mut due = engine.store.read(Organization::SYSTEM, read).await.map_err(Error::from)?;
    let now = engine.now();
    let failing = engine.mail.failing.lock();
    due.retain(|organization| {
        failing.get(organization).is_none_or(|f| !(now..now + LONGEST_PAUSE).contains(&f.until))
    });
    Ok(due)
}

/// Sends what is due in one organization, up to its hourly limit, until the server fails.
async fn empty(engine: &Engine, organization: OrganizationId) -> Result<()> {
    loop {
        let read = async |tx: &mut Tx| {
            let since = tx.now() - HOUR;
            Ok::<_, Error>((repo::mail::due(tx, AT_ONCE).await?, repo::mail::sent_since(tx, since).await?))
        };
        let (mails, sent) = engine.store.read(organization, read).await?;
        if mails.is_empty() {
            return Ok(());
        }
        let Some((server, relay)) = way_out(engine, organization) else {
            return pause(engine, organization, mails, "There is no SMTP server yet.").await;
        };
        let relay = match relay {
            Ok(relay) => relay,
            Err(error) => return pause(engine, organization, mails, &error.to_string()).await,
        };
        let mut left = i64::from(server.hourly_limit) - sent;
        for mut mail in mails {
            if left <= 0 {
                mail.outcome = format!("Waits: {} mails went out within an hour.", server.hourly_limit);
                mail.due_at = Some(engine.now() + HOUR / 12);
                store(engine, &mail, None).await?;
                continue;
            }
            left -= 1;
            let file = files::of(engine, &mail).await?;
            let sent = match opened(engine, &mail, file) {
                Ok(contents) => hand_over(&server, &relay, &mail, contents).await,
                // Sealed with a key that is gone: nobody can read it any more.
                Err(error) => {
                    over(engine, mail, MailState::GivenUp, error.to_string()).await?;
                    continue;
                }
            };
            note(engine, organization, sent.as_ref().err());
            match sent {
                Ok(words) => {
                    recovered(engine, organization, &server).await?;
                    over(engine, mail, MailState::Sent, words).await?;
                }
                Err(SmtpError::Refused(words)) => over(engine, mail, MailState::GivenUp, words).await?,
                Err(SmtpError::NotNow(words)) => later(engine, mail, words).await?,
                Err(error @ (SmtpError::Setup(_) | SmtpError::Away(_))) => {
                    failed(engine, organization, &server, &error).await?;
                    return later(engine, mail, error.to_string()).await;
                }
            }
        }
    }
}

/// What was sealed of a mail.
fn opened(
    engine: &Engine,
    mail: &Mail,
    file: Option<MailFile>,
) -> Result<(Option<letters::Body>, Option<Attachment>)> {
    if mail.file.is_some() && file.is_none() {
        return Err(Error::NotFound("file to send"));
    }
    let file = file.map(|file| files::unseal(engine, file)).transpose()?;
    Ok((letters::unseal(engine, mail)?, file))
}

async fn hand_over(
    server: &SmtpServer,
    relay: &Relay,
    mail: &Mail,
    (body, file): (Option<letters::Body>, Option<Attachment>),
) -> std::result::Result<String, SmtpError> {
    let letter = Letter {
        purpose: "queued",
        recipient: mail.recipient.clone(),
        subject: mail.subject.clone(),
        text: body.as_ref().map(|body| body.text.clone()).or(mail.text.clone()).unwrap_or_default(),
    };
    let kind = LetterKind::from_key(&mail.purpose).filter(|kind| kind.info().around);
    let list = kind.map(|kind| kind.info().key.replace('_', "-"));
    let mut letter = self::letter(server, &letter, mail.id.to_string(), mail.created_at);
    letter.list = list.as_deref();
    letter.html = body.as_ref().map(|body| body.html.as_str());
    let qr = body.as_ref().and_then(|body| body.qr.as_deref());
    letter.picture = qr.and_then(letters::png).map(|png| (domain::letter::Letter::QR, png));
    letter.file = file.as_ref().map(|file| smtp::File {
        name: &file.name,
        media: &file.media,
        bytes: file.bytes.clone(),
    });
    smtp::send(relay, &letter).await
}

/// The server that serves an organization: its own or the installation's, and whose it is.
pub(crate) fn serving(engine: &Engine, organization: OrganizationId) -> Option<(OrganizationId, SmtpServer)> {
    let of = |owner| Some((owner, engine.directory.messaging(owner)?.smtp.clone()?));
    of(organization).or_else(|| of(Organization::SYSTEM))
}

/// Takes note of how the connection to the SMTP server went; one that refuses a mail was reached.
fn note(engine: &Engine, organization: OrganizationId, error: Option<&SmtpError>) {
    let Some((owner, _)) = serving(engine, organization) else { return };
    match error {
        Some(error @ (SmtpError::Setup(_) | SmtpError::Away(_))) => {
            engine.connections.failed(owner.uuid(), engine.now(), &error.to_string());
        }
        None | Some(SmtpError::Refused(_) | SmtpError::NotNow(_)) => {
            engine.connections.worked(owner.uuid(), engine.now());
        }
    }
}

/// The server that serves an organization, and how to reach it; `None` while there is none.
pub(super) fn way_out(engine: &Engine, organization: OrganizationId) -> Option<(SmtpServer, Result<Relay>)> {
    let (owner, server) = serving(engine, organization)?;
    let relay = relay(engine, owner, &server);
    Some((server, relay))
}

fn relay(engine: &Engine, owner: OrganizationId, server: &SmtpServer) -> Result<Relay> {
    let credentials = match &server.password {
        Some(sealed) if !server.username.is_empty() => {
            let context = context(owner, &server.host, &server.username);
            let opened = engine.secret_key.unseal(&context, &sealed.0)?;
            Some((server.username.clone(), String::from_utf8(opened).map_err(Error::internal)?))
        }
        _ => None,
    };
    Ok(Relay {
        host: server.host.clone(),
        port: server.port,
        security: server.security,
        roots: server.roots.clone(),
        credentials,
        // The installation's server was named by the operator.
        patience: smtp::PATIENCE,
        reach: if owner == Organization::SYSTEM { Reach::Anywhere } else { reach(engine) },
    })
}

/// Where hosts that organizations name may be.
pub(crate) fn reach(engine: &Engine) -> Reach {
    Reach::PublicAnd(engine.internal_targets.read().clone())
}

pub(super) fn letter<'a>(
    server: &'a SmtpServer,
    letter: &'a Letter,
    id: String,
    at: Millis,
) -> smtp::Letter<'a> {
    smtp::Letter {
        sender: &server.sender,
        sender_name: &server.sender_name,
        reply_to: server.reply_to.as_ref(),
        recipient: &letter.recipient,
        subject: &letter.subject,
        text: &letter.text,
        html: None,
        picture: None,
        file: None,
        list: None,
        id,
        at,
    }
}

/// The mail is over, one way or the other.
async fn over(engine: &Engine, mut mail: Mail, state: MailState, outcome: String) -> Result<()> {
    let now = engine.now();
    mail.attempts += 1;
    (mail.state, mail.outcome, mail.due_at, mail.finished_at) = (state, outcome, None, Some(now));
    let given_up = (state == MailState::GivenUp).then(|| JournalEntry {
        event: "mail.given_up",
        subject: mail.id.to_string(),
        body: json!({ "name": mail.recipient, "purpose": mail.purpose, "reason": mail.outcome }),
    });
    store(engine, &mail, given_up).await
}

/// It is tried again, unless that has gone on for too long.
async fn later(engine: &Engine, mut mail: Mail, outcome: String) -> Result<()> {
    let now = engine.now();
    if now - mail.created_at >= PATIENCE {
        return over(engine, mail, MailState::GivenUp, outcome).await;
    }
    mail.attempts += 1;
    mail.outcome = outcome;
    mail.due_at = Some(now + wait(mail.attempts));
    store(engine, &mail, None).await
}

/// The wait after the nth failure, milliseconds.
fn wait(attempts: u32) -> Millis {
    FIRST_PAUSE.checked_shl(attempts.saturating_sub(1).min(24)).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

async fn store(engine: &Engine, mail: &Mail, entry: Option<JournalEntry>) -> Result<()> {
    let (organization, mail) = (mail.organization, mail.clone());
    let unit = async move |tx: &mut Tx| {
        if repo::mail::update(tx, &mail).await? {
            let now = tx.now();
            letters::settle(tx, &mail, now).await?;
            report_mails::settle(tx, &mail, now).await?;
            if let Some(file) = mail.file.filter(|_| mail.due_at.is_none()) {
                repo::mail::forget_file(tx, file).await?;
            }
            if let Some(entry) = entry.clone() {
                tx.journal(entry);
            }
        }
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::System, unit).await
}

/// Nothing can go out: all of it waits.
async fn pause(engine: &Engine, organization: OrganizationId, mails: Vec<Mail>, why: &str) -> Result<()> {
    for mail in mails {
        later(engine, mail, why.to_owned()).await?;
    }
    note_failing(engine, organization);
    Ok(())
}

/// Answers whether it is news.
fn note_failing(engine: &Engine, organization: OrganizationId) -> bool {
    let mut failing = engine.mail.failing.lock();
    let news = !failing.contains_key(&organization);
    let known = failing.entry(organization).or_insert(Failing { until: 0, attempts: 0 });
    known.attempts = known.attempts.saturating_add(1);
    known.until = engine.now() + wait(known.attempts);
    news
}

async fn failed(
    engine: &Engine,
    organization: OrganizationId,
    server: &SmtpServer,
    error: &SmtpError,
) -> Result<()> {
    if note_failing(engine, organization) {
        let body = json!({ "name": server.host, "reason": error.to_string() });
        say(engine, organization, "mail.server_failed", body).await?;
    }
    Ok(())
}

async fn recovered(engine: &Engine, organization: OrganizationId, server: &SmtpServer) -> Result<()> {
    let was = engine.mail.failing.lock().remove(&organization);
    match was {
        Some(_) => say(engine, organization, "mail.server_recovered", json!({ "name": server.host })).await,
        None => Ok(()),
    }
}

async fn say(
    engine: &Engine,
    organization: OrganizationId,
    event: &'static str,
    body: serde_json::Value,
) -> Result<()> {
    let unit = async move |tx: &mut Tx| {
        tx.journal(JournalEntry { event, subject: String::new(), body: body.clone() });
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::System, unit).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_two_hours() {
        assert_eq!((wait(1), wait(2), wait(4)), (15_000, 30_000, 120_000));
        assert_eq!((wait(20), wait(u32::MAX)), (LONGEST_PAUSE, LONGEST_PAUSE));
    }
}
