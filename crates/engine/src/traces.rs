//! Timed traces: while one runs for a user, a line per request is kept, without bodies and credentials.

use std::collections::HashMap;

use domain::Millis;
use domain::model::{Actor, Organization, OrganizationId, UserId};
use parking_lot::Mutex;
use store::repo::installation::entities;

use crate::{Engine, Error, Result};

/// Running traces and lines not written yet.
#[derive(Default)]
pub struct Traces {
    running: Mutex<HashMap<(OrganizationId, UserId), Millis>>,
    lines: Mutex<HashMap<(OrganizationId, UserId), Lines>>,
}

/// Lines of one user with their times.
type Lines = Vec<(Millis, String)>;

/// Lines kept in memory between two flushes, per user.
const WAITING: usize = 1_000;

impl Traces {
    /// Whether a trace runs for the user now.
    pub fn runs(&self, organization: OrganizationId, user: UserId, now: Millis) -> bool {
        self.running.lock().get(&(organization, user)).is_some_and(|until| *until > now)
    }
}

/// Starts (`until`) or stops (`None`) a trace in memory.
pub(crate) fn refresh(engine: &Engine, organization: OrganizationId, user: UserId, until: Option<Millis>) {
    let mut running = engine.traces.running.lock();
    match until {
        Some(until) => drop(running.insert((organization, user), until)),
        None => drop(running.remove(&(organization, user))),
    }
}

/// Adds a line if a trace runs. Callers make the line only then: see [`Traces::runs`].
pub fn add(engine: &Engine, organization: OrganizationId, user: UserId, line: impl FnOnce() -> String) {
    let now = engine.now();
    if engine.traces.runs(organization, user, now) {
        let mut lines = engine.traces.lines.lock();
        let waiting = lines.entry((organization, user)).or_default();
        if waiting.len() < WAITING {
            waiting.push((now, line()));
        }
    }
}

/// Traces that can run at a time.
const RUNNING: u32 = 1_000;

/// Looks which traces run: they may have been started on another node, or before a restart.
///
/// # Errors
/// Storage errors; what ran before runs on.
pub(crate) async fn follow(engine: &Engine) -> Result<()> {
    let now = engine.now();
    let running = engine
        .store
        .read(Organization::SYSTEM, async move |tx| {
            Ok::<_, Error>(entities::traces(tx, now, None, RUNNING).await?)
        })
        .await?;
    *engine.traces.running.lock() =
        running.into_iter().map(|(organization, trace)| ((organization, trace.user), trace.until)).collect();
    Ok(())
}

/// Writes the waiting lines, and looks which traces run. Called every few seconds and at shutdown.
///
/// # Errors
/// Storage errors; the lines are lost then, as they are only a help.
pub async fn flush(engine: &Engine) -> Result<()> {
    follow(engine).await?;
    let waiting = std::mem::take(&mut *engine.traces.lines.lock());
    for ((organization, user), lines) in waiting {
        engine
            .store
            .write(organization, Actor::System, async move |tx| {
                store::repo::traces::append(tx, user, &lines).await?;
                Ok::<_, Error>(())
            })
            .await?;
    }
    Ok(())
}
