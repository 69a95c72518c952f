//! What this node has seen of connections that it opened: whether the last one worked, and if not, why.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::Millis;
use parking_lot::{Mutex, RwLock};
use uuid::Uuid;

use super::Connection;

/// How the connections went, by the id of the server's settings. Noting that one worked is cheap: the gateway does so
/// for every answer.
#[derive(Default)]
pub(crate) struct Seen(RwLock<HashMap<Uuid, Contact>>);

#[derive(Default)]
struct Contact {
    worked_at: AtomicI64,
    failed: Mutex<Option<(Millis, String)>>,
}

impl Seen {
    /// The peer answered, whatever it said.
    pub fn worked(&self, id: Uuid, now: Millis) {
        let known = self.0.read();
        if let Some(contact) = known.get(&id) {
            contact.worked_at.store(now, Ordering::Relaxed);
            return;
        }
        drop(known);
        self.0.write().entry(id).or_default().worked_at.store(now, Ordering::Relaxed);
    }

    /// The peer did not answer, or not as it must.
    pub fn failed(&self, id: Uuid, now: Millis, why: &str) {
        *self.0.write().entry(id).or_default().failed.lock() = Some((now, why.to_owned()));
    }

    /// What was seen is over: the settings were changed or removed.
    pub fn forget(&self, id: Uuid) {
        self.0.write().remove(&id);
    }

    /// The connection with what was seen of it.
    pub fn told(&self, id: Uuid, connection: Connection) -> Connection {
        let known = self.0.read();
        let Some(contact) = known.get(&id) else { return connection };
        let worked_at = Some(contact.worked_at.load(Ordering::Relaxed)).filter(|at| *at > 0);
        let failed =
            contact.failed.lock().clone().filter(|(at, _)| worked_at.is_none_or(|worked| *at > worked));
        Connection { worked_at, failed, ..connection }
    }
}
