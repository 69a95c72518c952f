//! Changing and removing accounts.

use catalog::Permission;
use domain::model::{AdminKind, Administrator, AdministratorId, JournalEntry, RoleRef};
use serde_json::json;
use store::repo;

use super::checks::{check_networks, check_power, loses_the_right, others, still_administered};
use super::{OF_DIRECTORY, entry, get, public};
use crate::{Engine, Error, Result, Scope, passwords};

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

/// Changes an administrator. A change of role, mark, networks or state ends sessions, API tokens and cached proofs at
/// once.
///
/// # Errors
/// As [`create`]; [`Error::Conflict`] when the last one who can administer would be lost, and for the role of an account
/// that comes from a directory.
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: AdministratorId,
    edit: AdministratorEdit,
) -> Result<()> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = get(engine, scope, id)?;
    check_power(engine, scope, &old)?;
    check_networks(edit.allowed_networks.as_deref().unwrap_or_default())?;
    if made_by_provider(&old) && edit.role.as_ref().is_some_and(|role| *role != old.role) {
        return Err(Error::invalid(
            "role",
            "The rules of its identity provider say the role of this account.",
        ));
    }
    let mut new = Administrator::clone(&old);
    change(&mut new, edit);
    check_power(engine, scope, &new)?;
    if old.directory.is_some() && (new.role != old.role || new.ise_admin) {
        return Err(Error::conflict(OF_DIRECTORY));
    }
    let others = loses_the_right(engine, &old, Some(&new)).then(|| others(engine, &old));
    let critical = |a: &Administrator| {
        (a.role.clone(), a.ise_admin, a.ise_full_wipe, a.allowed_networks.clone(), a.enabled)
    };
    if critical(&old) != critical(&new) {
        new.credential_epoch += 1;
    }
    if old.role != new.role || (new.enabled && !old.enabled) {
        new.entrust(engine.moment());
    }
    let before = public(&old);
    write(engine, scope, new, others, move |after| {
        entry("administrator.updated", after, json!({ "before": before, "after": public(after) }))
    })
    .await
}

fn made_by_provider(admin: &Administrator) -> bool {
    admin.identity.as_ref().is_some_and(|identity| identity.made_by_provider)
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

/// Sets a new password for somebody else; empty makes one. All sessions and API tokens of the account end.
///
/// # Errors
/// As [`create`]; [`Error::Conflict`] for an account of a directory, which knows its password.
pub async fn reset_password(
    engine: &Engine,
    scope: &Scope,
    id: AdministratorId,
    password: &str,
) -> Result<Option<String>> {
    scope.require(Permission::AdministratorsEdit)?;
    let old = get(engine, scope, id)?;
    check_power(engine, scope, &old)?;
    if old.directory.is_some() {
        return Err(Error::conflict(OF_DIRECTORY));
    }
    if made_by_provider(&old) {
        return Err(Error::conflict("This account signs in by its identity provider, and has no password."));
    }
    let generated = password.is_empty().then(|| engine.entropy.password());
    let password = generated.as_deref().unwrap_or(password);
    passwords::check_strength(password, if old.ise_admin { 16 } else { 12 })?;
    let mut new = Administrator::clone(&old);
    new.password_hash = passwords::hash(engine.entropy, password).await?;
    new.credential_epoch += 1;
    new.entrust(engine.moment());
    new.must_change_password = new.role.is_some();
    write(engine, scope, new, None, |after| {
        entry("administrator.password_reset", after, json!({ "username": after.username }))
    })
    .await?;
    Ok(generated)
}

/// Stores an account. `others`: one of these must be able to edit administrators afterwards.
async fn write(
    engine: &Engine,
    scope: &Scope,
    new: Administrator,
    others: Option<Vec<AdministratorId>>,
    entry: impl Fn(&Administrator) -> JournalEntry + Send + 'static,
) -> Result<()> {
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut new = new.clone();
            repo::administrators::put(tx, &mut new).await?;
            if let Some(others) = &others {
                still_administered(tx, others).await?;
            }
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
    check_power(engine, scope, &old)?;
    if scope.administrator().is_some_and(|a| a.id == id) {
        return Err(Error::conflict("You cannot remove your own account."));
    }
    let others = loses_the_right(engine, &old, None).then(|| others(engine, &old));
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            repo::administrators::remove(tx, id).await?;
            if let Some(others) = &others {
                still_administered(tx, others).await?;
            }
            tx.journal(entry("administrator.deleted", &old, json!({ "before": public(&old) })));
            Ok::<_, Error>(())
        })
        .await
}
