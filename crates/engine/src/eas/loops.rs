//! What the loop brake and the "never provisions" rule must remember of each device: counters in memory only. They
//! forgive a restart, since they only slow down.

use std::collections::{HashMap, HashSet};

use domain::Millis;
use domain::gate::HANDSHAKE_WINDOW;
use domain::model::DeviceId;
use parking_lot::Mutex;

/// Counters of one device.
#[derive(Debug, Clone, Default)]
pub struct Loop {
    /// Times of completed handshakes within the window.
    pub handshakes: Vec<Millis>,
    /// Times in a row that it was told to provision and did not.
    pub ignored: u32,
    /// When the first of these was.
    pub ignored_since: Option<Millis>,
    /// Times in a row that the brake refused it.
    pub braked: u32,
}

impl Loop {
    /// It did what it was told.
    fn listens(&mut self) {
        (self.ignored, self.ignored_since) = (0, None);
    }
}

/// Counters of all devices that were seen since the start.
#[derive(Default)]
pub struct Loops(Mutex<HashMap<DeviceId, Loop>>);

impl Loops {
    /// The counters of a device.
    pub(crate) fn of(&self, device: DeviceId, now: Millis) -> Loop {
        let mut all = self.0.lock();
        let Some(entry) = all.get_mut(&device) else { return Loop::default() };
        entry.handshakes.retain(|at| now - at < HANDSHAKE_WINDOW);
        if entry.handshakes.is_empty() && entry.ignored == 0 && entry.braked == 0 {
            all.remove(&device);
            return Loop::default();
        }
        entry.clone()
    }
    /// A handshake was completed.
    pub(crate) fn completed(&self, device: DeviceId, now: Millis) {
        let mut all = self.0.lock();
        let entry = all.entry(device).or_default();
        entry.handshakes.retain(|at| now - at < HANDSHAKE_WINDOW);
        entry.handshakes.push(now);
        entry.listens();
    }
    /// Forgets devices that are gone, and those that have calmed down.
    pub(crate) fn prune(&self, known: &HashSet<DeviceId>, now: Millis) {
        self.0.lock().retain(|id, entry| {
            entry.handshakes.retain(|at| now - at < HANDSHAKE_WINDOW);
            let calm = entry.handshakes.is_empty() && entry.ignored == 0 && entry.braked == 0;
            known.contains(id) && !calm
        });
    }
    /// It was told to provision.
    pub fn told(&self, device: DeviceId, now: Millis) {
        let mut all = self.0.lock();
        let entry = all.entry(device).or_default();
        entry.ignored = entry.ignored.saturating_add(1);
        entry.ignored_since.get_or_insert(now);
    }
    /// It has begun to provision.
    pub(crate) fn began(&self, device: DeviceId) {
        if let Some(entry) = self.0.lock().get_mut(&device) {
            entry.listens();
        }
    }
    /// The brake refused it.
    pub fn braked(&self, device: DeviceId) {
        self.0.lock().entry(device).or_default().braked += 1;
    }
    /// It was served.
    pub fn served(&self, device: DeviceId) {
        if let Some(entry) = self.0.lock().get_mut(&device) {
            entry.braked = 0;
            entry.listens();
        }
    }
}
