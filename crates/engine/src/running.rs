//! How long the installation has run: a count of time that no change of the clock can move.
//!
//! It is stored once a minute and goes on from there after a start, so that a stop, however hard, loses at most a
//! minute and never gains one. It never runs ahead of time itself: not over restarts, not with several nodes, of which
//! each goes on from what is stored. A backup brings back an older count; what hangs on it then waits longer.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::Millis;
use domain::model::{Actor, Moment, Organization};
use store::repo::installation::settings;

use crate::{Engine, Error, Result};

const KEY: &str = "running_ms";
const RESTORED: &str = "restored_at_running_ms";

/// The count in this process: what to add to the clock's steady measure.
#[derive(Debug)]
pub(crate) struct Running {
    offset: AtomicI64,
    restored_at: AtomicI64,
}

impl Default for Running {
    fn default() -> Self {
        Self { offset: AtomicI64::new(i64::MIN), restored_at: AtomicI64::new(i64::MIN) }
    }
}

impl Engine {
    /// How long the installation has run, milliseconds.
    pub fn running(&self) -> Millis {
        self.clock.steady().saturating_add(self.running.offset.load(Ordering::SeqCst)).max(0)
    }
    /// Now, on both measures.
    pub fn moment(&self) -> Moment {
        Moment { clock: self.now(), running: self.running() }
    }
    /// When a backup was restored, in running time, if ever.
    pub(crate) fn restored_at(&self) -> Option<Millis> {
        Some(self.running.restored_at.load(Ordering::SeqCst)).filter(|at| *at >= 0)
    }
}

/// Goes on from what is stored.
pub(crate) async fn load(engine: &Engine) -> Result<()> {
    let (stored, restored) = engine
        .store
        .read(Organization::SYSTEM, async move |tx| {
            Ok::<_, Error>((
                number(settings::get(tx, KEY).await?),
                number(settings::get(tx, RESTORED).await?),
            ))
        })
        .await?;
    heard(engine, stored.unwrap_or(0));
    engine.running.restored_at.store(restored.unwrap_or(i64::MIN), Ordering::SeqCst);
    Ok(())
}

/// Another node has run longer: as long as that it has run in any case.
fn heard(engine: &Engine, stored: Millis) {
    engine.running.offset.fetch_max(stored - engine.clock.steady(), Ordering::SeqCst);
}

/// Stores the count. To be called once a minute.
///
/// # Errors
/// Storage errors.
pub async fn store(engine: &Engine) -> Result<()> {
    let mine = engine.running();
    let stored = engine
        .store
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            let stored = number(settings::get(tx, KEY).await?).unwrap_or(0).max(mine);
            settings::put(tx, KEY, stored.to_string().as_bytes()).await?;
            Ok::<_, Error>(stored)
        })
        .await?;
    heard(engine, stored);
    Ok(())
}

/// Notes in a database that was just restored from a backup that nobody knows what was ordered since the backup.
///
/// # Errors
/// Storage errors.
pub async fn mark_restored(store: &store::Store) -> Result<()> {
    let write = store.write(Organization::SYSTEM, Actor::CommandLine, async move |tx| {
        let at = number(settings::get(tx, KEY).await?).unwrap_or(0);
        settings::put(tx, RESTORED, at.to_string().as_bytes()).await?;
        Ok::<_, Error>(())
    });
    write.await
}

fn number(bytes: Option<Vec<u8>>) -> Option<Millis> {
    String::from_utf8(bytes?).ok()?.parse().ok()
}
