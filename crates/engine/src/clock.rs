//! The one clock of the engine, injected so that tests can move it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use domain::Millis;

/// Tells the time in milliseconds since 1970.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Millis;
    /// Milliseconds on a measure that only grows, as fast as time, whatever is done to the clock; where it begins means
    /// nothing. A clock that is moved by hand is its own measure.
    fn steady(&self) -> Millis {
        self.now()
    }
}

/// The system's clock.
#[derive(Debug)]
pub struct SystemClock {
    began: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { began: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    fn now(&self) -> Millis {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as Millis)
    }
    fn steady(&self) -> Millis {
        self.began.elapsed().as_millis() as Millis
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Starts at `now`.
    pub fn new(now: Millis) -> Self {
        Self(AtomicI64::new(now))
    }
    /// Moves by `millis`, backwards too.
    pub fn advance(&self, millis: Millis) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}
