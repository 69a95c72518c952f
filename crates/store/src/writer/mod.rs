//! The writer threads. Each owns one connection and runs the queued units in batches.

pub(crate) mod batch;
pub(crate) mod records;

use crate::{Committed, Journaled, unit::Unit};
use parking_lot::RwLock;
use records::Signature;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Called on the writer thread with what a batch added to the feed, before the callers of its units are answered.
pub type Hook = Arc<dyn Fn(&[Committed]) + Send + Sync>;

/// Called on the writer thread with what a batch added to the journals, after the hooks of the feed.
pub type JournalHook = Arc<dyn Fn(&[Journaled]) + Send + Sync>;

/// The hooks of a store.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub feed: Arc<RwLock<Vec<Hook>>>,
    pub journal: Arc<RwLock<Vec<JournalHook>>>,
}

/// The queue of a writer.
pub(crate) type Queue = mpsc::Receiver<Box<dyn Unit>>;

/// A batch that has run for so long takes no further unit.
const BATCH_TIME: Duration = Duration::from_millis(5);

/// Units a batch takes on SQLite.
pub(crate) const SQLITE_BATCH: usize = 256;

/// Units a batch takes on PostgreSQL: beyond 64 sub-transactions it slows other sessions' snapshots.
pub(crate) const POSTGRES_BATCH: usize = 64;

/// Units that may wait for a writer before callers have to.
pub(crate) const QUEUE: usize = 1024;

/// What every writer needs.
pub(crate) struct Writing {
    pub signature: Signature,
    pub hooks: Hooks,
    pub batch_size: usize,
}

/// Gives a batch its units, as long as it may take more.
pub(crate) struct Source<'a> {
    queue: &'a mut Queue,
    started: Instant,
    left: usize,
}

impl<'a> Source<'a> {
    /// A source for a batch of at most `size` units, the first of which is already there.
    pub fn new(queue: &'a mut Queue, size: usize) -> Self {
        Self { queue, started: Instant::now(), left: size.saturating_sub(1) }
    }

    /// The next unit, if one waits and the batch may still grow. A lone caller never waits: its batch is over
    /// as soon as the queue is empty.
    pub fn next(&mut self) -> Option<Box<dyn Unit>> {
        if self.left == 0 || self.started.elapsed() >= BATCH_TIME {
            return None;
        }
        self.left -= 1;
        self.queue.try_recv().ok()
    }

    /// Everything that waits: when the database is away, nobody should queue up for another attempt.
    pub fn drain(&mut self) -> impl Iterator<Item = Box<dyn Unit>> + '_ {
        std::iter::from_fn(|| self.queue.try_recv().ok()).take(QUEUE)
    }
}
