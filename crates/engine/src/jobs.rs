//! What becomes of background jobs that fail, and of a database that cannot be reached: it is said as soon as it can
//! be said.

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization};
use parking_lot::Mutex;
use serde_json::{Value, json};
use store::Tx;

use crate::{Engine, Error, Result};

/// Failures in a row after which it is told that a job fails: one may be a hiccup that the next run mends.
const PATIENCE: u32 = 3;

/// What this node remembers of the database.
#[derive(Default)]
pub(crate) struct Storage {
    /// Nothing can be written since then, and why.
    failing: Mutex<Option<(Millis, String)>>,
}

/// What is remembered of a job from one run to the next.
#[derive(Debug, Default)]
pub struct Job {
    failures: u32,
    is_told: bool,
}

impl Job {
    /// Takes note of how a run went. Fails if it cannot be told now; then the next failure tells it.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn ran(&mut self, engine: &Engine, name: &'static str, outcome: &Result<()>) -> Result<()> {
        match outcome {
            Ok(()) => {
                if self.is_told {
                    say(engine, "installation.job_recovered", name, json!({ "name": name })).await?;
                }
                *self = Self::default();
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures >= PATIENCE && !self.is_told {
                    let body =
                        json!({ "name": name, "reason": error.to_string(), "failures": self.failures });
                    say(engine, "installation.job_failed", name, body).await?;
                    self.is_told = true;
                }
            }
        }
        Ok(())
    }
}

/// Takes note of whether something could be written. While nothing can be, nothing can be journaled either; so both, that
/// it failed and that it is over, are said when it is over.
///
/// # Errors
/// Storage errors; then it is said later.
pub async fn wrote(engine: &Engine, outcome: &Result<()>) -> Result<()> {
    let Err(error) = outcome else {
        let Some((since, why)) = engine.storage.failing.lock().clone() else { return Ok(()) };
        recovered(engine, since, why).await?;
        *engine.storage.failing.lock() = None;
        return Ok(());
    };
    engine.storage.failing.lock().get_or_insert_with(|| (engine.now(), error.to_string()));
    Ok(())
}

async fn recovered(engine: &Engine, since: Millis, why: String) -> Result<()> {
    let until = engine.now();
    let minutes = (until - since) / 60_000;
    let detail = format!("It could not be written for {minutes} minutes, until now: {why}");
    let unit = async move |tx: &mut Tx| {
        let body = json!({ "since": since, "until": until, "detail": detail });
        for event in ["installation.storage_failed", "installation.storage_recovered"] {
            tx.journal(JournalEntry { event, subject: "storage".into(), body: body.clone() });
        }
        Ok::<_, Error>(())
    };
    engine.store.write(Organization::SYSTEM, Actor::System, unit).await
}

async fn say(engine: &Engine, event: &'static str, subject: &str, body: Value) -> Result<()> {
    let subject = subject.to_owned();
    let unit = async move |tx: &mut Tx| {
        tx.journal(JournalEntry { event, subject: subject.clone(), body: body.clone() });
        Ok::<_, Error>(())
    };
    engine.store.write(Organization::SYSTEM, Actor::System, unit).await
}
