//! Counters that all phones of a fleet share.

use std::sync::atomic::{AtomicU64, Ordering};

use super::plan::What;

/// Live counters.
#[derive(Debug, Default)]
pub struct Stats {
    connected: AtomicU64,
    provisioned: AtomicU64,
    pings: AtomicU64,
    changes: AtomicU64,
    refused: AtomicU64,
    wiped: AtomicU64,
    failed: AtomicU64,
    parked: AtomicU64,
}

/// Counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Successful sign-ins (a folder list was received).
    pub connected: u64,
    /// Completed provisionings.
    pub provisioned: u64,
    /// Pings that came back.
    pub pings: u64,
    /// Pings that came back with changes.
    pub changes: u64,
    /// Refused commands.
    pub refused: u64,
    /// Wiped phones.
    pub wiped: u64,
    /// Exchanges without an HTTP answer.
    pub failed: u64,
    /// Pings parked right now.
    pub parked: u64,
}

impl Stats {
    pub(super) fn count(&self, what: What) {
        let counter = match what {
            What::Connected => &self.connected,
            What::Provisioned => &self.provisioned,
            What::Woken(status) => {
                if status == 2 {
                    self.changes.fetch_add(1, Ordering::Relaxed);
                }
                &self.pings
            }
            What::Refused(..) => &self.refused,
            What::Wiped(_) => &self.wiped,
            What::Failed => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a parked Ping until the guard is dropped.
    pub(super) fn park(&self) -> ParkedGuard<'_> {
        self.parked.fetch_add(1, Ordering::Relaxed);
        ParkedGuard(self)
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let read = |c: &AtomicU64| c.load(Ordering::Relaxed);
        Snapshot {
            connected: read(&self.connected),
            provisioned: read(&self.provisioned),
            pings: read(&self.pings),
            changes: read(&self.changes),
            refused: read(&self.refused),
            wiped: read(&self.wiped),
            failed: read(&self.failed),
            parked: read(&self.parked),
        }
    }
}

/// Takes the phone off the count of parked ones.
pub(super) struct ParkedGuard<'a>(&'a Stats);

impl Drop for ParkedGuard<'_> {
    fn drop(&mut self) {
        self.0.parked.fetch_sub(1, Ordering::Relaxed);
    }
}
