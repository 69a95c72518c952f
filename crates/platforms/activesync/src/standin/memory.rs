//! What devices need not repeat: the last Ping and the last Sync, in memory (MS-ASCMD, Empty Sync Request). A restart
//! only makes devices say it once more.

use std::collections::HashMap;

use domain::model::DeviceId;
use parking_lot::Mutex;

use super::folders::Folders;

/// The last Ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastPing {
    /// Seconds.
    pub(super) heartbeat: u32,
    pub(super) folders: Folders,
}

/// The last Sync that can be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastSync {
    pub(super) folders: Folders,
    /// Seconds to wait; none for a Sync that does not.
    pub(super) wait: Option<u32>,
}

#[derive(Default)]
struct Last {
    ping: Option<LastPing>,
    sync: Option<LastSync>,
}

/// Per device. Bounded: beyond the limit everybody repeats once.
#[derive(Default)]
pub(crate) struct Memory(Mutex<HashMap<DeviceId, Last>>);

const LIMIT: usize = 500_000;

impl Memory {
    pub(super) fn ping(&self, device: DeviceId) -> Option<LastPing> {
        self.0.lock().get(&device)?.ping
    }
    pub(super) fn sync(&self, device: DeviceId) -> Option<LastSync> {
        self.0.lock().get(&device)?.sync
    }
    pub(super) fn put_ping(&self, device: DeviceId, ping: LastPing) {
        self.with(device, |last| last.ping = Some(ping));
    }
    pub(super) fn put_sync(&self, device: DeviceId, sync: LastSync) {
        self.with(device, |last| last.sync = Some(sync));
    }

    fn with(&self, device: DeviceId, change: impl FnOnce(&mut Last)) {
        let mut all = self.0.lock();
        if all.len() >= LIMIT && !all.contains_key(&device) {
            all.clear();
        }
        change(all.entry(device).or_default());
    }
}
