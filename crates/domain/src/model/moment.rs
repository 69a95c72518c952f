//! A moment on two measures of time.

use catalog::Millis;
use serde::{Deserialize, Serialize};

/// A moment, by the clock and by the time that the installation has run. Clocks jump, forward too, by mistake or on
/// purpose; running time only grows while a server runs, never faster than time itself. What protects against haste
/// asks both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// By the clock, milliseconds since 1970.
    pub clock: Millis,
    /// Milliseconds that the installation has run.
    pub running: Millis,
}

impl Moment {
    /// Whether at least so many milliseconds lie between `earlier` and this moment, on both measures.
    pub fn is_later_by(self, millis: Millis, earlier: Moment) -> bool {
        self.clock.saturating_sub(earlier.clock) >= millis
            && self.running.saturating_sub(earlier.running) >= millis
    }
    /// The later of two on each measure.
    pub fn max(self, other: Moment) -> Moment {
        Moment { clock: self.clock.max(other.clock), running: self.running.max(other.running) }
    }
}
