//! The quota of an organization, where devices are taken in.

use domain::Millis;
use domain::model::{Device, DeviceState, JournalEntry, Organization, OrganizationId, Quota, QuotaReason};
use serde_json::json;
use store::{Tx, repo};

use crate::{Engine, OrgIndex, Result};

/// Devices that are not taken in are journaled once in so many milliseconds.
const TELL_AGAIN: Millis = 3_600_000;

/// Devices may come by other nodes, and in parallel: so near to the limit they are counted in the store.
const MARGIN: usize = 256;

/// The quota as a unit asks it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    quota: Quota,
    organization: OrganizationId,
    /// As memory counts them; the store is asked only near to a limit.
    known: usize,
    /// That a device was not taken in was journaled a short time ago: a phone that is turned away asks again and again.
    told: bool,
}

impl Asked {
    /// What holds now.
    pub(crate) fn now(engine: &Engine, org: &OrgIndex) -> Self {
        let Organization { id, quota, .. } = &*org.organization;
        let now = engine.now();
        let told = engine.quota_told.lock().get(id).is_some_and(|at| (0..TELL_AGAIN).contains(&(now - at)));
        Self { quota: quota.clone(), organization: *id, known: org.devices.len(), told }
    }

    /// Whether a device that is not taken in is news.
    pub(crate) fn tells(&self) -> bool {
        !self.told
    }

    /// Asks for one more device, inside the unit that makes it. One that is not taken in, and the one at which
    /// administrators are to be warned, are journaled.
    pub(crate) async fn one_more(
        &self,
        tx: &mut Tx,
        now: Millis,
    ) -> Result<std::result::Result<(), QuotaReason>> {
        let limit = self.quota.soft.into_iter().chain(self.quota.hard).min();
        let near = limit.is_some_and(|limit| self.known.saturating_add(MARGIN) >= limit as usize);
        let devices = if near { repo::devices::count_live(tx).await? } else { 0 };
        let answer = self.quota.admits(devices, now);
        match answer {
            Err(_) if self.told => {}
            Err(why) => tx.journal(self.entry("organization.quota_reached", devices, why.key())),
            // The one that reaches it; those after it are no news.
            Ok(()) if near && !self.quota.is_near(devices) && self.quota.is_near(devices + 1) => {
                tx.journal(self.entry("organization.quota_near", devices + 1, "near"));
            }
            Ok(()) => {}
        }
        Ok(answer)
    }

    fn entry(&self, event: &'static str, devices: usize, why: &str) -> JournalEntry {
        let Quota { soft, hard, expires_at } = &self.quota;
        let body =
            json!({ "devices": devices, "soft": soft, "hard": hard, "expires_at": expires_at, "why": why });
        JournalEntry { event, subject: self.organization.to_string(), body }
    }
}

/// How an organization stands to its quota, for its pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaState {
    /// What is granted.
    pub quota: Quota,
    /// Devices that count: enrolled, and in quarantine.
    pub used: usize,
    /// Why no new device is taken in; `None`: one is.
    pub closed: Option<QuotaReason>,
}

/// How an organization stands now.
pub fn state(org: &OrgIndex, now: Millis) -> QuotaState {
    let quota = org.organization.quota.clone();
    let live = |device: &Device| matches!(device.state, DeviceState::Enrolled | DeviceState::Quarantined);
    let used = org.devices.iter().filter(|device| live(device)).count();
    QuotaState { closed: quota.admits(used, now).err(), quota, used }
}
