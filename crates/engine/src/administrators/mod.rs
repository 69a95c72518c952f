//! Administrators: accounts, roles given, the ISE Admin mark.
//!
//! Two rules hold everywhere here: nobody gives or touches more power than he has himself, and somebody who can edit
//! administrators always remains.

mod checks;
mod edit;

pub(crate) use checks::{check_role_power, check_username, is_role, still_administered};
pub use edit::{AdministratorEdit, edit, remove, reset_password};

use std::sync::Arc;

use catalog::Permission;
use domain::model::{
    AdminKind, Administrator, AdministratorId, JournalEntry, Organization, OrganizationId, PasswordHash,
    RoleRef,
};
use serde_json::json;
use store::repo;

use checks::{check_networks, check_power};

use crate::{Engine, Error, Result, Scope, passwords};

/// Why an account of a directory keeps its password and role.
pub(crate) const OF_DIRECTORY: &str =
    "This account comes from a directory, which knows its password and says its role. Change them there.";

/// What a new administrator needs.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewAdministrator {
    /// Sign-in name, unique in the installation.
    pub username: String,
    /// Name shown; empty takes the sign-in name.
    pub display_name: String,
    /// Address.
    pub email: String,
    /// Role; none for an account that only ISE uses.
    pub role: Option<RoleRef>,
    /// The ISE Admin mark.
    pub ise_admin: bool,
    /// ISE may order full wipes through this account.
    pub ise_full_wipe: bool,
    /// Networks it may be used from; empty is everywhere.
    pub allowed_networks: Vec<String>,
    /// Password; empty makes one, which is shown once.
    pub password: String,
}

/// The administrators of the scope's organization (of the installation, when none is chosen).
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Arc<Administrator>>> {
    scope.require(Permission::AdministratorsView)?;
    Ok(engine.directory.administrators(scope.organization()))
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: AdministratorId) -> Result<Arc<Administrator>> {
    scope.require(Permission::AdministratorsView)?;
    engine
        .directory
        .administrator(id)
        .filter(|a| a.organization == scope.organization())
        .ok_or(Error::NotFound("administrator"))
}

/// One of them, if one's own powers include all of his.
pub(crate) fn get_to_edit(engine: &Engine, scope: &Scope, id: AdministratorId) -> Result<Arc<Administrator>> {
    scope.require(Permission::AdministratorsEdit)?;
    let admin = get(engine, scope, id)?;
    check_power(engine, scope, &admin)?;
    Ok(admin)
}

/// Makes an administrator. Returns it with the generated password, if one was made.
///
/// # Errors
/// [`Error::Invalid`] by field; [`Error::Denied`] for a role with more power than one's own.
pub async fn create(
    engine: &Engine,
    scope: &Scope,
    new: NewAdministrator,
) -> Result<(Arc<Administrator>, Option<String>)> {
    scope.require(Permission::AdministratorsEdit)?;
    let username = check_username(&new.username)?;
    check_networks(&new.allowed_networks)?;
    if new.ise_admin && scope.organization() == Organization::SYSTEM {
        return Err(Error::invalid("ise_admin", "Cisco ISE asks an organization: make the account in one."));
    }
    let generated = new.password.is_empty().then(|| engine.entropy.password());
    let password = generated.clone().unwrap_or_else(|| new.password.clone());
    passwords::check_strength(&password, if new.ise_admin { 16 } else { 12 })?;
    let mut admin = assemble(engine, scope.organization(), username, new, generated.is_some());
    check_power(engine, scope, &admin)?;
    admin.password_hash = passwords::hash(engine.entropy, &password).await?;
    let id = admin.id;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut admin = admin.clone();
            repo::administrators::put(tx, &mut admin).await?;
            tx.journal(entry("administrator.created", &admin, json!({ "after": public(&admin) })));
            Ok::<_, Error>(())
        })
        .await?;
    let admin = engine.directory.administrator(id).ok_or(Error::NotFound("administrator"))?;
    Ok((admin, generated))
}

/// An account that is not stored yet, without a password.
pub(crate) fn assemble(
    engine: &Engine,
    organization: OrganizationId,
    username: String,
    new: NewAdministrator,
    generated: bool,
) -> Administrator {
    let now = engine.now();
    let system = organization == Organization::SYSTEM;
    Administrator {
        organization,
        id: engine.entropy.id(now),
        rev: 0,
        display_name: if new.display_name.trim().is_empty() { username.clone() } else { new.display_name },
        username,
        email: new.email,
        kind: if system { AdminKind::System } else { AdminKind::Organization },
        must_change_password: generated && new.role.is_some(),
        role: new.role,
        ise_admin: new.ise_admin,
        ise_full_wipe: new.ise_full_wipe && new.ise_admin,
        allowed_networks: new.allowed_networks,
        password_hash: PasswordHash(String::new()),
        credential_epoch: 1,
        enabled: true,
        directory: None,
        second_factor: None,
        passkeys: Vec::new(),
        recovery_codes: Vec::new(),
        identity: None,
        created_at: now,
        entrusted_at: now,
        entrusted_running: engine.running(),
        last_sign_in_at: None,
    }
}

pub(crate) fn entry(event: &'static str, admin: &Administrator, body: serde_json::Value) -> JournalEntry {
    JournalEntry { event, subject: admin.id.to_string(), body }
}

/// What the journal keeps of an account: never the password's hash.
pub(crate) fn public(admin: &Administrator) -> serde_json::Value {
    json!({
        "username": admin.username, "display_name": admin.display_name, "email": admin.email, "role": admin.role,
        "ise_admin": admin.ise_admin, "ise_full_wipe": admin.ise_full_wipe,
        "allowed_networks": admin.allowed_networks, "enabled": admin.enabled,
    })
}
