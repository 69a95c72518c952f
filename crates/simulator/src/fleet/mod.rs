//! Many phones at once, each in its own small task, for the demo and for load.
//!
//! A phone of a fleet signs in, provisions itself, syncs its Inbox and then parks Pings for as long as the
//! fleet lives; it reacts to refusals, policies, wipes and new mail as phones do. With some mischief it now
//! and then goes silent, mistypes its password, applies a policy only partly or comes back with an older
//! system, so that consoles have something to show. Everything follows from the plan and its seed.

mod mischief;
mod phone;
mod plan;
mod stats;

pub use mischief::Mischief;
pub use plan::{Event, PhonePlan, Plan, What};
pub use stats::{Snapshot, Stats};

use std::future::Future;
use std::sync::Arc;

use tokio::task::JoinSet;

/// A running fleet; its phones end with it.
pub struct Fleet {
    stats: Arc<Stats>,
    phones: JoinSet<()>,
}

impl Fleet {
    /// Starts all phones of a plan, spread over its ramp. Must be called within a tokio runtime.
    pub fn start(plan: Plan) -> Fleet {
        let stats = Arc::new(Stats::default());
        let plan = Arc::new(plan);
        let mut phones = JoinSet::new();
        for index in 0..plan.phones.len() {
            phones.spawn(phone::live(Arc::clone(&plan), index, Arc::clone(&stats)));
        }
        Fleet { stats, phones }
    }

    /// Counters up to now.
    pub fn stats(&self) -> Snapshot {
        self.stats.snapshot()
    }

    /// Switches all phones off: their connections close.
    pub async fn stop(mut self) -> Snapshot {
        self.phones.shutdown().await;
        self.stats.snapshot()
    }

    /// Runs a plan until `stop` is ready; the final counters.
    pub async fn run(plan: Plan, stop: impl Future<Output = ()>) -> Snapshot {
        let fleet = Fleet::start(plan);
        stop.await;
        fleet.stop().await
    }
}
