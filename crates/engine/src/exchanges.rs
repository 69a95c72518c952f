//! The last 200 ActiveSync exchanges of each device, for the help desk.
//!
//! What is not written yet is gathered in memory; a flush writes it behind what was written before and lets go of it.
//! Never a body, never a credential.

use std::collections::{HashMap, VecDeque};

use domain::Millis;
use domain::model::{Actor, DeviceId, OrganizationId};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// How many are kept of one device.
pub const KEPT: usize = 200;
/// How many of all devices may wait for a flush: about 40 MB. Beyond it, while storage is away, the oldest of the
/// same device go.
const WAITING: usize = 200_000;
/// Devices written at a time.
const AT_ONCE: usize = 64;

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

/// Exchanges that are not written yet.
#[derive(Default)]
pub struct Exchanges(Mutex<Waiting>);

type Key = (OrganizationId, DeviceId);

#[derive(Default)]
struct Waiting {
    rings: HashMap<Key, Ring>,
    total: usize,
}

/// The newest exchanges of a device, oldest first. `first` counts those that left, so that a flush knows which of
/// them it has written although others came and went meanwhile.
#[derive(Default)]
struct Ring {
    first: u64,
    entries: VecDeque<Exchange>,
}

impl Exchanges {
    pub(crate) fn add(&self, organization: OrganizationId, device: DeviceId, exchange: Exchange) {
        let mut waiting = self.0.lock();
        let full = waiting.total >= WAITING;
        let ring = waiting.rings.entry((organization, device)).or_default();
        let mut grown = 1;
        if ring.entries.len() >= KEPT || full {
            if ring.entries.pop_front().is_none() {
                waiting.rings.remove(&(organization, device));
                return;
            }
            ring.first += 1;
            grown = 0;
        }
        ring.entries.push_back(exchange);
        waiting.total += grown;
    }

    /// A copy of what waits of a device, and the count up to which it goes.
    fn peek(&self, key: Key) -> (Vec<Exchange>, u64) {
        let waiting = self.0.lock();
        waiting.rings.get(&key).map_or((Vec::new(), 0), |ring| {
            (ring.entries.iter().cloned().collect(), ring.first + ring.entries.len() as u64)
        })
    }

    /// Lets go of what was written.
    fn written(&self, key: Key, up_to: u64) {
        let mut waiting = self.0.lock();
        let Some(ring) = waiting.rings.get_mut(&key) else { return };
        let gone = up_to.saturating_sub(ring.first).min(ring.entries.len() as u64) as usize;
        ring.entries.drain(..gone);
        ring.first += gone as u64;
        if ring.entries.is_empty() {
            waiting.rings.remove(&key);
        }
        waiting.total -= gone;
    }

    fn keys(&self) -> Vec<Key> {
        self.0.lock().rings.keys().copied().collect()
    }
}

/// The exchanges of a device, newest first: those in memory, before them what was written.
pub(crate) async fn of_device(
    engine: &Engine,
    organization: OrganizationId,
    device: DeviceId,
) -> Result<Vec<Exchange>> {
    let (mut waiting, _) = engine.exchanges.peek((organization, device));
    waiting.reverse();
    let written = engine
        .store
        .read(organization, async move |tx| Ok::<_, Error>(store::repo::exchanges::get(tx, device).await?))
        .await?;
    let mut all = joined(written.as_deref(), &waiting);
    all.reverse();
    Ok(all)
}

/// What was written, then what is new, oldest first, at most [`KEPT`]. `new` is newest first.
fn joined(written: Option<&[u8]>, new: &[Exchange]) -> Vec<Exchange> {
    let mut all: Vec<Exchange> =
        written.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
    // A flush that is under way may have written some of them already.
    all.retain(|exchange| !new.contains(exchange));
    all.extend(new.iter().rev().cloned());
    let surplus = all.len().saturating_sub(KEPT);
    all.drain(..surplus);
    all
}

/// Writes what waits. Called every 30 seconds and at shutdown.
///
/// # Errors
/// Storage errors; what was not written stays for the next time.
pub async fn flush(engine: &Engine) -> Result<()> {
    let mut outcome = Ok(());
    for chunk in engine.exchanges.keys().chunks(AT_ONCE) {
        let writes = chunk.iter().map(|(organization, device)| flush_one(engine, *organization, *device));
        for written in futures_util::future::join_all(writes).await {
            outcome = outcome.and(written);
        }
        if matches!(outcome, Err(Error::Busy(_))) {
            break;
        }
    }
    outcome
}

async fn flush_one(engine: &Engine, organization: OrganizationId, device: DeviceId) -> Result<()> {
    let (mut waiting, up_to) = engine.exchanges.peek((organization, device));
    waiting.reverse();
    engine
        .store
        .write(organization, Actor::System, async move |tx| {
            // Other nodes write too, and the device may be gone.
            if store::repo::devices::get(tx, device).await?.is_none() {
                return Ok(());
            }
            let written = store::repo::exchanges::get(tx, device).await?;
            let all = joined(written.as_deref(), &waiting);
            let doc = serde_json::to_vec(&all).map_err(Error::internal)?;
            store::repo::exchanges::put(tx, device, &doc).await?;
            Ok::<_, Error>(())
        })
        .await?;
    engine.exchanges.written((organization, device), up_to);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> OrganizationId {
        OrganizationId::from_uuid(uuid::Uuid::from_u128(1))
    }

    fn exchange(at: Millis) -> Exchange {
        Exchange {
            at,
            command: "Sync".into(),
            version: "14.1".into(),
            http: 200,
            status: None,
            duration: 1,
            who: "gateway".into(),
            why: String::new(),
            bytes: (1, 2),
        }
    }

    #[test]
    fn a_flush_lets_go_of_what_it_wrote_and_of_nothing_else() {
        let (exchanges, key) =
            (Exchanges::default(), (organization(), DeviceId::from_uuid(uuid::Uuid::from_u128(7))));
        (0..150).for_each(|at| exchanges.add(key.0, key.1, exchange(at)));
        let (waiting, up_to) = exchanges.peek(key);
        assert_eq!(waiting.len(), 150);
        // While it is written, a hundred more come and push fifty of the old ones out.
        (150..250).for_each(|at| exchanges.add(key.0, key.1, exchange(at)));
        exchanges.written(key, up_to);
        let (left, up_to) = exchanges.peek(key);
        assert_eq!(left.iter().map(|e| e.at).collect::<Vec<_>>(), (150..250).collect::<Vec<_>>());
        exchanges.written(key, up_to);
        assert!(exchanges.keys().is_empty());
        assert_eq!(exchanges.0.lock().total, 0);
    }

    #[test]
    fn memory_is_bounded_over_all_devices() {
        let exchanges = Exchanges::default();
        for number in 0..2_000_u128 {
            let device = DeviceId::from_uuid(uuid::Uuid::from_u128(number));
            (0..150).for_each(|at| exchanges.add(organization(), device, exchange(at)));
        }
        assert_eq!(exchanges.0.lock().total, WAITING);
    }

    #[test]
    fn what_was_written_twice_is_shown_once() {
        let written = serde_json::to_vec(&[exchange(1), exchange(2)]).expect("JSON");
        let all = joined(Some(&written), &[exchange(3), exchange(2)]);
        assert_eq!(all.iter().map(|e| e.at).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(joined(Some(b"not JSON"), &[exchange(3)]).len(), 1);
    }
}
