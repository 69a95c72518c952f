//! Connections to directories, and refreshes that are under way.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use clients::ldap::{self, Filter, Place};
use domain::model::{DirectoryServer, DirectoryServerId, OrganizationId};
use parking_lot::Mutex;

use super::input::context;
use crate::{Engine, Error, Result, Scope};

/// What this node remembers of directories.
#[derive(Default)]
pub struct Desk {
    /// By server, which belongs to one organization.
    ready: Mutex<HashMap<DirectoryServerId, Ready>>,
    under_way: Mutex<HashMap<DirectoryServerId, Progress>>,
    /// Organizations in which somebody unknown is being looked for: one at a time, so that strangers who try names do not
    /// keep those away who are known.
    strangers: Mutex<HashSet<OrganizationId>>,
}

/// How far a refresh is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Entries read so far.
    pub read: usize,
    /// Users written so far.
    pub written: usize,
    /// Users to be written; 0 while it is not known.
    pub to_write: usize,
}

impl Desk {
    /// Refreshes that are under way on this node.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.lock().len()
    }
}

/// The refresh of a server is under way as long as this lives.
pub(super) struct UnderWay<'e> {
    engine: &'e Engine,
    id: DirectoryServerId,
}

impl<'e> UnderWay<'e> {
    /// Begins, unless one is under way already.
    pub fn begin(engine: &'e Engine, id: DirectoryServerId) -> Result<Self> {
        let mut all = engine.directories.under_way.lock();
        if all.contains_key(&id) {
            return Err(Error::conflict("A refresh of this server is under way. Wait for its end."));
        }
        all.insert(id, Progress::default());
        Ok(Self { engine, id })
    }
    /// Tells how far it is.
    pub fn tell(&self, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = self.engine.directories.under_way.lock().get_mut(&self.id) {
            change(progress);
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.engine.directories.under_way.lock().remove(&self.id);
    }
}

/// A directory with the revision of the settings and the networks that it was set up for.
struct Ready {
    rev: i64,
    allowed: Vec<ipnet::IpNet>,
    directory: Arc<ldap::Directory>,
}

/// Somebody unknown is being looked for as long as this lives.
pub(super) struct Stranger<'e>(&'e Engine, OrganizationId);

impl<'e> Stranger<'e> {
    /// Begins, unless somebody else unknown is being looked for.
    pub fn begin(engine: &'e Engine, organization: OrganizationId) -> Result<Self> {
        if engine.directories.strangers.lock().insert(organization) {
            Ok(Self(engine, organization))
        } else {
            Err(Error::Busy(2))
        }
    }
}

impl Drop for Stranger<'_> {
    fn drop(&mut self) {
        self.0.directories.strangers.lock().remove(&self.1);
    }
}

/// How far the refresh of a server is; `None`: none is under way on this node.
///
/// # Errors
/// [`Error::NotFound`].
pub fn progress(engine: &Engine, scope: &Scope, id: DirectoryServerId) -> Result<Option<Progress>> {
    super::get(engine, scope, id)?;
    Ok(engine.directories.under_way.lock().get(&id).copied())
}

/// The directory behind a server's settings, with the connections that are open.
pub(super) fn directory(engine: &Engine, server: &DirectoryServer) -> Result<Arc<ldap::Directory>> {
    if !server.enabled {
        return Err(Error::conflict("This LDAP server is switched off."));
    }
    let allowed = engine.internal_targets.read().clone();
    if let Some(ready) = engine.directories.ready.lock().get(&server.id)
        && ready.rev == server.rev
        && ready.allowed == allowed
    {
        return Ok(Arc::clone(&ready.directory));
    }
    let directory = Arc::new(ldap::Directory::new(place(engine, server)?));
    let ready = Ready { rev: server.rev, allowed, directory: Arc::clone(&directory) };
    engine.directories.ready.lock().insert(server.id, ready);
    Ok(directory)
}

/// What a directory said, noted for the page of connections, and its errors in the engine's words.
pub(super) fn noted<T>(
    engine: &Engine,
    server: &DirectoryServer,
    outcome: std::result::Result<T, ldap::LdapError>,
) -> Result<T> {
    let (id, now) = (server.id.uuid(), engine.now());
    match &outcome {
        Err(error) if !error.is_answer() => engine.connections.failed(id, now, &error.to_string()),
        _ => engine.connections.worked(id, now),
    }
    outcome.map_err(|error| Error::Upstream(error.to_string()))
}

fn place(engine: &Engine, server: &DirectoryServer) -> Result<Place> {
    let context = context(server.organization, &server.host, &server.bind_dn);
    let password = engine.secret_key.unseal(&context, &server.password.0)?;
    let filter = |text: &str| Filter::parse(text).map_err(|error| Error::conflict(error.to_string()));
    Ok(Place {
        host: server.host.clone(),
        port: server.port,
        security: server.security,
        roots: server.roots.clone(),
        reach: crate::mail::reach(engine),
        bind_dn: server.bind_dn.clone(),
        password: String::from_utf8(password).map_err(Error::internal)?,
        bases: server.bases.clone(),
        users: filter(&server.user_filter)?,
        groups: filter(&server.group_filter)?,
        attributes: server.attributes.clone(),
        page_size: server.page_size,
        patience: ldap::PATIENCE,
    })
}
