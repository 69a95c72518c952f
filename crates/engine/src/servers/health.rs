//! Mail servers that do not answer: seen by whoever asks them, said by a job, so that no request waits for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::Millis;
use domain::model::{ActiveSyncServer, Actor, JournalEntry, OrganizationId, ServerId};
use parking_lot::Mutex;
use serde_json::json;
use store::Tx;

use crate::{Engine, Error, Result};

/// A server that failed so often and for so long without an answer in between is away; less may be one bad connection.
const FAILURES: u32 = 3;
const MINUTE: Millis = 60_000;

/// What this node has seen.
#[derive(Default)]
pub(crate) struct Health {
    /// Nothing is wrong anywhere: answers, of which there are many, look no further.
    any: AtomicBool,
    failing: Mutex<HashMap<ServerId, Failing>>,
}

struct Failing {
    organization: OrganizationId,
    name: String,
    since: Millis,
    failures: u32,
    why: String,
    is_told: bool,
    /// It has answered since it was told.
    answers: bool,
}

/// A mail server did not answer.
pub fn did_not_answer(engine: &Engine, server: &ActiveSyncServer, why: &str) {
    engine.connections.failed(server.id.uuid(), engine.now(), why);
    let mut failing = engine.server_health.failing.lock();
    let known = failing.entry(server.id).or_insert_with(|| Failing {
        organization: server.organization,
        name: server.name.clone(),
        since: engine.now(),
        failures: 0,
        why: String::new(),
        is_told: false,
        answers: false,
    });
    known.failures = known.failures.saturating_add(1);
    why.clone_into(&mut known.why);
    known.answers = false;
    engine.server_health.any.store(true, Ordering::Relaxed);
}

/// A mail server answered, whatever it said. Called for every answer; costs next to nothing while no server fails.
pub fn answered(engine: &Engine, server: ServerId) {
    engine.connections.worked(server.uuid(), engine.now());
    if !engine.server_health.any.load(Ordering::Relaxed) {
        return;
    }
    let mut failing = engine.server_health.failing.lock();
    let is_told = failing.get(&server).map(|known| known.is_told);
    match is_told {
        Some(true) => {
            if let Some(known) = failing.get_mut(&server) {
                known.answers = true;
            }
        }
        Some(false) => drop(failing.remove(&server)),
        None => {}
    }
    engine.server_health.any.store(!failing.is_empty(), Ordering::Relaxed);
}

/// What was seen of a server is over: it was changed or removed.
pub(super) fn forget(engine: &Engine, server: ServerId) {
    engine.connections.forget(server.uuid());
    let mut failing = engine.server_health.failing.lock();
    failing.remove(&server);
    engine.server_health.any.store(!failing.is_empty(), Ordering::Relaxed);
}

/// Says which servers are away, and which are back. To be called every few seconds.
///
/// # Errors
/// Storage errors; then it is said the next time.
pub async fn tell_health(engine: &Engine) -> Result<()> {
    let now = engine.now();
    let news: Vec<(ServerId, bool)> = {
        let failing = engine.server_health.failing.lock();
        let away = |f: &Failing| !f.is_told && f.failures >= FAILURES && now - f.since >= MINUTE;
        let news = failing.iter().filter(|(_, f)| away(f) || f.is_told && f.answers);
        news.map(|(id, f)| (*id, f.is_told)).collect()
    };
    for (id, is_back) in news {
        let Some((organization, entry)) = entry(engine, id, is_back) else { continue };
        let unit = async move |tx: &mut Tx| {
            tx.journal(entry.clone());
            Ok::<_, Error>(())
        };
        engine.store.write(organization, Actor::System, unit).await?;
        let mut failing = engine.server_health.failing.lock();
        if is_back {
            failing.remove(&id);
        } else if let Some(known) = failing.get_mut(&id) {
            known.is_told = true;
        }
    }
    Ok(())
}

fn entry(engine: &Engine, id: ServerId, is_back: bool) -> Option<(OrganizationId, JournalEntry)> {
    let failing = engine.server_health.failing.lock();
    let known = failing.get(&id)?;
    let event = if is_back { "server.reachable" } else { "server.unreachable" };
    let body =
        json!({ "name": known.name, "reason": known.why, "since": known.since, "failures": known.failures });
    Some((known.organization, JournalEntry { event, subject: id.to_string(), body }))
}
