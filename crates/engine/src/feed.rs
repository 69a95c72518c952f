//! Following what other nodes wrote: the feed names kind and subject, this node loads the entity and applies it.

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
    let subject = subject.to_owned();
    let change = engine
        .store
        .read(organization, async move |tx| Ok::<_, Error>(load(tx, kind, &subject).await?))
        .await?;
    if let Some(change) = change {
        engine.apply_remote(organization, &change);
    }
    Ok(())
}

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
        ChangeKind::User => one!(tx, subject, users, Change::User, Change::UserRemoved),
        ChangeKind::Device => one!(tx, subject, devices, Change::Device, Change::DeviceRemoved),
        ChangeKind::Suite => one!(tx, subject, suites, Change::Suite, Change::SuiteRemoved),
        ChangeKind::Server => one!(tx, subject, servers, Change::Server, Change::ServerRemoved),
        ChangeKind::Role => one!(tx, subject, roles, Change::Role, Change::RoleRemoved),
        ChangeKind::Token => one!(tx, subject, tokens, Change::Token, Change::TokenRemoved),
        ChangeKind::Administrator => {
            one!(tx, subject, administrators, Change::Administrator, Change::AdministratorRemoved)
        }
        ChangeKind::Organization => {
            let Ok(id) = subject.parse() else { return Ok(None) };
            Ok(repo::organizations::get(tx, id).await?.map(|o| Change::Organization(Arc::new(o))))
        }
        ChangeKind::Command => {
            let Ok(id) = subject.parse() else { return Ok(None) };
            Ok(repo::commands::get(tx, id).await?.map(|c| Change::Command(Arc::new(c))))
        }
        ChangeKind::Access => Ok(repo::access::get(tx).await?.map(|a| Change::Access(Arc::new(a)))),
        ChangeKind::Session => {
            let Ok(hash) = hex::decode(subject) else { return Ok(None) };
            Ok(Some(match repo::sessions::get(tx, &hash).await? {
                Some(session) => Change::Session(Arc::new(session)),
                None => Change::SessionEnded(hash),
            }))
        }
    }
}
