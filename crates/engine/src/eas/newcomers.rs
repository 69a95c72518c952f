//! A user whom another node made a moment ago is looked for in the store before he is told that he is nobody.
//!
//! What the organization's feed brought last is read, so that he is found by whatever name he gives; what was read
//! once is not read again. Looks are rationed for each organization: strangers who try names cost a few short reads in
//! a second, however many they are.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::model::{OrganizationId, UserId};
use domain::{Change, ChangeKind, Millis};
use parking_lot::Mutex;
use store::repo;

use super::{Login, resolve};
use crate::{Engine, Error, Result};

/// Time between two looks into the feed of one organization.
const REST: Millis = 250;
/// Entries of the feed looked at; nodes are never further behind than a few.
const LATEST: u32 = 200;

/// When each organization's feed was last looked into, and how far.
#[derive(Default)]
pub struct Newcomers(Mutex<HashMap<OrganizationId, (Millis, i64)>>);

impl Newcomers {
    /// The sequence behind which to look, if it is time to.
    fn may_look(&self, organization: OrganizationId, now: Millis) -> Option<i64> {
        let mut all = self.0.lock();
        let (last, seen) = all.entry(organization).or_insert((Millis::MIN, 0));
        // A clock that was set back must not stop the looks.
        if (0..REST).contains(&now.saturating_sub(*last)) {
            return None;
        }
        *last = now;
        Some(*seen)
    }
    fn seen(&self, organization: OrganizationId, sequence: i64) {
        if let Some((_, seen)) = self.0.lock().get_mut(&organization) {
            *seen = (*seen).max(sequence);
        }
    }
}

/// Resolves like [`resolve`]; for a user whom memory does not know, what other nodes wrote last is read first. Without
/// other nodes (SQLite) this is [`resolve`]. A store that does not answer leaves it at what memory knows.
pub async fn resolve_confirmed(engine: &Engine, host: Option<&str>, presented: &str) -> Option<Login> {
    let known = resolve(engine, host, presented)?;
    if known.user.is_some() || engine.is_alone() {
        return Some(known);
    }
    let organization = known.organization.id;
    let Some(behind) = engine.newcomers.may_look(organization, engine.now()) else { return Some(known) };
    if let Err(error) = catch_up(engine, organization, behind).await {
        tracing::debug!(%error, "users of other nodes could not be looked for");
    }
    resolve(engine, host, presented)
}

/// Applies users that the feed names and memory does not have as they are stored.
async fn catch_up(engine: &Engine, organization: OrganizationId, behind: i64) -> Result<()> {
    let latest = engine.store.latest_changes(organization, behind, LATEST).await?;
    let Some(newest) = latest.first().map(|entry| entry.sequence) else { return Ok(()) };
    let users: BTreeSet<UserId> = latest
        .iter()
        .filter(|entry| entry.kind == Some(ChangeKind::User))
        .filter_map(|entry| entry.subject.parse().ok())
        .collect();
    let stored = engine
        .store
        .read(organization, async move |tx| {
            let mut stored = Vec::new();
            for id in &users {
                stored.extend(repo::users::get(tx, *id).await?);
            }
            Ok::<_, Error>(stored)
        })
        .await?;
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    for user in stored {
        let news = org.read().user(user.id).is_none_or(|known| known.rev < user.rev);
        if news {
            engine.apply_remote(organization, &Change::User(Arc::new(user)));
        }
    }
    engine.newcomers.seen(organization, newest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn looks_are_rationed_for_each_organization() {
        let looks = Newcomers::default();
        let id = |n| OrganizationId::from_uuid(Uuid::from_u128(n));
        assert_eq!(looks.may_look(id(1), 1_000), Some(0));
        looks.seen(id(1), 7);
        assert_eq!((0..50).filter_map(|n| looks.may_look(id(1), 1_000 + n)).count(), 0);
        assert_eq!(looks.may_look(id(2), 1_001), Some(0), "another organization has its own");
        assert_eq!(looks.may_look(id(1), 1_000 + REST), Some(7), "behind what was seen");
        assert_eq!(looks.may_look(id(1), 5), Some(7), "the clock was set back");
    }
}
