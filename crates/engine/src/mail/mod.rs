//! Outgoing mail: a queue in the store, emptied by one node, organization by organization.
//!
//! Whoever wants to tell somebody something calls [`queue`] inside its own unit. The mail then goes through the
//! organization's SMTP server, or the installation's where there is none; it is tried again later and later, and
//! given up after three days, with the reason. A server that hangs holds up its own organization only. What was
//! handed over stays in the log for a month, without its text.

mod files;
mod sender;
mod settings;

use domain::Millis;
use domain::mail::{Line, MailAddress};
use domain::model::{Mail, MailFileId, MailId, MailState, OrganizationId, ReportMailId};
use parking_lot::Mutex;
use std::collections::HashMap;
use store::{Tx, repo};
use tokio::sync::Notify;

use crate::{Engine, Entropy, Error, Result, Scope};
use catalog::Permission;

pub(crate) use files::Attachment;
pub(crate) use sender::{reach, serving};
pub use sender::{run, stop};
pub use settings::{SmtpInput, edit_server, remove_server, server, test_server};

/// How long the log is kept, milliseconds.
const KEPT: Millis = 30 * 86_400_000;

/// What this node remembers while it sends.
#[derive(Default)]
pub struct MailDesk {
    /// There is something to send.
    woken: Notify,
    /// SMTP servers that take nothing now: since when, by whose settings.
    failing: Mutex<HashMap<OrganizationId, sender::Failing>>,
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct Letter {
    /// What it is for: `alert`, `notification`, `report`, `test`.
    pub purpose: &'static str,
    /// To whom.
    pub recipient: MailAddress,
    /// Subject.
    pub subject: Line,
    /// Plain text.
    pub text: String,
}

/// Adds a mail to the queue of the unit's organization. After the commit [`wake`] sends it at once.
///
/// # Errors
/// Storage errors.
pub async fn queue(tx: &mut Tx, letter: &Letter) -> store::Result<MailId> {
    queue_with(tx, letter, None).await
}

/// The same for a mail that carries a report as a file, which is kept in the same unit.
pub(crate) async fn queue_with(
    tx: &mut Tx,
    letter: &Letter,
    carried: Option<(ReportMailId, MailFileId)>,
) -> store::Result<MailId> {
    let now = tx.now();
    let mail = Mail {
        organization: tx.organization(),
        id: Entropy.id(now),
        purpose: letter.purpose.to_owned(),
        recipient: letter.recipient.clone(),
        subject: letter.subject.clone(),
        text: Some(letter.text.clone()),
        sealed: None,
        user: None,
        mailing: None,
        report: carried.map(|(report, _)| report),
        file: carried.map(|(_, file)| file),
        state: MailState::Waiting,
        attempts: 0,
        outcome: String::new(),
        created_at: now,
        due_at: Some(now),
        finished_at: None,
    };
    repo::mail::insert(tx, &mail).await?;
    Ok(mail.id)
}

/// Mail was queued.
pub fn wake(engine: &Engine) {
    engine.mail.woken.notify_one();
}

/// What went out, newest first; with `before`, what was queued before that mail.
///
/// # Errors
/// [`Error::Denied`].
pub async fn log(engine: &Engine, scope: &Scope, before: Option<MailId>, limit: u32) -> Result<Vec<Mail>> {
    scope.require(Permission::OrganizationView)?;
    let limit = limit.clamp(1, 500);
    let read = async move |tx: &mut Tx| {
        let mut all = repo::mail::log(tx, before, limit).await?;
        // What is written to a user is the user's, also while it waits.
        for mail in &mut all {
            (mail.text, mail.sealed) = (None, None);
        }
        Ok::<_, Error>(all)
    };
    engine.store.read(scope.organization(), read).await
}

/// Mails that wait, and those given up within a day.
///
/// # Errors
/// [`Error::Denied`].
pub async fn counts(engine: &Engine, scope: &Scope) -> Result<(i64, i64)> {
    scope.require(Permission::OrganizationView)?;
    let since = engine.now() - 86_400_000;
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::mail::counts(tx, since).await?);
    engine.store.read(scope.organization(), read).await
}

/// Whether mail of an organization has a way out.
pub fn has_way_out(engine: &Engine, organization: OrganizationId) -> bool {
    sender::way_out(engine, organization).is_some()
}

/// Forgets what was over a month ago.
pub(crate) async fn purge(tx: &mut Tx) -> store::Result<u64> {
    let before = tx.now() - KEPT;
    repo::mail::purge(tx, before).await
}
