//! While storage is away, known-good devices keep their mail for the organization's grace. Serving them needs no
//! storage; this counts how long it has been away.

use domain::Millis;
use parking_lot::Mutex;

use engine::{Engine, Error};

/// Storage is looked at this often, by writing what has to be written anyway.
const LOOK: Millis = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Grace(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    away_since: Option<Millis>,
    looked_at: Millis,
}

impl Grace {
    /// Since when storage is away, if it is.
    pub(crate) fn away_since(&self) -> Option<Millis> {
        self.0.lock().away_since
    }

    /// Whether it is time to look; at most one caller is told so.
    pub(crate) fn is_due(&self, now: Millis) -> bool {
        let mut state = self.0.lock();
        let due = now - state.looked_at >= LOOK;
        if due {
            state.looked_at = now;
        }
        due
    }

    /// Looks: writes the presence that is due anyway.
    pub(crate) async fn look(&self, engine: &Engine) {
        let written = engine::presence::flush(engine).await;
        self.learn(&written, engine.now());
    }

    /// Learns from the outcome of any write. Only "later" says that storage is away.
    pub(crate) fn learn<T>(&self, outcome: &Result<T, Error>, now: Millis) {
        let mut state = self.0.lock();
        match outcome {
            Ok(_) => state.away_since = None,
            Err(Error::Busy(_) | Error::Internal(_)) => {
                if state.away_since.is_none() {
                    tracing::warn!("storage is away; known devices are served on grace");
                    state.away_since = Some(now);
                }
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_counts_and_a_success_ends_it() {
        let grace = Grace::default();
        grace.learn::<()>(&Err(Error::Busy(5)), 100);
        grace.learn::<()>(&Err(Error::Busy(5)), 200);
        grace.learn::<()>(&Err(Error::NotFound("device")), 250);
        assert_eq!(grace.away_since(), Some(100));
        grace.learn(&Ok(()), 300);
        assert_eq!(grace.away_since(), None);
        assert!(grace.is_due(LOOK) && !grace.is_due(LOOK + 1));
    }
}
