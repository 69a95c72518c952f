//! **LDAP servers** that users come from: set up, tried, browsed, linked, refreshed, and asked whether a password is
//! good.
//!
//! A linked folder or group is a [group](crate::groups) whose members are taken from the directory; everything else
//! that a group can do (suite, schedule, server, restrictions, priority) it can as well. A [refresh](refresh()) reads
//! all of them at once, asks [`domain::directory::plan`] what follows, and writes some hundred users in a unit. What
//! would take access from many devices is held as everywhere; when a great part of the users is gone at once nothing is
//! done at all until somebody says so.

mod accounts;
mod desk;
mod due;
mod gather;
mod gone;
mod import;
mod input;
mod links;
mod preview;
mod refresh;
mod sign_in;
mod staff;
mod write;

use std::sync::Arc;

use catalog::Permission;
pub use clients::ldap::{Node, Tested};
use domain::model::{DirectoryRun, DirectoryServer, DirectoryServerId, JournalEntry};
use serde_json::json;
use store::{Tx, repo};

pub use desk::{Desk, Progress, progress};
pub use due::{start, start_import, tick};
pub(crate) use gone::carry_out_gone;
pub use import::import;
pub use input::{DirectoryInput, MOST_SERVERS};
pub use links::{Link, link, linked};
pub use preview::{Preview, preview};
pub use refresh::refresh;
pub(crate) use sign_in::{is_password, newcomer, verify};
pub(crate) use staff::admit as admit_administrator;
pub use staff::{GroupRole, set_roles};

use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope};
use desk::{directory, noted};
use input::assemble;

/// The organization's LDAP servers, by name.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Arc<DirectoryServer>>> {
    scope.require(Permission::ServersView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let servers = org.read().directories();
    Ok(servers)
}

/// One server.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub fn get(engine: &Engine, scope: &Scope, id: DirectoryServerId) -> Result<Arc<DirectoryServer>> {
    scope.require(Permission::ServersView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let server = org.read().directory(id).cloned();
    server.ok_or(Error::NotFound("LDAP server"))
}

/// How the last refresh went; `None` before the first one.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn last_run(engine: &Engine, scope: &Scope, id: DirectoryServerId) -> Result<Option<DirectoryRun>> {
    get(engine, scope, id)?;
    let read = async move |tx: &mut Tx| Ok::<_, Error>(repo::directories::run(tx, id).await?);
    engine.store.read(scope.organization(), read).await
}

/// Adds a server.
///
/// # Errors
/// [`Error::Invalid`] by field; [`Error::Conflict`] for a name that is taken or one server too many.
pub async fn create(engine: &Engine, scope: &Scope, input: DirectoryInput) -> Result<DirectoryServerId> {
    scope.require(Permission::ServersEdit)?;
    if list(engine, scope)?.len() >= MOST_SERVERS {
        return Err(Error::conflict(format!("An organization can have {MOST_SERVERS} LDAP servers.")));
    }
    let id = engine.entropy.id(engine.now());
    put(engine, scope, assemble(engine, scope, id, None, input)?, "directory.server_created").await?;
    Ok(id)
}

/// Replaces a server's settings, if it is still at the `rev` that the author of the edit saw. An empty password keeps the
/// one that is stored, as long as host and account stay the same.
///
/// # Errors
/// As [`create`]; [`Error::Conflict`] for another `rev`; [`Error::Denied`] when its groups give roles with more power
/// than one's own.
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    seen: Option<i64>,
    input: DirectoryInput,
) -> Result<()> {
    scope.require(Permission::ServersEdit)?;
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    staff::check_power(engine, scope, &old)?;
    put(engine, scope, assemble(engine, scope, id, Some(&old), input)?, "directory.server_updated").await
}

/// Removes a server. Its users stay, as if they had been made by hand.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] while folders or groups are linked, or groups make administrators.
pub async fn remove(engine: &Engine, scope: &Scope, id: DirectoryServerId) -> Result<()> {
    scope.require(Permission::ServersEdit)?;
    let server = get(engine, scope, id)?;
    if !server.admin_roles.is_empty() {
        return Err(Error::conflict("Take its groups of administrators off the list first."));
    }
    let name = server.name.clone();
    if !linked(engine, scope, id)?.is_empty() {
        return Err(Error::conflict("Remove its linked folders and groups first; the users stay."));
    }
    let unit = async move |tx: &mut Tx| {
        if !repo::directories::remove(tx, id).await? {
            return Err(Error::NotFound("LDAP server"));
        }
        tx.journal(JournalEntry {
            event: "directory.server_deleted",
            subject: id.to_string(),
            body: json!({ "name": name }),
        });
        Ok(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    engine.connections.forget(id.uuid());
    Ok(())
}

async fn put(engine: &Engine, scope: &Scope, server: DirectoryServer, event: &'static str) -> Result<()> {
    let id = server.id.uuid();
    let unit = async move |tx: &mut Tx| {
        let mut server = server.clone();
        repo::directories::put(tx, &mut server).await?;
        tx.journal(JournalEntry { event, subject: server.id.to_string(), body: input::told(&server) });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    engine.connections.forget(id);
    Ok(())
}

/// Tries a server now: name, port, certificate, account, bases, filters. The inner result says what is wrong.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn test(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
) -> Result<std::result::Result<Tested, String>> {
    scope.require(Permission::ServersEdit)?;
    let server = get(engine, scope, id)?;
    let outcome = match directory(engine, &server) {
        Ok(directory) => noted(engine, &server, directory.test().await),
        Err(error) => Err(error),
    };
    let outcome = outcome.map_err(|error| error.to_string());
    let body = json!({ "name": server.name, "failed": outcome.as_ref().err() });
    let unit = async move |tx: &mut Tx| {
        let body = body.clone();
        tx.journal(JournalEntry { event: "directory.tested", subject: id.to_string(), body });
        Ok::<_, Error>(())
    };
    engine.store.write(scope.organization(), scope.actor().clone(), unit).await?;
    Ok(outcome)
}

/// The bases, or what lies directly beneath a folder; and whether there is more than is answered.
///
/// # Errors
/// [`Error::Upstream`] in the words of [`clients::ldap::LdapError`].
pub async fn browse(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    folder: Option<&str>,
) -> Result<(Vec<Node>, bool)> {
    scope.require(Permission::ServersEdit)?;
    let server = get(engine, scope, id)?;
    noted(engine, &server, directory(engine, &server)?.children(folder).await)
}

/// Groups of the directory whose name contains a text.
///
/// # Errors
/// As [`browse`].
pub async fn find_groups(
    engine: &Engine,
    scope: &Scope,
    id: DirectoryServerId,
    text: &str,
) -> Result<(Vec<Node>, bool)> {
    scope.require(Permission::ServersEdit)?;
    let server = get(engine, scope, id)?;
    noted(engine, &server, directory(engine, &server)?.groups(text).await)
}
