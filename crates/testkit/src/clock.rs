//! A clock that stands still until it is told to move.

use domain::Millis;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A clock for tests. Clones show the same time.
#[derive(Debug, Clone)]
pub struct TestClock {
    now: Arc<AtomicI64>,
}

impl Default for TestClock {
    /// Starts at 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self { now: Arc::new(AtomicI64::new(1_767_225_600_000)) }
    }
}

impl TestClock {
    /// The time it shows, in milliseconds since 1970.
    pub fn now(&self) -> Millis {
        self.now.load(Ordering::SeqCst)
    }

    /// Moves it forward (or back, if negative) by so many milliseconds.
    pub fn advance(&self, by: Millis) {
        self.now.fetch_add(by, Ordering::SeqCst);
    }

    /// Sets it.
    pub fn set(&self, now: Millis) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// As the store and the engine want it.
    pub fn as_clock(&self) -> store::Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
