//! The outside approver: a system administrator of the installation whom an organization names beforehand, for the day
//! on which it has nobody else of its own.
//!
//! As long as none is named, every system administrator may approve. Naming one shuts the others out; who takes over an
//! account cannot name his own, since a change of the name counts only from the next day on, and is an alarm.

use catalog::Permission;
use domain::command::NEW_ADMINISTRATOR_WAIT;
use domain::model::{AdminKind, Administrator, AdministratorId, JournalEntry, OutsideApprover};
use serde_json::json;
use store::repo;

use super::{organization, person};
use crate::sign_in::powers_of;
use crate::{Engine, Error, OrgIndex, Result, Scope, second_factor};

/// Names the outside approver; an empty name names none.
///
/// # Errors
/// [`Error::Denied`] without permission or second factor, [`Error::Invalid`] on `code` or `username`.
pub async fn name_outside(engine: &Engine, scope: &Scope, username: &str, code: &str) -> Result<()> {
    scope.require(Permission::DevicesWipeOverride)?;
    let id = scope.administrator().ok_or(Error::Unauthenticated)?.id;
    let admin = engine.directory.administrator(id).ok_or(Error::Unauthenticated)?;
    let username = username.trim();
    let named = if username.is_empty() {
        None
    } else {
        let known = engine.directory.administrator_by_name(username);
        let known = known.filter(|other| other.kind == AdminKind::System && other.enabled && other.id != id);
        let unknown = "Enter the sign-in name of a system administrator other than yourself.";
        Some(known.ok_or_else(|| Error::invalid("username", unknown))?)
    };
    second_factor::prove(engine, &admin, code).await?;
    let outside =
        OutsideApprover { administrator: named.as_ref().map(|other| other.id), named: engine.moment() };
    let name = named.map(|other| other.username.clone());
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut governor = repo::governor::lock(tx).await?;
            governor.outside_approver = Some(outside.clone());
            repo::governor::put(tx, &mut governor).await?;
            let subject = outside.administrator.unwrap_or(id).to_string();
            let body = json!({ "username": name, "named_by": admin.username });
            tx.journal(JournalEntry { event: "governor.outside_approver_named", subject, body });
            Ok::<_, Error>(())
        })
        .await
}

/// The outside approver as he stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Sign-in name; `None`: nobody is to approve from outside.
    pub username: Option<String>,
    /// When he was named.
    pub named_at: domain::Millis,
    /// Whether that counts already.
    pub counts: bool,
}

/// Who was named; `None`: nobody ever was, so every system administrator may approve.
pub(super) fn named(engine: &Engine, org: &OrgIndex) -> Option<Outside> {
    let outside = org.governor.outside_approver.as_ref()?;
    let admin = outside.administrator.and_then(|id| engine.directory.administrator(id));
    Some(Outside {
        username: admin.map(|admin| admin.username.clone()),
        named_at: outside.named.clock,
        counts: counts(engine, outside),
    })
}

fn counts(engine: &Engine, outside: &OutsideApprover) -> bool {
    engine.moment().is_later_by(NEW_ADMINISTRATOR_WAIT, outside.named)
}

/// Whether somebody may approve as far as that depends on whom the organization named.
pub(super) fn check(engine: &Engine, org: &OrgIndex, admin: &Administrator) -> Result<()> {
    let Some(outside) = org.governor.outside_approver.as_ref().filter(|_| admin.kind == AdminKind::System)
    else {
        return Ok(());
    };
    if outside.administrator != Some(admin.id) {
        return Err(Error::Denied(
            "This organization has not named you to approve from outside. Only whom it names may do so."
                .into(),
        ));
    }
    if counts(engine, outside) {
        return Ok(());
    }
    Err(Error::Denied("Who was named in the last 24 hours cannot approve from outside yet.".into()))
}

/// How many others than the reader could approve at this moment, with a second factor set up.
///
/// # Errors
/// [`Error::NotFound`] without an organization.
pub(super) fn others(engine: &Engine, scope: &Scope) -> Result<usize> {
    let id = scope.organization();
    let own = scope.administrator().map(|admin| admin.id);
    let directory = &engine.directory;
    let mut candidates = directory.administrators(id);
    candidates.extend(directory.administrators(domain::model::Organization::SYSTEM));
    let lock = organization(engine, scope)?;
    let could = |admin: &Administrator| {
        let has_power = admin.kind == AdminKind::System
            || powers_of(engine, admin, id).has(Permission::DevicesWipeOverride);
        has_power
            && admin.enabled
            && second_factor::is_set(admin)
            && Some(admin.id) != own
            && is_old(engine, admin.id)
            && check(engine, &lock.read(), admin).is_ok()
    };
    Ok(candidates.iter().filter(|admin| could(admin)).count())
}

fn is_old(engine: &Engine, id: AdministratorId) -> bool {
    person(engine, id)
        .is_ok_and(|person| engine.moment().is_later_by(NEW_ADMINISTRATOR_WAIT, person.independent_since))
}
