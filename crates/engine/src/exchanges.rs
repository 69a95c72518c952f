//! The last 200 ActiveSync exchanges of each device, for the help desk; and timed traces of a user.
//!
//! Kept in memory in a compact ring, flushed beside presence. Never a body, never a credential.

use std::collections::{HashMap, HashSet, VecDeque};

use domain::Millis;
use domain::model::{Actor, DeviceId, OrganizationId};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// How many are kept of one device.
pub const KEPT: usize = 200;

/// One request of a device and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// When it came.
    #[serde(rename = "t")]
    pub at: Millis,
    /// Command, e.g. `Sync`.
    #[serde(rename = "c")]
    pub command: String,
    /// Protocol version.
    #[serde(rename = "v")]
    pub version: String,
    /// HTTP status answered.
    #[serde(rename = "h")]
    pub http: u16,
    /// WBXML status in the root element, when one was seen.
    #[serde(rename = "s")]
    pub status: Option<u16>,
    /// Milliseconds from request to answer.
    #[serde(rename = "d")]
    pub duration: u32,
    /// Who answered: `device`, `gateway`, `stand-in` or `mail server`.
    #[serde(rename = "w")]
    pub who: String,
    /// Why, in words, when it was refused.
    #[serde(rename = "y")]
    pub why: String,
    /// Bytes of the request's and the answer's body.
    #[serde(rename = "b")]
    pub bytes: (u64, u64),
}

/// Rings of all devices heard of since the start.
#[derive(Default)]
pub struct Exchanges {
    rings: Mutex<HashMap<(OrganizationId, DeviceId), VecDeque<Exchange>>>,
    dirty: Mutex<HashSet<(OrganizationId, DeviceId)>>,
}

impl Exchanges {
    pub(crate) fn add(&self, organization: OrganizationId, device: DeviceId, exchange: Exchange) {
        let key = (organization, device);
        let mut rings = self.rings.lock();
        let ring = rings.entry(key).or_default();
        if ring.len() == KEPT {
            ring.pop_front();
        }
        ring.push_back(exchange);
        self.dirty.lock().insert(key);
    }
}

/// The exchanges of a device, newest first: those in memory, before them what an earlier process flushed.
pub(crate) async fn of_device(
    engine: &Engine,
    organization: OrganizationId,
    device: DeviceId,
) -> Result<Vec<Exchange>> {
    let mut all: Vec<Exchange> = engine
        .exchanges
        .rings
        .lock()
        .get(&(organization, device))
        .map(|ring| ring.iter().rev().cloned().collect())
        .unwrap_or_default();
    if all.len() < KEPT {
        let oldest = all.last().map_or(Millis::MAX, |e| e.at);
        let mut stored = stored(engine, organization, device).await?;
        stored.retain(|e| e.at < oldest);
        all.extend(stored.into_iter().rev());
        all.truncate(KEPT);
    }
    Ok(all)
}

async fn stored(engine: &Engine, organization: OrganizationId, device: DeviceId) -> Result<Vec<Exchange>> {
    let doc = engine
        .store
        .read(organization, async move |tx| Ok::<_, Error>(store::repo::exchanges::get(tx, device).await?))
        .await?;
    Ok(doc.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
}

/// Writes the rings that changed. Called every 30 seconds and at shutdown.
///
/// # Errors
/// Storage errors; what was not written stays marked.
pub async fn flush(engine: &Engine) -> Result<()> {
    let dirty: Vec<_> = engine.exchanges.dirty.lock().drain().collect();
    for (organization, device) in dirty {
        if let Err(error) = flush_one(engine, organization, device).await {
            engine.exchanges.dirty.lock().insert((organization, device));
            return Err(error);
        }
    }
    Ok(())
}

async fn flush_one(engine: &Engine, organization: OrganizationId, device: DeviceId) -> Result<()> {
    let mut all = of_device(engine, organization, device).await?;
    all.reverse();
    let doc = serde_json::to_vec(&all).map_err(Error::internal)?;
    engine
        .store
        .write(organization, Actor::System, async move |tx| {
            store::repo::exchanges::put(tx, device, &doc).await?;
            Ok::<_, Error>(())
        })
        .await
}
