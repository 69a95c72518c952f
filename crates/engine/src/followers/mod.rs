//! Following the journal: whoever must act on what happened (alerts, notifications, webhooks, change of
//! authorization) is a [`Follower`] and hears of every entry at least once, in order, within tens of milliseconds.
//!
//! A durable cursor for each organization and follower says how far it has come. Commits of this process wake it
//! directly, those of other nodes through the feed. One node at a time follows, under a lease; where only one process
//! can write (SQLite) there is no lease. Each organization is followed for itself: one that fails waits longer and
//! longer and holds up no other. The journal is never purged beyond a cursor, and if entries are missing all the same
//! (a journal that was cut), that is an entry itself.

mod place;
mod run;

use std::sync::Arc;

use domain::model::{JournalRow, OrganizationId};
use futures_util::future::BoxFuture;
use parking_lot::{Mutex, RwLock};
use store::{Journaled, StoreError, Tx, repo};
use tokio::sync::Notify;

use crate::{Directory, Engine, Error, Result};
use place::{Key, Places};

pub use run::{run, stop};

/// Somebody who acts on journal entries.
pub trait Follower: Send + Sync {
    /// Stored with the cursor; never changes.
    fn name(&self) -> &'static str;

    /// Whether it acts on this event in this organization. Asked on the writer's thread: must be quick.
    fn wants(&self, directory: &Directory, organization: OrganizationId, event: &str) -> bool;

    /// Acts on entries it wants, oldest first, one organization at a time. An error brings the same entries again after
    /// a pause, which doubles up to some minutes.
    ///
    /// # Errors
    /// What prevents it from acting. It is logged; entries are skipped only by `Ok`.
    fn follow<'a>(&'a self, engine: &'a Arc<Engine>, batch: Batch) -> BoxFuture<'a, Result<Cursor>>;
}

/// Entries for a follower.
pub struct Batch {
    /// Whose.
    pub organization: OrganizationId,
    /// What it wants, oldest first; never empty.
    pub entries: Arc<[JournalRow]>,
    follower: &'static str,
    from: i64,
    to: i64,
}

impl Batch {
    /// Moves the cursor behind the batch within the follower's own unit, so that what it stores and how far it came
    /// are one thing. Then [`Follower::follow`] answers [`Cursor::Moved`].
    ///
    /// # Errors
    /// A conflict if another node did this batch meanwhile; the unit must fail with it.
    pub async fn done(&self, tx: &mut Tx) -> store::Result<()> {
        repo::cursors::advance(tx, self.follower, self.from, self.to).await
    }
}

/// Who moved the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// The follower, by [`Batch::done`].
    Moved,
    /// Nobody yet: it is moved now. After a crash in between the batch comes once more.
    Behind,
}

/// Who follows, and how far everybody is.
pub struct Followers {
    registered: RwLock<Vec<Arc<dyn Follower>>>,
    places: Mutex<Places>,
    /// Somebody became due.
    woken: Notify,
}

impl Default for Followers {
    fn default() -> Self {
        Self { registered: RwLock::default(), places: Mutex::default(), woken: Notify::new() }
    }
}

impl Followers {
    /// Entries of this process became durable. Called on the writer's thread.
    pub(crate) fn committed(&self, directory: &Directory, entries: &[Journaled]) {
        let registered = self.registered.read();
        let mut places = self.places.lock();
        if !places.following {
            return;
        }
        let mut due = false;
        for entry in entries {
            for (number, follower) in registered.iter().enumerate() {
                let wanted = follower.wants(directory, entry.organization, entry.event);
                due |= places.grown(Key(number, entry.organization), entry.sequence, wanted);
            }
        }
        if due {
            self.woken.notify_one();
        }
    }
}

/// Adds a follower. Called before [`run`].
pub fn register(engine: &Engine, follower: Arc<dyn Follower>) {
    engine.followers.registered.write().push(follower);
}

/// Whether this node is the one that follows.
pub(crate) fn is_following(engine: &Engine) -> bool {
    engine.followers.places.lock().following
}

/// The journal of an organization has grown to this sequence, perhaps by another node.
pub fn heard(engine: &Engine, organization: OrganizationId, sequence: i64) {
    let count = engine.followers.registered.read().len();
    let mut places = engine.followers.places.lock();
    if !places.following {
        return;
    }
    let mut due = false;
    for number in 0..count {
        due |= places.grown(Key(number, organization), sequence, true);
    }
    if due {
        engine.followers.woken.notify_one();
    }
}

/// The newest entry of an organization that all followers have read; [`i64::MAX`] if nobody follows.
///
/// # Errors
/// Storage errors.
pub(crate) async fn slowest(engine: &Engine, organization: OrganizationId) -> Result<i64> {
    let names: Vec<_> = engine.followers.registered.read().iter().map(|f| f.name()).collect();
    let read = engine.store.read(organization, async move |tx: &mut Tx| {
        let mut slowest = i64::MAX;
        for name in &names {
            slowest = slowest.min(repo::cursors::get(tx, name).await?);
        }
        // A webhook that is not paused will still deliver what it has not reached.
        slowest = slowest.min(repo::webhooks::slowest(tx).await?.unwrap_or(i64::MAX));
        Ok::<_, StoreError>(slowest)
    });
    read.await.map_err(Error::from)
}
