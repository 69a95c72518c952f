//! **RADIUS dynamic authorization**: the network hears at once when a device may use it no longer, or again.
//!
//! Cisco ISE learns of a change only when it asks. An organization can therefore name access devices, or ISE's own
//! nodes, that take CoA- and Disconnect-Requests (RFC 5176). When the verdict on Network Access changes, and only then,
//! a request is stored for each MAC of the device and each server ([`RadiusFollower`], which reads the journal), and sent
//! in the server's own pace ([`desk`]): what waits survives a restart, and a server that hangs holds up no other.
//! Without servers nothing happens at all.

mod desk;
mod follow;
mod input;

use std::sync::Arc;

use catalog::Permission;
use domain::model::{DeviceId, JournalEntry, RadiusRequest, RadiusServer, RadiusServerId};
use serde_json::json;
use store::repo;

pub use desk::{Desk, resume};
pub use follow::RadiusFollower;
pub use input::{MOST_SERVERS, RadiusInput};

use crate::issues::unchanged;
use crate::{Engine, Error, Result, Scope};
use input::assemble;

/// The organization's servers, by name.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Arc<RadiusServer>>> {
    scope.require(Permission::IseView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let servers = org.read().radius_servers();
    Ok(servers)
}

/// One server.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(engine: &Engine, scope: &Scope, id: RadiusServerId) -> Result<Arc<RadiusServer>> {
    scope.require(Permission::IseView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let server = org.read().radius_server(id).cloned();
    server.ok_or(Error::NotFound("RADIUS server"))
}

/// Adds a server.
///
/// # Errors
/// [`Error::Invalid`] by field; [`Error::Conflict`] for a name that is taken or one server too many.
pub async fn create(engine: &Engine, scope: &Scope, input: RadiusInput) -> Result<RadiusServerId> {
    if list(engine, scope)?.len() >= MOST_SERVERS {
        return Err(Error::conflict(format!("An organization can have {MOST_SERVERS} RADIUS servers.")));
    }
    let id = engine.entropy.id(engine.now());
    put(engine, scope, assemble(engine, scope, id, None, input)?, "radius.server_created").await?;
    Ok(id)
}

/// Replaces a server's settings, if it is still at the `rev` that the author of the edit saw. An empty secret keeps the
/// one that is stored.
///
/// # Errors
/// As [`create`]; [`Error::Conflict`] for another `rev`.
pub async fn edit(
    engine: &Engine,
    scope: &Scope,
    id: RadiusServerId,
    seen: Option<i64>,
    input: RadiusInput,
) -> Result<()> {
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    put(engine, scope, assemble(engine, scope, id, Some(&old), input)?, "radius.server_updated").await
}

/// Removes a server and what waits for it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(engine: &Engine, scope: &Scope, id: RadiusServerId) -> Result<()> {
    scope.require(Permission::IseEdit)?;
    let name = get(engine, scope, id)?.name.clone();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            if !repo::radius::remove(tx, id).await? {
                return Err(Error::NotFound("RADIUS server"));
            }
            tx.journal(JournalEntry {
                event: "radius.server_deleted",
                subject: id.to_string(),
                body: json!({ "name": name }),
            });
            Ok(())
        })
        .await
}

async fn put(engine: &Engine, scope: &Scope, server: RadiusServer, event: &'static str) -> Result<()> {
    scope.require(Permission::IseEdit)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut server = server.clone();
            repo::radius::put(tx, &mut server).await?;
            if !server.enabled {
                repo::radius::forget_waiting(tx, server.id).await?;
            }
            tx.journal(JournalEntry { event, subject: server.id.to_string(), body: input::told(&server) });
            Ok::<_, Error>(())
        })
        .await
}

/// The newest requests, of all servers or about one device; at most `limit`.
///
/// # Errors
/// Storage errors.
pub async fn requests(
    engine: &Engine,
    scope: &Scope,
    device: Option<DeviceId>,
    limit: u32,
) -> Result<Vec<RadiusRequest>> {
    scope.require(Permission::IseView)?;
    let read = async move |tx: &mut store::Tx| repo::radius::latest(tx, device, limit).await;
    Ok(engine.store.read(scope.organization(), read).await?)
}

/// Asks a server about a MAC now and answers what it said. For setting up: with a MAC that is not connected a refusal
/// ("Session Context Not Found") shows that address and secret are right.
///
/// # Errors
/// [`Error::Invalid`] for a MAC that is none; [`Error::Upstream`] when no proved answer came.
pub async fn test(
    engine: &Engine,
    scope: &Scope,
    id: RadiusServerId,
    mac: &str,
) -> Result<clients::radius::Told> {
    scope.require(Permission::IseEdit)?;
    let server = get(engine, scope, id)?;
    let Some(mac) = crate::devices::normal_mac(mac) else {
        return Err(Error::invalid("mac", "Enter a MAC address, such as 00-26-B4-24-FE-B4."));
    };
    let told = desk::ask(engine, &server, &mac).await;
    let said = match &told {
        Ok(told) if told.done => "acknowledged".to_owned(),
        Ok(told) => format!("refused: {}", told.words),
        Err(error) => error.to_string(),
    };
    let name = server.name.clone();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let body = json!({ "name": name, "mac": mac, "said": said });
            tx.journal(JournalEntry { event: "radius.tested", subject: id.to_string(), body });
            Ok::<_, Error>(())
        })
        .await?;
    told.map_err(|error| Error::Upstream(format!("{error}.")))
}
