//! Which devices' handshakes with their mail server are under way, and what became of them while storage is away.

use std::collections::HashMap;
use std::sync::Arc;

use domain::model::{BackendState, Device, DeviceId};
use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// Handshakes at the same time, over all servers: after a policy change everybody comes at once.
const AT_ONCE: usize = 64;

/// Handshakes under way, and results that storage could not take.
pub(crate) struct Flights {
    under_way: Mutex<HashMap<DeviceId, Arc<tokio::sync::Mutex<()>>>>,
    pub(super) unsaved: Mutex<HashMap<DeviceId, BackendState>>,
    pub(super) permits: Semaphore,
}

impl Default for Flights {
    fn default() -> Self {
        Self { under_way: Mutex::default(), unsaved: Mutex::default(), permits: Semaphore::new(AT_ONCE) }
    }
}

impl Flights {
    /// What we hold at the mail server for a device.
    pub(super) fn state_of(&self, device: &Device) -> BackendState {
        if let Some(unsaved) = self.unsaved.lock().get(&device.id) {
            return unsaved.clone();
        }
        device.eas().map(|channel| channel.eas.backend.clone()).unwrap_or_default()
    }

    pub(super) fn turn(&self, device: DeviceId) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.under_way.lock().entry(device).or_default())
    }

    /// The turn that somebody has, or waits for.
    pub(super) fn pending(&self, device: DeviceId) -> Option<Arc<tokio::sync::Mutex<()>>> {
        self.under_way.lock().get(&device).cloned()
    }

    /// Forgets the turn if nobody has it or waits for it.
    pub(super) fn done(&self, device: DeviceId) {
        let mut all = self.under_way.lock();
        if all.get(&device).is_some_and(|turn| Arc::strong_count(turn) <= 1) {
            all.remove(&device);
        }
    }
}
