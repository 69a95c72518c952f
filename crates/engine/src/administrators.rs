//! Administrators: accounts, roles given, the ISE Admin mark.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{
    AdminKind, Administrator, AdministratorId, JournalEntry, Organization, OrganizationId, PasswordHash,
    RoleRef,
};
use ipnet::IpNet;
use serde_json::json;
use store::repo;

use crate::sign_in::powers_of;
use crate::{Engine, Error, Result, Scope, passwords};

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

/// What can be changed. Missing fields stay.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdministratorEdit {
    /// Name shown.
    pub display_name: Option<String>,
    /// Address.
    pub email: Option<String>,
    /// Role; `Some(None)` takes it away.
    #[serde(deserialize_with = "crate::json::some_option")]
    pub role: Option<Option<RoleRef>>,
    /// The ISE Admin mark.
    pub ise_admin: Option<bool>,
    /// Full wipe from ISE.
    pub ise_full_wipe: Option<bool>,
    /// Networks.
    pub allowed_networks: Option<Vec<String>>,
    /// Enabled.
    pub enabled: Option<bool>,
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
    if new.role.is_none() && !new.ise_admin {
        return Err(Error::invalid("role", "Choose a role, or mark the account as ISE Admin."));
    }
    let generated = new.password.is_empty().then(|| engine.entropy.password());
    let password = generated.as_deref().unwrap_or(&new.password);
    passwords::check_strength(password, if new.ise_admin { 16 } else { 12 })?;
    let hash = passwords::hash(engine.entropy, password).await?;
    let admin = assemble(engine, scope.organization(), username, new, hash, generated.is_some());
    check_role(engine, scope, &admin)?;
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

fn assemble(
    engine: &Engine,
    organization: OrganizationId,
    username: String,
    new: NewAdministrator,
    password_hash: PasswordHash,
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
        ise_admin: new.ise_admin && !system,
        ise_full_wipe: new.ise_full_wipe && new.ise_admin && !system,
        allowed_networks: new.allowed_networks,
        password_hash,
        credential_epoch: 1,
        enabled: true,
        second_factor: None,
        created_at: now,
        last_sign_in_at: None,
    }
}

/// Changes an administrator. A change of role, mark, networks or state ends sessions and cached proofs at once.
///
/// # Errors
/// As [`create`]; [`Error::Conflict`] when the last one who can administer would be lost.
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: AdministratorId,
    edit: AdministratorEdit,
) -> Result<()> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = get(engine, scope, id)?;
    check_role(engine, scope, &old)?;
    check_networks(edit.allowed_networks.as_deref().unwrap_or_default())?;
    let mut new = Administrator::clone(&old);
    change(&mut new, edit);
    if new.role.is_none() && !new.ise_admin {
        return Err(Error::invalid("role", "Choose a role, or mark the account as ISE Admin."));
    }
    check_role(engine, scope, &new)?;
    keep_one_full(engine, &old, Some(&new))?;
    let critical = |a: &Administrator| {
        (a.role.clone(), a.ise_admin, a.ise_full_wipe, a.allowed_networks.clone(), a.enabled)
    };
    if critical(&old) != critical(&new) {
        new.credential_epoch += 1;
    }
    let before = public(&old);
    write(engine, scope, new, move |after| {
        entry("administrator.updated", after, json!({ "before": before, "after": public(after) }))
    })
    .await
}

fn change(admin: &mut Administrator, edit: AdministratorEdit) {
    if let Some(name) = edit.display_name {
        admin.display_name = name;
    }
    if let Some(email) = edit.email {
        admin.email = email;
    }
    if let Some(role) = edit.role {
        admin.role = role;
    }
    if let Some(mark) = edit.ise_admin {
        admin.ise_admin = mark && admin.kind == AdminKind::Organization;
    }
    if let Some(wipe) = edit.ise_full_wipe {
        admin.ise_full_wipe = wipe;
    }
    admin.ise_full_wipe &= admin.ise_admin;
    if let Some(networks) = edit.allowed_networks {
        admin.allowed_networks = networks;
    }
    if let Some(enabled) = edit.enabled {
        admin.enabled = enabled;
    }
}

/// Sets a new password for somebody else; empty makes one. All sessions of the account end.
///
/// # Errors
/// As [`create`].
pub async fn reset_password(
    engine: &Engine,
    scope: &Scope,
    id: AdministratorId,
    password: &str,
) -> Result<Option<String>> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = get(engine, scope, id)?;
    check_role(engine, scope, &old)?;
    let generated = password.is_empty().then(|| engine.entropy.password());
    let password = generated.as_deref().unwrap_or(password);
    passwords::check_strength(password, if old.ise_admin { 16 } else { 12 })?;
    let mut new = Administrator::clone(&old);
    new.password_hash = passwords::hash(engine.entropy, password).await?;
    new.credential_epoch += 1;
    new.must_change_password = new.role.is_some();
    write(engine, scope, new, |after| {
        entry("administrator.password_reset", after, json!({ "username": after.username }))
    })
    .await?;
    Ok(generated)
}

async fn write(
    engine: &Engine,
    scope: &Scope,
    new: Administrator,
    entry: impl Fn(&Administrator) -> JournalEntry + Send + 'static,
) -> Result<()> {
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut new = new.clone();
            repo::administrators::put(tx, &mut new).await?;
            tx.journal(entry(&new));
            Ok::<_, Error>(())
        })
        .await
}

/// Removes an administrator with sessions and tokens.
///
/// # Errors
/// [`Error::Conflict`] for oneself and for the last one who can administer.
pub async fn remove(engine: &Engine, scope: &Scope, id: AdministratorId) -> Result<()> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = get(engine, scope, id)?;
    check_role(engine, scope, &old)?;
    if scope.administrator().is_some_and(|a| a.id == id) {
        return Err(Error::conflict("You cannot remove your own account."));
    }
    keep_one_full(engine, &old, None)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            repo::administrators::remove(tx, id).await?;
            tx.journal(entry("administrator.deleted", &old, json!({ "before": public(&old) })));
            Ok::<_, Error>(())
        })
        .await
}

/// Nobody can give or touch more power than he has: else "edit administrators" would mean "everything".
fn check_role(engine: &Engine, scope: &Scope, admin: &Administrator) -> Result<()> {
    if let Some(RoleRef::Predefined(key)) = &admin.role
        && !catalog::PREDEFINED_ROLES.iter().any(|r| r.key == key)
    {
        return Err(Error::invalid("role", format!("There is no predefined role {key}.")));
    }
    if let Some(RoleRef::Custom(id)) = &admin.role {
        let org = engine.directory.organization(admin.organization);
        if org.is_none_or(|o| o.read().role(*id).is_none()) {
            return Err(Error::invalid("role", "There is no such role."));
        }
    }
    if scope.powers().includes(&powers_of(engine, admin, admin.organization)) {
        Ok(())
    } else {
        Err(Error::Denied(
            "This role includes more than your own. Ask an administrator with the role Full.".into(),
        ))
    }
}

/// At least one enabled account that can edit administrators must remain.
fn keep_one_full(engine: &Engine, old: &Administrator, new: Option<&Administrator>) -> Result<()> {
    let can = |a: &Administrator| {
        a.enabled && powers_of(engine, a, a.organization).has(Permission::AdministratorsEdit)
    };
    if !can(old) || new.is_some_and(can) {
        return Ok(());
    }
    let others = engine.directory.administrators(old.organization);
    if others.iter().any(|a| a.id != old.id && can(a)) {
        return Ok(());
    }
    Err(Error::conflict(
        "This is the last account that can edit administrators. Give another one that right first.",
    ))
}

/// Lower-cases and checks a sign-in name.
pub(crate) fn check_username(username: &str) -> Result<String> {
    let name = username.trim().to_lowercase();
    let good = (2..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-@".contains(c));
    if good {
        Ok(name)
    } else {
        Err(Error::invalid("username", "Use 2 to 64 of these: letters, digits, dot, dash, underscore, @."))
    }
}

fn check_networks(networks: &[String]) -> Result<()> {
    match networks.iter().find(|n| n.parse::<IpNet>().is_err()) {
        Some(bad) => Err(Error::invalid(
            "allowed_networks",
            format!("{bad} is not a network. Write it as 10.1.0.0/16."),
        )),
        None => Ok(()),
    }
}

fn entry(event: &'static str, admin: &Administrator, body: serde_json::Value) -> JournalEntry {
    JournalEntry { event, subject: admin.id.to_string(), body }
}

/// What the journal keeps of an account: never the password's hash.
fn public(admin: &Administrator) -> serde_json::Value {
    json!({
        "username": admin.username, "display_name": admin.display_name, "email": admin.email, "role": admin.role,
        "ise_admin": admin.ise_admin, "ise_full_wipe": admin.ise_full_wipe,
        "allowed_networks": admin.allowed_networks, "enabled": admin.enabled,
    })
}
