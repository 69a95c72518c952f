//! Following what other nodes wrote: the feed names kind and subject, this node loads the entity and applies it.

use std::collections::HashSet;
use std::sync::Arc;

use domain::model::OrganizationId;
use domain::{Change, ChangeKind};
use store::{Tx, repo};

use crate::{Engine, Error, Result};

/// Loads what a feed entry is about and applies it to this node's memory. An entity that is gone is removed.
///
/// # Errors
/// Storage errors; the caller reads the feed again from the same place.
pub async fn apply_entry(
    engine: &Engine,
    organization: OrganizationId,
    kind: ChangeKind,
    subject: &str,
) -> Result<()> {
    apply_entries(engine, vec![(organization, kind, subject.to_owned())]).await
}

/// The same for many entries, in their order. What is named several times is loaded once, and one read serves many:
/// a node that follows a busy one would lag behind otherwise.
///
/// # Errors
/// As [`apply_entry`].
pub async fn apply_entries(
    engine: &Engine,
    entries: Vec<(OrganizationId, ChangeKind, String)>,
) -> Result<()> {
    let mut wanted: Vec<(OrganizationId, Vec<(ChangeKind, String)>)> = Vec::new();
    let mut seen = HashSet::new();
    for (organization, kind, subject) in entries {
        if !seen.insert((organization, kind, subject.clone())) {
            continue;
        }
        match wanted.iter_mut().find(|(owner, list)| *owner == organization && list.len() < AT_ONCE) {
            Some((_, list)) => list.push((kind, subject)),
            None => wanted.push((organization, vec![(kind, subject)])),
        }
    }
    for (organization, list) in wanted {
        let changes = engine
            .store
            .read(organization, async move |tx| {
                let mut changes = Vec::with_capacity(list.len());
                for (kind, subject) in &list {
                    changes.extend(load(tx, *kind, subject).await?);
                }
                Ok::<_, Error>(changes)
            })
            .await?;
        for change in &changes {
            engine.apply_remote(organization, change);
        }
    }
    Ok(())
}

/// Entities loaded by one read.
const AT_ONCE: usize = 256;

/// Loads one entity, or says that it is gone.
macro_rules! one {
    ($tx:expr, $subject:expr, $repo:ident, $put:path, $gone:path) => {{
        let Ok(id) = $subject.parse() else { return Ok(None) };
        Ok(Some(match repo::$repo::get($tx, id).await? {
            Some(found) => $put(Arc::new(found)),
            None => $gone(id),
        }))
    }};
}

async fn load(tx: &mut Tx, kind: ChangeKind, subject: &str) -> store::Result<Option<Change>> {
    match kind {
        ChangeKind::Group => one!(tx, subject, groups, Change::Group, Change::GroupRemoved),
        ChangeKind::User => one!(tx, subject, users, Change::User, Change::UserRemoved),
        ChangeKind::Device => one!(tx, subject, devices, Change::Device, Change::DeviceRemoved),
        ChangeKind::Suite => one!(tx, subject, suites, Change::Suite, Change::SuiteRemoved),
        ChangeKind::Schedule => one!(tx, subject, schedules, Change::Schedule, Change::ScheduleRemoved),
        ChangeKind::Server => one!(tx, subject, servers, Change::Server, Change::ServerRemoved),
        ChangeKind::RadiusServer => {
            one!(tx, subject, radius, Change::RadiusServer, Change::RadiusServerRemoved)
        }
        ChangeKind::DirectoryServer => {
            one!(tx, subject, directories, Change::DirectoryServer, Change::DirectoryServerRemoved)
        }
        ChangeKind::Role => one!(tx, subject, roles, Change::Role, Change::RoleRemoved),
        ChangeKind::Token => one!(tx, subject, tokens, Change::Token, Change::TokenRemoved),
        ChangeKind::Administrator => {
            one!(tx, subject, administrators, Change::Administrator, Change::AdministratorRemoved)
        }
        ChangeKind::Installation => {
            let settings = repo::installation::preferences::get(tx).await?;
            Ok(Some(Change::Installation(Arc::new(settings))))
        }
        ChangeKind::Organization => {
            let Ok(id) = subject.parse() else { return Ok(None) };
            Ok(repo::organizations::get(tx, id).await?.map(|o| Change::Organization(Arc::new(o))))
        }
        ChangeKind::Command => {
            let Ok(id) = subject.parse() else { return Ok(None) };
            Ok(repo::commands::get(tx, id).await?.map(|c| Change::Command(Arc::new(c))))
        }
        ChangeKind::SignIn => Ok(Some(Change::SignIn(Arc::new(repo::sign_in::get(tx).await?)))),
        ChangeKind::Messaging => Ok(repo::messaging::get(tx).await?.map(|m| Change::Messaging(Arc::new(m)))),
        ChangeKind::Access => Ok(repo::access::get(tx).await?.map(|a| Change::Access(Arc::new(a)))),
        ChangeKind::Governor => Ok(repo::governor::get(tx).await?.map(|g| Change::Governor(Arc::new(g)))),
        ChangeKind::Session => {
            let Ok(hash) = hex::decode(subject) else { return Ok(None) };
            Ok(Some(match repo::sessions::get(tx, &hash).await? {
                Some(session) => Change::Session(Arc::new(session)),
                None => Change::SessionEnded(hash),
            }))
        }
    }
}
