//! Refreshes and imports in the background: begun by somebody, or because they are due.

use std::collections::HashMap;
use std::sync::Arc;

use catalog::Permission;
use domain::model::{DirectoryServer, DirectoryServerId, Organization};
use store::{Tx, repo};

use super::{get, import, refresh};
use crate::{Engine, Error, Result, Scope};

/// Refreshes at the same time on one node.
const MOST_AT_ONCE: usize = 4;

/// Begins an import ([`import`](super::import)) and does not wait for it; [`super::progress`] tells how far it is.
///
/// # Errors
/// [`Error::Conflict`] while one, or a refresh, is under way.
pub fn start_import(
    engine: &Arc<Engine>,
    scope: &Scope,
    id: DirectoryServerId,
    names: Vec<String>,
) -> Result<()> {
    is_free(engine, scope, id)?;
    let (engine, scope) = (Arc::clone(engine), scope.clone());
    tokio::spawn(async move {
        if let Err(error) = import(&engine, &scope, id, &names).await {
            tracing::warn!(%error, "an import from a directory was not kept");
        }
    });
    Ok(())
}

fn is_free(engine: &Engine, scope: &Scope, id: DirectoryServerId) -> Result<()> {
    scope.require(Permission::UsersEdit)?;
    get(engine, scope, id)?;
    if super::progress(engine, scope, id)?.is_some() {
        return Err(Error::conflict("A refresh of this server is under way. Wait for its end."));
    }
    Ok(())
}

/// Begins a refresh and does not wait for it; [`super::progress`] tells how far it is.
///
/// # Errors
/// [`Error::Conflict`] while one is under way.
pub fn start(engine: &Arc<Engine>, scope: &Scope, id: DirectoryServerId, accept: bool) -> Result<()> {
    is_free(engine, scope, id)?;
    let (engine, scope) = (Arc::clone(engine), scope.clone());
    tokio::spawn(async move {
        if let Err(error) = refresh(&engine, &scope, id, accept).await {
            tracing::warn!(%error, "a refresh of a directory was not kept");
        }
    });
    Ok(())
}

/// The background job: begins the refreshes that are due, a few at a time, each on its own so that a directory that hangs
/// holds up no other.
///
/// # Errors
/// Storage errors.
pub async fn tick(engine: &Arc<Engine>) -> Result<()> {
    if !crate::lease::hold(engine, "directories").await? {
        return Ok(());
    }
    let read = async |tx: &mut Tx| Ok::<_, Error>(repo::installation::entities::directory_runs(tx).await?);
    let runs = engine.store.read(Organization::SYSTEM, read).await?;
    let ended: HashMap<DirectoryServerId, i64> = runs.into_iter().map(|(_, id, at)| (id, at)).collect();
    let now = engine.now();
    for organization in engine.directory.organizations().into_iter().filter(|o| o.enabled) {
        let Some(org) = engine.directory.organization(organization.id) else { continue };
        let due: Vec<DirectoryServerId> = {
            let org = org.read();
            let is_due = |server: &Arc<DirectoryServer>| {
                let pause = i64::from(server.refresh_minutes) * 60_000;
                let last = ended.get(&server.id);
                // A clock that was set back must not stop the refresh for the time between.
                let waits = last.is_some_and(|at| (*at..at.saturating_add(pause)).contains(&now));
                let serves = !server.admin_roles.is_empty() || !org.linked(server.id).is_empty();
                server.enabled && pause > 0 && !waits && serves
            };
            org.directories().into_iter().filter(is_due).map(|server| server.id).collect()
        };
        let scope = Scope::of_server(organization.id);
        for id in due {
            if engine.directories.under_way() >= MOST_AT_ONCE {
                return Ok(());
            }
            // Under way already is as good.
            let _ = start(engine, &scope, id, false);
        }
    }
    Ok(())
}
