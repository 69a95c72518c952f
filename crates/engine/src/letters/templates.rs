//! The templates of an organization: looking, changing, what a letter would look like, and one to oneself.

use std::sync::Arc;

use catalog::{LETTERS, LetterKind, Permission, language_by_key};
use domain::letter::{self, Letter, Template};
use domain::mail::MailAddress;
use domain::model::{CustomScope, JournalEntry, Messaging, Organization, OrganizationId, User, UserId};
use serde_json::json;
use store::{Tx, repo};

use super::Desk;
use crate::enrollment::Issued;
use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

const DAY: i64 = 86_400_000;

/// What an organization set about letters, besides their texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct SettingsInput {
    /// Users are told when their local password is changed.
    pub tell_password_changes: bool,
    /// Users who come from a directory get a welcome letter.
    pub welcome_directory_users: bool,
}

/// A template as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateInfo {
    /// What it is for.
    pub kind: LetterKind,
    /// Its language.
    pub language: String,
    /// Whether it is the organization's own; else it is the usual one.
    pub is_own: bool,
    /// Subject and text.
    pub template: Template,
}

fn may(scope: &Scope, permission: Permission) -> Result<()> {
    if scope.organization() == Organization::SYSTEM {
        scope.require_system()
    } else {
        scope.require(permission)
    }
}

/// What can be worded here: administrators are written to by the installation, users by their organization.
fn belongs(kind: LetterKind, organization: OrganizationId) -> bool {
    (kind == LetterKind::AdministratorMail) == (organization == Organization::SYSTEM)
}

fn messaging(engine: &Engine, scope: &Scope) -> Arc<Messaging> {
    let id = scope.organization();
    engine.directory.messaging(id).unwrap_or_else(|| Arc::new(Messaging::new(id)))
}

/// The settings with their revision.
///
/// # Errors
/// [`Error::Denied`].
pub fn settings(engine: &Engine, scope: &Scope) -> Result<(i64, SettingsInput)> {
    may(scope, Permission::OrganizationView)?;
    let messaging = messaging(engine, scope);
    Ok((messaging.rev, of(&messaging)))
}

fn of(messaging: &Messaging) -> SettingsInput {
    SettingsInput {
        tell_password_changes: messaging.letters.tell_password_changes,
        welcome_directory_users: messaging.letters.welcome_directory_users,
    }
}

/// Every template in force: the organization's own ones and the usual ones, in the order of the kinds.
///
/// # Errors
/// [`Error::Denied`].
pub fn templates(engine: &Engine, scope: &Scope) -> Result<Vec<TemplateInfo>> {
    may(scope, Permission::OrganizationView)?;
    let messaging = messaging(engine, scope);
    let mut all = Vec::new();
    for info in LETTERS.iter().filter(|info| belongs(info.kind, scope.organization())) {
        for language in catalog::LANGUAGES {
            let own = messaging.letters.templates.own(info.kind, language.key);
            if let Some(template) = messaging.letters.templates.in_language(info.kind, language.key) {
                let language = language.key.to_owned();
                all.push(TemplateInfo { kind: info.kind, language, is_own: own.is_some(), template });
            }
        }
    }
    Ok(all)
}

/// Changes the settings.
///
/// # Errors
/// [`Error::Denied`], [`Error::Conflict`] for another `seen` revision.
pub async fn edit_settings(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    new: SettingsInput,
) -> Result<()> {
    may(scope, Permission::OrganizationEdit)?;
    let change = move |messaging: &mut Messaging| {
        let before = of(messaging);
        messaging.letters.tell_password_changes = new.tell_password_changes;
        messaging.letters.welcome_directory_users = new.welcome_directory_users;
        json!({ "before": before, "after": new })
    };
    put(engine, scope, seen, "letter.settings_changed", change).await
}

/// Words a letter anew.
///
/// # Errors
/// [`Error::Invalid`] on `kind`, `language`, `subject` or `body`; [`Error::Conflict`] for another `seen` revision.
pub async fn edit_template(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    (kind, language): (LetterKind, &str),
    template: Template,
) -> Result<()> {
    may(scope, Permission::OrganizationEdit)?;
    let template = checked(engine, scope, (kind, language), template, false)?;
    let language = language.to_owned();
    let change = move |messaging: &mut Messaging| {
        let before = messaging.letters.templates.own(kind, &language).cloned();
        messaging.letters.templates.set(kind, &language, Some(template.clone()));
        json!({ "name": kind.info().label, "language": language, "before": before, "after": template })
    };
    put(engine, scope, seen, "letter.template_changed", change).await
}

/// Takes the organization's own template away; the usual one holds again.
///
/// # Errors
/// As [`edit_template`].
pub async fn remove_template(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    (kind, language): (LetterKind, &str),
) -> Result<()> {
    may(scope, Permission::OrganizationEdit)?;
    let language = language.to_owned();
    let change = move |messaging: &mut Messaging| {
        let before = messaging.letters.templates.own(kind, &language).cloned();
        messaging.letters.templates.set(kind, &language, None);
        json!({ "name": kind.info().label, "language": language, "before": before, "after": null })
    };
    put(engine, scope, seen, "letter.template_changed", change).await
}

async fn put(
    engine: &Engine,
    scope: &Scope,
    seen: Option<i64>,
    event: &'static str,
    change: impl Fn(&mut Messaging) -> serde_json::Value + Send + Sync + 'static,
) -> Result<()> {
    let unit = async move |tx: &mut Tx| {
        let known = repo::messaging::get(tx).await?;
        let mut messaging = known.unwrap_or_else(|| Messaging::new(tx.organization()));
        unchanged(seen, messaging.rev)?;
        let body = change(&mut messaging);
        repo::messaging::put(tx, &mut messaging).await?;
        tx.journal(JournalEntry { event, subject: String::new(), body });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await
}

/// A template (or, with `message`, what an administrator wrote) without anything wrong in it.
pub(super) fn checked(
    engine: &Engine,
    scope: &Scope,
    (kind, language): (LetterKind, &str),
    mut template: Template,
    message: bool,
) -> Result<Template> {
    let mut issues = Issues::default();
    issues.check(belongs(kind, scope.organization()), "kind", || "There is no such letter here.".into());
    issues.check(language_by_key(language).is_some(), "language", || "There is no such language.".into());
    let subject = template.subject.trim().to_owned();
    template.subject = subject;
    let columns = columns(engine, scope);
    let columns: Vec<_> = columns.iter().map(String::as_str).collect();
    for (field, why) in letter::check(&template, kind, message, &columns) {
        issues.add(field, why);
    }
    issues.done()?;
    Ok(template)
}

/// Names of the organization's own columns for users.
fn columns(engine: &Engine, scope: &Scope) -> Vec<String> {
    let Some(org) = engine.directory.organization(scope.organization()) else { return Vec::new() };
    let org = org.read();
    let columns = org.organization.columns.iter().filter(|column| column.scope == CustomScope::User);
    columns.map(|column| column.name.clone()).collect()
}

/// A code that is nobody's, for letters that are only looked at.
pub(super) fn sample_code(engine: &Engine, hours: u32) -> Issued {
    let code = "0000-AAAA-1111-BBBB".to_owned();
    let now = engine.now();
    Issued {
        id: engine.entropy.id(now),
        link: format!("{}/enroll?token={code}", engine.public_url.read()),
        code,
        expires_at: now + i64::from(hours) * DAY / 24,
    }
}

/// The letter that a template makes for a user (`None`: for a made-up one), before it is saved.
///
/// # Errors
/// As [`edit_template`]; [`Error::NotFound`] for the user.
pub fn preview_template(
    engine: &Engine,
    scope: &Scope,
    (kind, language): (LetterKind, &str),
    template: Template,
    user: Option<UserId>,
) -> Result<Letter> {
    may(scope, Permission::OrganizationView)?;
    let template = checked(engine, scope, (kind, language), template, false)?;
    let desk = Desk::of(engine, scope.organization())?;
    let user = match user {
        Some(id) => User::clone(&*crate::users::get(engine, scope, id)?),
        None => made_up(engine, scope),
    };
    let issued = sample_code(engine, desk.settings().enrollment_hours);
    let mut filling = desk.filling(&user, kind.info().invites.then_some(&issued));
    if kind.info().around {
        filling
            .set_message("Lunch on Friday", "Hello {user.first_name},\n\nhere stands **what is written**.");
    }
    Ok(filling.letter(&template, language))
}

fn made_up(engine: &Engine, scope: &Scope) -> User {
    let now = engine.now();
    let mut user = User::new(scope.organization(), engine.entropy.id(now), "anna".into(), now);
    "Anna".clone_into(&mut user.first_name);
    "Muster".clone_into(&mut user.last_name);
    "Anna Muster".clone_into(&mut user.display_name);
    "anna@example.com".clone_into(&mut user.email);
    user
}

/// Sends the letter of a template to oneself: to the address of the administrator's own account.
///
/// # Errors
/// As [`preview_template`]; [`Error::Conflict`] when the account has no address.
pub async fn test_template(
    engine: &Engine,
    scope: &Scope,
    which: (LetterKind, &str),
    template: Template,
    user: Option<UserId>,
) -> Result<MailAddress> {
    let kind = which.0;
    may(scope, Permission::OrganizationEdit)?;
    let letter = preview_template(engine, scope, which, template, user)?;
    let own = scope.administrator().map(|admin| admin.email.clone()).unwrap_or_default();
    let Ok(recipient) = own.parse::<MailAddress>() else {
        return Err(Error::conflict(
            "Your account has no mail address. Enter one under Organization Administrators.",
        ));
    };
    let desk = Desk::of(engine, scope.organization())?;
    let to = recipient.clone();
    let unit = async move |tx: &mut Tx| {
        desk.queue(tx, kind, to.clone(), letter.clone(), (None, None)).await?;
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    crate::mail::wake(engine);
    Ok(recipient)
}
