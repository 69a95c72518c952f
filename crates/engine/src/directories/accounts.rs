//! Accounts of administrators who come from a directory: made at the first sign-in, brought up to date at each one and
//! with each refresh, disabled when the directory no longer has a role for them.

use std::sync::Arc;

use clients::ldap::Person;
use domain::model::{
    Actor, Administrator, AdministratorId, DirectoryIdentity, DirectoryServer, DirectoryServerId, RoleRef,
};
use serde_json::json;
use store::{Tx, repo};

use super::desk::{directory, noted};
use super::staff::{ladder, role_of};
use crate::administrators::{self, NewAdministrator, entry, public};
use crate::{Engine, Error, Result, Scope};

/// Whether an account comes from this server.
pub(super) fn is_of(admin: &Administrator, server: DirectoryServerId) -> bool {
    admin.directory.as_ref().is_some_and(|identity| identity.server == server)
}

/// The account of somebody who has proved to be this person; `None` when it was disabled by hand, or its name belongs
/// to somebody else.
pub(super) async fn admitted(
    engine: &Engine,
    server: &DirectoryServer,
    domain: &str,
    person: Person,
    role: RoleRef,
) -> Result<Option<Arc<Administrator>>> {
    if domain::names::check_username(&person.login).is_err() {
        return Ok(None);
    }
    let username = format!("{domain}\\{}", person.login).to_lowercase();
    let all = engine.directory.administrators(server.organization);
    let is_it = |admin: &&Arc<Administrator>| {
        admin.directory.as_ref().is_some_and(|i| i.server == server.id && i.unique == person.unique)
    };
    let known = all.iter().find(is_it);
    let by_hand = |admin: &&Arc<Administrator>| !admin.enabled && !is_retired(admin);
    if known.is_some_and(|admin| by_hand(&admin)) {
        return Ok(None);
    }
    // Somebody else had the name and is gone: the account, with its second factor, is not handed on.
    let namesake = engine.directory.administrator_by_name(&username);
    let namesake = namesake.filter(|other| known.is_none_or(|known| known.id != other.id));
    if namesake.as_ref().is_some_and(|other| !(is_of(other, server.id) && is_retired(other))) {
        tracing::warn!(%username, "somebody of a directory has the sign-in name of another administrator");
        return Ok(None);
    }
    let new = match known {
        Some(old) => renewed(engine, old, username, &person, role),
        None => made(engine, server, username, &person, role),
    };
    if known.is_some_and(|old| **old == new) {
        return Ok(known.cloned());
    }
    let id = new.id;
    let (stale, before, name) = (namesake, known.cloned(), server.name.clone());
    let unit = async move |tx: &mut Tx| {
        if let Some(stale) = &stale {
            repo::administrators::remove(tx, stale.id).await?;
            let body = json!({ "directory": name, "before": public(stale) });
            tx.journal(entry("administrator.deleted", stale, body));
        }
        let mut new = new.clone();
        repo::administrators::put(tx, &mut new).await?;
        let event = if before.is_some() { "administrator.updated" } else { "administrator.created" };
        let before = before.as_deref().map(public);
        tx.journal(entry(event, &new, json!({ "directory": name, "before": before, "after": public(&new) })));
        Ok::<_, Error>(())
    };
    engine.store.write(server.organization, Actor::System, unit).await?;
    Ok(engine.directory.administrator(id))
}

/// Whether it is the directory that has disabled an account.
fn is_retired(admin: &Administrator) -> bool {
    !admin.enabled && admin.directory.as_ref().is_some_and(|identity| identity.disabled)
}

fn made(
    engine: &Engine,
    server: &DirectoryServer,
    username: String,
    person: &Person,
    role: RoleRef,
) -> Administrator {
    let new = NewAdministrator {
        display_name: person.display_name.clone(),
        email: person.email.clone(),
        role: Some(role),
        ..NewAdministrator::default()
    };
    let identity = DirectoryIdentity {
        server: server.id,
        unique: person.unique.clone(),
        dn: person.dn.clone(),
        disabled: false,
    };
    let account = administrators::assemble(engine, server.organization, username, new, false);
    Administrator { directory: Some(identity), ..account }
}

/// An account as the directory says.
fn renewed(
    engine: &Engine,
    old: &Administrator,
    username: String,
    person: &Person,
    role: RoleRef,
) -> Administrator {
    let mut new = old.clone();
    if !person.display_name.is_empty() {
        new.display_name.clone_from(&person.display_name);
    }
    new.email.clone_from(&person.email);
    new.username = username;
    new.role = Some(role);
    new.enabled = true;
    if let Some(identity) = &mut new.directory {
        identity.dn.clone_from(&person.dn);
        identity.disabled = false;
    }
    if new.role != old.role || !old.enabled {
        new.credential_epoch += 1;
        new.entrust(engine.moment());
    }
    new
}

/// Disables an account because its directory has no role for it; sessions and tokens end.
pub(super) async fn retire(tx: &mut Tx, id: AdministratorId, directory: &str) -> Result<()> {
    let Some(mut admin) = repo::administrators::get(tx, id).await?.filter(|admin| admin.enabled) else {
        return Ok(());
    };
    let before = public(&admin);
    admin.enabled = false;
    admin.credential_epoch += 1;
    if let Some(identity) = &mut admin.directory {
        identity.disabled = true;
    }
    repo::administrators::put(tx, &mut admin).await?;
    let body = json!({ "directory": directory, "before": before, "after": public(&admin) });
    tx.journal(entry("administrator.disabled", &admin, body));
    Ok(())
}

/// Looks at the accounts that come from a server: who is gone, disabled, or in no group of the list any more is disabled
/// here; whose role is another one now gets that, and signs in anew.
pub(super) async fn look_at(engine: &Engine, scope: &Scope, server: &DirectoryServer) -> Result<()> {
    let mut all = engine.directory.administrators(server.organization);
    all.retain(|admin| admin.enabled && is_of(admin, server.id));
    if all.is_empty() {
        return Ok(());
    }
    let directory = directory(engine, server)?;
    let ladder = noted(engine, server, ladder(engine, &directory, server).await)?;
    for admin in all {
        let Some(identity) = &admin.directory else { continue };
        let person = noted(engine, server, directory.person_by_unique(&identity.unique).await)?;
        let person = person.filter(|person| !person.disabled);
        let role = person.as_ref().and_then(|person| role_of(&ladder, person));
        if role == admin.role {
            continue;
        }
        let (id, name, moment) = (admin.id, server.name.clone(), engine.moment());
        let unit = async move |tx: &mut Tx| {
            let Some(role) = role.clone() else { return retire(tx, id, &name).await };
            let Some(old) = repo::administrators::get(tx, id).await?.filter(|admin| admin.enabled) else {
                return Ok(());
            };
            let mut new = Administrator { role: Some(role), ..old.clone() };
            new.credential_epoch += 1;
            new.entrust(moment);
            repo::administrators::put(tx, &mut new).await?;
            let body = json!({ "directory": name, "before": public(&old), "after": public(&new) });
            tx.journal(entry("administrator.updated", &new, body));
            Ok(())
        };
        engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    }
    Ok(())
}
