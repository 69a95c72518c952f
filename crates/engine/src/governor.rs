//! Counting what destroys, in the unit that orders it: two nodes, or a thousand requests at once, share one count.

use domain::Millis;
use domain::command::default_limit;
use domain::model::{Actor, DeviceId, JournalEntry};
use serde_json::json;
use store::{Tx, repo};

use crate::{Engine, OrgIndex, Result};

/// What a unit needs to know to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gauge {
    running: Millis,
    restored_at: Option<Millis>,
    limit: u32,
    /// Wipes that the mail server announces are relayed whatever the count is.
    pub(crate) always_relay: bool,
    /// How long what is held may wait.
    pub(crate) held_for: Millis,
}

impl Gauge {
    pub(crate) fn of(engine: &Engine, org: &OrgIndex) -> Self {
        let settings = &org.organization.settings.governor;
        Self {
            running: engine.running(),
            restored_at: engine.restored_at(),
            limit: limit(org),
            always_relay: settings.always_relay,
            held_for: i64::from(settings.held_days) * 86_400_000,
        }
    }
}

/// The limit in force: destructive commands in an hour, and devices that one change may withdraw something from.
pub(crate) fn limit(org: &OrgIndex) -> u32 {
    let own = org.organization.settings.governor.limit;
    own.unwrap_or_else(|| default_limit(org.devices.len()))
}

/// Asks to let one destructive command through. False: it must be held; the first time in an hour the alarm is raised
/// in the same unit.
pub(crate) async fn admit(tx: &mut Tx, gauge: &Gauge, by: &Actor, device: DeviceId) -> Result<bool> {
    let mut governor = repo::governor::lock(tx).await?;
    let admitted = governor.admit(gauge.running, gauge.restored_at, gauge.limit);
    let alarm = !admitted && governor.raise_alarm(gauge.running);
    if alarm {
        let body = json!({ "limit": gauge.limit, "ordered_by": by.to_string(), "device": device });
        tx.journal(JournalEntry { event: "governor.limit_reached", subject: device.to_string(), body });
    }
    if admitted || alarm {
        repo::governor::put(tx, &mut governor).await?;
    }
    Ok(admitted)
}

/// Whether a change may take something from so many devices without a second person, as far as this node knows.
pub(crate) fn may_withdraw(gauge: &Gauge, org: &OrgIndex, devices: u32) -> bool {
    org.governor.may_withdraw(gauge.running, gauge.restored_at, gauge.limit, devices)
}

/// Counts a change in the unit that makes it. False: changes made at the same moment, perhaps on another node, have left
/// no room for it.
pub(crate) async fn withdraw(tx: &mut Tx, gauge: &Gauge, devices: u32) -> Result<bool> {
    let mut governor = repo::governor::lock(tx).await?;
    let may = governor.withdraw(gauge.running, gauge.restored_at, gauge.limit, devices);
    if may {
        repo::governor::put(tx, &mut governor).await?;
    }
    Ok(may)
}
