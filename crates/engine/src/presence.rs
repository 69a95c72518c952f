//! Presence: when a device was last heard of. Kept in memory, flushed every few seconds; may be lost for ≤ 30 s.

use std::collections::{HashMap, HashSet};

use domain::Millis;
use domain::model::{Actor, DeviceId, OrganizationId};
use parking_lot::Mutex;

use crate::{Engine, Error, Result};

/// Last contacts of all devices, and which are not flushed yet.
#[derive(Default)]
pub struct Presence {
    last: Mutex<HashMap<DeviceId, Millis>>,
    dirty: Mutex<HashMap<OrganizationId, HashMap<DeviceId, Millis>>>,
}

impl Presence {
    /// A contact now.
    pub(crate) fn seen(&self, organization: OrganizationId, device: DeviceId, at: Millis) {
        self.last.lock().insert(device, at);
        self.dirty.lock().entry(organization).or_default().insert(device, at);
    }
    /// From storage; never overwrites something newer.
    pub(crate) fn loaded(&self, device: DeviceId, at: Millis) {
        let mut last = self.last.lock();
        let entry = last.entry(device).or_insert(at);
        *entry = (*entry).max(at);
    }
    /// Forgets devices that are gone.
    pub(crate) fn prune(&self, known: &HashSet<DeviceId>) {
        self.last.lock().retain(|id, _| known.contains(id));
    }
    /// Last contact.
    pub fn last(&self, device: DeviceId) -> Option<Millis> {
        self.last.lock().get(&device).copied()
    }
}

/// Last contact of a device, flushed or not.
pub fn last_contact(engine: &Engine, device: &domain::model::Device) -> Option<Millis> {
    engine.presence.last(device.id).or(device.last_contact_at)
}

/// Writes what is not flushed yet. Called every 10 seconds and at shutdown.
///
/// # Errors
/// Storage errors; what could not be written stays for the next time.
pub async fn flush(engine: &Engine) -> Result<()> {
    let dirty = std::mem::take(&mut *engine.presence.dirty.lock());
    let mut outcome = Ok(());
    for (organization, devices) in dirty {
        let list: Vec<_> = devices.iter().map(|(id, at)| (*id, *at)).collect();
        let written = engine
            .store
            .write(organization, Actor::System, async move |tx| {
                store::repo::presence::flush(tx, &list).await?;
                // Whoever was missed is heard of again.
                store::repo::watch::heard(tx, &list).await?;
                Ok::<_, Error>(())
            })
            .await;
        if let Err(error) = written {
            let mut dirty = engine.presence.dirty.lock();
            let kept = dirty.entry(organization).or_default();
            for (id, at) in devices {
                kept.entry(id).or_insert(at);
            }
            outcome = Err(error);
        }
    }
    outcome
}
