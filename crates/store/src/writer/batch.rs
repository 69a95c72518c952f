//! One batch: units in savepoints, their records, one commit, and what happens when something goes wrong.
//!
//! * A unit's error, panic, or swallowed database error undoes only that unit.
//! * A commit (or the records) that fails takes nobody down: the batch is run again one unit at a time.
//! * A deadlock with another node, or a connection lost before the commit, runs the whole batch again.
//! * A connection lost during the commit leaves the outcome unknown; callers are told so.

use super::{Source, Writing, records};
use crate::{
    StoreError, Tx,
    connection::{Purpose, Trouble},
    unit::{Ended, Guarded, Unit},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

/// How often a batch is run again because of deadlocks before its callers are told that it is busy.
const ROUNDS: u32 = 8;

/// Runs batches on one connection.
pub(crate) struct Batches {
    pub tx: Tx,
    pub writing: Writing,
}

/// A unit in a batch.
struct Slot {
    unit: Box<dyn Unit>,
    /// It panicked or strayed: its captured state is not trusted for another run.
    settled: bool,
}

/// How one attempt to run and commit a batch ended.
enum Attempt {
    /// Durable.
    Committed(records::Written),
    /// Nothing stored; the same again may succeed.
    Again,
    /// Nothing stored; the connection was lost before the commit.
    Lost(StoreError),
    /// Nothing stored; some unit or the commit itself is at fault.
    Failed(StoreError),
    /// Nothing stored; the database did not even begin.
    Unreachable(StoreError),
    /// The connection broke during the commit.
    Unknown(StoreError),
}

impl Batches {
    /// Runs a batch that begins with `first`, and answers all its callers.
    pub async fn run(&mut self, first: Box<dyn Unit>, source: Source<'_>) {
        let slots = vec![Slot { unit: first, settled: false }];
        if let Err(slots) = self.together(slots, Some(source)).await {
            tracing::warn!(
                units = slots.len(),
                "a batch could not be committed; its units are run one by one"
            );
            for slot in slots {
                // A batch of one always answers.
                drop(self.together(vec![slot], None).await);
            }
        }
    }

    /// Runs the units in one transaction. Hands them back if they should be run one at a time.
    async fn together(
        &mut self,
        mut slots: Vec<Slot>,
        mut source: Option<Source<'_>>,
    ) -> Result<(), Vec<Slot>> {
        let mut reconnected = false;
        let mut round = 0;
        let error = loop {
            match self.attempt(&mut slots, source.as_mut()).await {
                Attempt::Committed(written) => {
                    self.publish(&written);
                    for slot in slots {
                        slot.unit.answer();
                    }
                    return Ok(());
                }
                Attempt::Again if round < ROUNDS => {
                    round += 1;
                    tokio::time::sleep(Duration::from_millis(5 * u64::from(round * round))).await;
                }
                Attempt::Again => break StoreError::Busy,
                Attempt::Lost(_) if !reconnected => reconnected = true,
                Attempt::Failed(_) if slots.len() > 1 => return Err(slots),
                Attempt::Unreachable(error) => {
                    if let Some(source) = &mut source {
                        slots.extend(source.drain().map(|unit| Slot { unit, settled: false }));
                    }
                    break error;
                }
                Attempt::Lost(error) | Attempt::Failed(error) | Attempt::Unknown(error) => break error,
            }
            // What the batch is now it stays: a second attempt takes no further unit.
            source = None;
        };
        for mut slot in slots {
            slot.unit.refuse(error.clone());
            slot.unit.answer();
        }
        Ok(())
    }

    async fn attempt(&mut self, slots: &mut Vec<Slot>, mut source: Option<&mut Source<'_>>) -> Attempt {
        self.tx.records.truncate(0);
        if let Err(error) = self.tx.connection.begin(Purpose::Write).await {
            return Attempt::Unreachable(error);
        }
        let mut index = 0;
        loop {
            if index == slots.len() {
                match source.as_mut().and_then(|source| source.next()) {
                    Some(unit) => slots.push(Slot { unit, settled: false }),
                    None => break,
                }
            }
            if !slots[index].settled
                && let Err(error) = self.step(&mut slots[index]).await
            {
                return self.give_up(error).await;
            }
            index += 1;
        }
        let written = match records::write(
            &mut self.tx.connection,
            &mut self.tx.records,
            &self.writing.signature,
        )
        .await
        {
            Ok(written) => written,
            Err(error) => return self.give_up(error).await,
        };
        match self.tx.connection.commit(!written.is_empty()).await {
            Ok(()) => Attempt::Committed(written),
            Err(error) if self.tx.connection.trouble() == Some(Trouble::Lost) => Attempt::Unknown(
                StoreError::Unavailable(format!("{error}; the last write may or may not have been stored")),
            ),
            Err(error) => self.give_up(error).await,
        }
    }

    /// Runs one unit in its savepoint. An error here concerns the whole batch.
    async fn step(&mut self, slot: &mut Slot) -> Result<(), StoreError> {
        let mark = self.tx.records.mark();
        self.tx.connection.savepoint();
        self.tx.enter(slot.unit.principal());
        let in_flight = self.tx.connection.in_flight();
        let ended = Guarded { run: slot.unit.run(&mut self.tx), in_flight }.await;
        if let Some(error) = ended.error() {
            slot.settled = true;
            tracing::error!(%error, "a write unit misbehaved");
            slot.unit.refuse(error);
        }
        let outcome = if ended == Ended::Well {
            self.tx.connection.release()
        } else {
            self.tx.records.truncate(mark);
            self.tx.connection.undo()
        };
        outcome?;
        match self.tx.connection.trouble() {
            None => Ok(()),
            Some(_) => Err(self.tx.failure().cloned().unwrap_or(StoreError::Busy)),
        }
    }

    /// Rolls back and says what to do next.
    async fn give_up(&mut self, error: StoreError) -> Attempt {
        let trouble = self.tx.connection.trouble();
        self.tx.connection.rollback().await;
        match trouble {
            Some(Trouble::Retry) => Attempt::Again,
            Some(Trouble::Lost) => Attempt::Lost(error),
            Some(Trouble::Aborted) | None => Attempt::Failed(error),
        }
    }

    /// Tells the hooks. They run before the callers are answered, so that a caller finds its own write in every
    /// cache that a hook keeps.
    fn publish(&self, written: &records::Written) {
        let hooks = &self.writing.hooks;
        if !written.changes.is_empty() {
            hooks.feed.read().iter().for_each(|hook| guarded(|| hook(&written.changes)));
        }
        if !written.entries.is_empty() {
            hooks.journal.read().iter().for_each(|hook| guarded(|| hook(&written.entries)));
        }
    }
}

/// A hook that panics ends neither the batch nor the thread.
fn guarded(hook: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(hook)).is_err() {
        tracing::error!("a commit hook panicked; what it keeps may be stale");
    }
}
