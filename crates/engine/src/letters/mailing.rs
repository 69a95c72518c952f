//! Mail to many: welcome letters and reminders in bulk, group e-mail, and mail of a system administrator to
//! administrators. Whom it is for is written down when it is ordered; [`tick`] queues part by part, each with the
//! mailing's progress in one unit, so that a restart goes on behind the last whole part and of several nodes one wins.
//! An order that is repeated (same ticket) is answered with the mailing that there is.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use catalog::{LetterKind, Permission};
use domain::letter::{Filling, Letter, Template};
use domain::mail::MailAddress;
use domain::model::{
    Actor, GroupId, JournalEntry, MAILING_ISSUES_MAX, Mail, MailId, Mailing, MailingId, MailingIssue,
    MailingRecipient, Organization, OrganizationId, User, UserId, UserState,
};
use serde_json::json;
use store::{Tx, repo};

use super::templates::{checked, sample_code};
use super::welcome::readable;
use super::{Desk, welcome_in};
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope, mail, users};

/// People written to in one unit.
const PART: usize = 100;
/// Mailings are listed for so long, milliseconds; their mails are known as long.
const KEPT: domain::Millis = 30 * 86_400_000;

/// Whom a mailing is for. Disabled users are never meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// These users, at most [`users::MOST`].
    Users(Vec<UserId>),
    /// Members of a group.
    Group(GroupId),
    /// Users that a text finds, as in the list; empty: all.
    Found(String),
    /// Users without a device.
    WithoutDevice,
    /// Administrators of these organizations and, with none, of all; at the installation only.
    Administrators(Vec<OrganizationId>),
}

/// What is to be sent.
#[derive(Debug, Clone)]
pub struct Order {
    /// The letter: one that invites, or one around a message.
    pub kind: LetterKind,
    /// Chosen by who asks, 8 to 100 letters: the same one again sends nothing again.
    pub ticket: String,
    /// To whom.
    pub audience: Audience,
    /// The message, for letters around one; else empty.
    pub message: Template,
}

/// What an order would send.
#[derive(Debug, Clone)]
pub struct Preview {
    /// To whom, in words.
    pub audience: String,
    /// People meant.
    pub recipients: usize,
    /// How many of them cannot be written to: no address, or a wrong one.
    pub unreachable: usize,
    /// The letter of one of them.
    pub letter: Letter,
    /// Whose letter that is.
    pub reader: String,
}

fn may(scope: &Scope, kind: LetterKind) -> Result<()> {
    match kind {
        LetterKind::Welcome | LetterKind::EnrollmentReminder => scope.require(Permission::UsersInvite),
        LetterKind::GroupMail => scope.require(Permission::UsersMail),
        LetterKind::AdministratorMail => scope.require_system(),
        LetterKind::PasswordChanged => Err(Error::invalid("kind", "This letter is not sent by hand.")),
    }
}

/// People that an audience means, and what it is called.
fn people(engine: &Engine, scope: &Scope, audience: &Audience) -> Result<(String, Vec<MailingRecipient>)> {
    if let Audience::Administrators(organizations) = audience {
        scope.require_system()?;
        return Ok(administrators(engine, organizations));
    }
    scope.require(Permission::DevicesView)?;
    users_of(engine, scope, audience)
}

fn users_of(engine: &Engine, scope: &Scope, audience: &Audience) -> Result<(String, Vec<MailingRecipient>)> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let (words, found): (String, Vec<&Arc<User>>) = match audience {
        Audience::Users(ids) => {
            if ids.len() > users::MOST {
                return Err(Error::invalid("users", format!("Name at most {} users.", users::MOST)));
            }
            let ids: HashSet<_> = ids.iter().collect();
            let found: Vec<_> = ids.iter().filter_map(|id| org.user(**id)).collect();
            if found.len() < ids.len() {
                return Err(Error::invalid("users", "One of the users does not exist."));
            }
            ("Picked users".into(), found)
        }
        Audience::Group(id) => {
            let group = org.group(*id).ok_or_else(|| Error::invalid("group", "There is no such group."))?;
            (format!("Group {}", group.name), org.members(*id).collect())
        }
        Audience::Found(text) => {
            let wanted = text.trim().to_lowercase();
            let words = if wanted.is_empty() {
                "All users".into()
            } else {
                format!("Users with “{}”", text.trim())
            };
            (words, org.users().filter(|user| users::matches(user, &wanted)).collect())
        }
        Audience::WithoutDevice => {
            ("Users without a device".into(), org.users().filter(|user| is_without(&org, user)).collect())
        }
        Audience::Administrators(_) => (String::new(), Vec::new()),
    };
    let active = found.into_iter().filter(|user| user.state == UserState::Active);
    let mut recipients: Vec<_> = active.map(|user| MailingRecipient::User(user.id)).collect();
    recipients.sort_unstable();
    Ok((words, recipients))
}

fn is_without(org: &OrgIndex, user: &User) -> bool {
    org.devices.of_user(user.id).is_empty()
}

fn administrators(engine: &Engine, organizations: &[OrganizationId]) -> (String, Vec<MailingRecipient>) {
    let all = engine.directory.organizations();
    let meant: Vec<_> =
        all.iter().filter(|org| organizations.is_empty() || organizations.contains(&org.id)).collect();
    let words = match meant.as_slice() {
        _ if organizations.is_empty() => "Administrators of all organizations".to_owned(),
        [one] => format!("Administrators of {}", one.name),
        many => format!("Administrators of {} organizations", many.len()),
    };
    let of = |org: &&Arc<Organization>| engine.directory.administrators(org.id);
    let enabled = meant.iter().flat_map(of).filter(|admin| admin.enabled && admin.role.is_some());
    let mut recipients: Vec<_> = enabled.map(|admin| MailingRecipient::Administrator(admin.id)).collect();
    recipients.sort_unstable();
    (words, recipients)
}

/// Somebody who can be written to, with everything that the letter needs from memory.
struct Reader {
    name: String,
    address: Result<MailAddress, String>,
    language: String,
    filling: Filling,
}

fn reader(engine: &Engine, desk: &Desk, scope_of: OrganizationId, who: MailingRecipient) -> Option<Reader> {
    match who {
        MailingRecipient::User(id) => {
            let org = engine.directory.organization(scope_of)?;
            let user = org.read().user(id).cloned()?;
            Some(Reader {
                name: user.display_name.clone(),
                address: readable(&user).map_err(str::to_owned),
                language: user.language.clone(),
                filling: desk.filling(&user, None),
            })
        }
        MailingRecipient::Administrator(id) => {
            let admin = engine.directory.administrator(id)?;
            let of = engine
                .directory
                .organization(admin.organization)
                .map(|org| Arc::clone(&org.read().organization));
            let address = admin.email.parse().map_err(|_| "The account has no mail address.".to_owned());
            Some(Reader {
                name: admin.username.clone(),
                address,
                language: of.as_ref().map(|of| of.settings.language.clone()).unwrap_or_default(),
                filling: desk.filling_for(&admin, of.as_deref()),
            })
        }
    }
}

/// What is wrong with an order, before anybody is looked for.
fn checked_message(engine: &Engine, scope: &Scope, order: &Order) -> Result<Template> {
    may(scope, order.kind)?;
    if (order.kind == LetterKind::AdministratorMail) != matches!(order.audience, Audience::Administrators(_))
    {
        return Err(Error::invalid("audience", "This letter is not for them."));
    }
    if !order.kind.info().around {
        return Ok(Template::default());
    }
    checked(engine, scope, (order.kind, "en"), order.message.clone(), true)
}

/// What an order would send, and the letter of one of its readers (`sample`, else the first who can be written to).
///
/// # Errors
/// As [`order`], but for the ticket.
pub fn preview(engine: &Engine, scope: &Scope, order: &Order, sample: Option<UserId>) -> Result<Preview> {
    let message = checked_message(engine, scope, order)?;
    let (audience, recipients) = people(engine, scope, &order.audience)?;
    let desk = Desk::of(engine, scope.organization())?;
    let readers = || recipients.iter().filter_map(|who| reader(engine, &desk, scope.organization(), *who));
    let unreachable = readers().filter(|reader| reader.address.is_err()).count();
    let wanted = sample.map(MailingRecipient::User).filter(|who| recipients.contains(who));
    let shown = wanted.and_then(|who| reader(engine, &desk, scope.organization(), who));
    let shown = shown.or_else(|| readers().find(|reader| reader.address.is_ok()));
    let Some(Reader { name, language, mut filling, .. }) = shown else {
        return Err(Error::conflict("There is nobody who can be written to."));
    };
    if order.kind.info().invites {
        let issued = sample_code(engine, desk.settings().enrollment_hours);
        desk.fill_invitation(&mut filling, &issued);
    } else {
        filling.set_message(&message.subject, &message.body);
    }
    let letter = desk.letter(order.kind, &language, &filling);
    Ok(Preview { audience, recipients: recipients.len(), unreachable, letter, reader: name })
}

/// Orders a mailing; mails are queued by [`tick`].
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] by field, [`Error::Conflict`] when there is nobody to write to, no SMTP server,
/// or the ticket was used for another letter.
pub async fn order(engine: &Engine, scope: &Scope, order: Order) -> Result<Mailing> {
    let message = checked_message(engine, scope, &order)?;
    let ticket = order.ticket.trim().to_owned();
    let mut issues = Issues::default();
    let good = (8..=100).contains(&ticket.len()) && ticket.chars().all(|c| c.is_ascii_graphic());
    issues.check(good, "ticket", || "Use 8 to 100 letters and digits, new for each mailing.".into());
    issues.done()?;
    let (audience, recipients) = people(engine, scope, &order.audience)?;
    if recipients.is_empty() {
        return Err(Error::conflict("There is nobody to write to."));
    }
    if !mail::has_way_out(engine, scope.organization()) {
        return Err(Error::conflict("There is no SMTP server yet. Set one first."));
    }
    let now = engine.now();
    let mailing = Mailing {
        organization: scope.organization(),
        id: engine.entropy.id(now),
        rev: 0,
        kind: order.kind,
        ticket,
        subject: message.subject,
        body: message.body,
        audience,
        by: scope.actor().clone(),
        recipients: u32::try_from(recipients.len()).unwrap_or(u32::MAX),
        queued: 0,
        refused: 0,
        issues: Vec::new(),
        next_part: 0,
        parts: u32::try_from(recipients.len().div_ceil(PART)).unwrap_or(u32::MAX),
        created_at: now,
        finished_at: None,
    };
    let unit = async move |tx: &mut Tx| {
        if let Some(known) = repo::mailings::by_ticket(tx, &mailing.ticket).await? {
            let same =
                known.kind == mailing.kind && known.subject == mailing.subject && known.body == mailing.body;
            return if same {
                Ok(known)
            } else {
                Err(Error::conflict("This ticket was used for another letter. Take a new one."))
            };
        }
        let mut mailing = mailing.clone();
        repo::mailings::put(tx, &mut mailing).await?;
        for (number, part) in (0..).zip(recipients.chunks(PART)) {
            repo::mailings::put_part(tx, mailing.id, number, part).await?;
        }
        tx.journal(JournalEntry {
            event: "letter.mailing_ordered",
            subject: mailing.id.to_string(),
            body: json!({ "name": mailing.audience, "letter": mailing.kind, "recipients": mailing.recipients,
                          "subject": mailing.subject }),
        });
        Ok::<_, Error>(mailing)
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

fn may_see(scope: &Scope) -> Result<()> {
    if scope.organization() == Organization::SYSTEM {
        scope.require_system()
    } else {
        scope.require(Permission::DevicesView)
    }
}

/// Mailings of a month, newest first, at most 200.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Mailing>> {
    may_see(scope)?;
    let read = async |tx: &mut Tx| Ok::<_, Error>(repo::mailings::list(tx, 200).await?);
    engine.store.read(scope.organization(), read).await
}

/// One mailing.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(engine: &Engine, scope: &Scope, id: MailingId) -> Result<Mailing> {
    may_see(scope)?;
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::mailings::get(tx, id).await?);
    engine.store.read(scope.organization(), read).await?.ok_or(Error::NotFound("mailing"))
}

/// What became of each mail of a mailing, in the order in which they were queued, behind one of them. Without texts.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn results(
    engine: &Engine,
    scope: &Scope,
    id: MailingId,
    after: Option<MailId>,
    limit: u32,
) -> Result<Vec<Mail>> {
    get(engine, scope, id).await?;
    let limit = limit.clamp(1, 500);
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::mail::of_mailing(tx, id, after, limit).await?);
    let mut mails = engine.store.read(scope.organization(), read).await?;
    for mail in &mut mails {
        (mail.text, mail.sealed) = (None, None);
    }
    Ok(mails)
}

/// Queues what was ordered. Safe to run twice and on several nodes.
///
/// # Errors
/// Storage errors; the next run goes on where this one stopped.
pub async fn tick(engine: &Engine) -> Result<()> {
    let read = async |tx: &mut Tx| repo::installation::entities::with_running_mailings(tx).await;
    let due = engine.store.read(Organization::SYSTEM, read).await.map_err(Error::from)?;
    for organization in due {
        let read = async |tx: &mut Tx| repo::mailings::running(tx).await;
        for mailing in engine.store.read(organization, read).await.map_err(Error::from)? {
            while part(engine, &mailing).await? {}
        }
    }
    Ok(())
}

/// Queues the next part; `false` when there is none left, or another node is at it.
async fn part(engine: &Engine, mailing: &Mailing) -> Result<bool> {
    let (organization, id) = (mailing.organization, mailing.id);
    let Ok(desk) = Desk::of(engine, organization) else { return Ok(false) };
    let readers = administrators_to_write_to(engine, &desk, mailing);
    let unit = async move |tx: &mut Tx| {
        let Some(mut mailing) = repo::mailings::get(tx, id).await? else { return Ok(false) };
        if mailing.finished_at.is_some() {
            return Ok(false);
        }
        let part = mailing.next_part;
        let Some(recipients) = repo::mailings::take_part(tx, id, part).await? else { return Ok(false) };
        for who in recipients {
            match write(tx, &desk, &mailing, who, &readers).await? {
                Ok(()) => mailing.queued += 1,
                Err(issue) => {
                    mailing.refused += 1;
                    if mailing.issues.len() < MAILING_ISSUES_MAX {
                        mailing.issues.push(issue);
                    }
                }
            }
        }
        mailing.next_part += 1;
        if mailing.next_part == mailing.parts {
            mailing.finished_at = Some(tx.now());
            tx.journal(JournalEntry {
                event: "letter.mailing_queued",
                subject: id.to_string(),
                body: json!({ "name": mailing.audience, "letter": mailing.kind, "queued": mailing.queued,
                              "refused": mailing.refused }),
            });
        }
        repo::mailings::put(tx, &mut mailing).await?;
        Ok::<_, Error>(mailing.finished_at.is_none())
    };
    let more = engine.store.write(organization, Actor::System, unit).await?;
    mail::wake(engine);
    Ok(more)
}

/// Administrators are few and stand in memory; users are read where they are written to.
fn administrators_to_write_to(
    engine: &Engine,
    desk: &Desk,
    mailing: &Mailing,
) -> Arc<BTreeMap<MailingRecipient, Reader>> {
    let mut readers = BTreeMap::new();
    if mailing.kind == LetterKind::AdministratorMail {
        for organization in engine.directory.organizations() {
            for admin in engine.directory.administrators(organization.id) {
                let who = MailingRecipient::Administrator(admin.id);
                if let Some(mut reader) = reader(engine, desk, mailing.organization, who) {
                    reader.filling.set_message(&mailing.subject, &mailing.body);
                    readers.insert(who, reader);
                }
            }
        }
    }
    Arc::new(readers)
}

async fn write(
    tx: &mut Tx,
    desk: &Desk,
    mailing: &Mailing,
    who: MailingRecipient,
    readers: &BTreeMap<MailingRecipient, Reader>,
) -> store::Result<Result<(), MailingIssue>> {
    let issue = |name: &str, why: &str| Err(MailingIssue { name: name.to_owned(), why: why.to_owned() });
    match who {
        MailingRecipient::User(id) => {
            let Some(user) = repo::users::get(tx, id).await? else {
                return Ok(issue("A user", "The user was removed."));
            };
            if mailing.kind.info().invites {
                let outcome = welcome_in(tx, desk, mailing.kind, &user, Some(mailing.id)).await?;
                return Ok(outcome.or_else(|why| issue(&user.display_name, &why)));
            }
            let recipient = match readable(&user) {
                Ok(recipient) => recipient,
                Err(why) => return Ok(issue(&user.display_name, why)),
            };
            let mut filling = desk.filling(&user, None);
            filling.set_message(&mailing.subject, &mailing.body);
            let letter = desk.letter(mailing.kind, &user.language, &filling);
            desk.queue(tx, mailing.kind, recipient, letter, (Some(id), Some(mailing.id))).await?;
        }
        MailingRecipient::Administrator(_) => {
            let Some(reader) = readers.get(&who) else {
                return Ok(issue("An administrator", "The account was removed."));
            };
            let recipient = match &reader.address {
                Ok(recipient) => recipient.clone(),
                Err(why) => return Ok(issue(&reader.name, why)),
            };
            let letter = desk.letter(mailing.kind, &reader.language, &reader.filling);
            desk.queue(tx, mailing.kind, recipient, letter, (None, Some(mailing.id))).await?;
        }
    }
    Ok(Ok(()))
}

/// Forgets mailings of more than a month ago.
pub(crate) async fn purge(tx: &mut Tx) -> store::Result<u64> {
    let before = MailingId::new(tx.now() - KEPT, &[0; 10]);
    repo::mailings::purge(tx, before).await
}
