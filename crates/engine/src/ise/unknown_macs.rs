//! MAC addresses that ISE asked for and nobody knows: to be linked with a device by hand, or explained as private.

use std::collections::HashMap;

use catalog::Permission;
use domain::Millis;
use domain::model::{Actor, DeviceId, DeviceState, JournalEntry, OrganizationId};
use serde_json::json;
use store::repo::{self, unknown_macs as stored};

use super::desk::Desk;
use super::lookup::is_random;
use crate::{Engine, Error, Result, Scope};

/// Different addresses gathered between two flushes; more than that is a scan, not a network.
const GATHERED: usize = 1_000;
/// Addresses a device may have.
const MACS_OF_DEVICE: usize = 10;

/// An address that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UnknownMac {
    /// 12 upper-case hexadecimal digits.
    pub mac: String,
    /// A private address that the phone made up: linking it helps only until it makes another.
    pub random: bool,
    /// First asked for.
    pub first_at: Millis,
    /// Last asked for.
    pub last_at: Millis,
    /// How often.
    pub count: i64,
}

/// Misses that are not written yet.
#[derive(Default)]
pub(super) struct Misses(HashMap<String, stored::UnknownMac>);

impl Misses {
    /// Counts a miss.
    pub(super) fn note(&mut self, mac: &str, now: Millis) {
        if let Some(known) = self.0.get_mut(mac) {
            known.last_at = known.last_at.max(now);
            known.count += 1;
        } else if self.0.len() < GATHERED {
            self.put(stored::UnknownMac { mac: mac.to_owned(), first_at: now, last_at: now, count: 1 });
        }
    }

    fn put(&mut self, miss: stored::UnknownMac) {
        self.0.insert(miss.mac.clone(), miss);
    }
}

/// The addresses, last asked for first, without those that a device has by now.
///
/// # Errors
/// [`Error::Denied`], storage errors.
pub async fn unknown_macs(engine: &Engine, scope: &Scope) -> Result<Vec<UnknownMac>> {
    scope.require(Permission::IseView)?;
    let desk = engine.ise.desk(scope.organization());
    let written = engine
        .store
        .read(scope.organization(), async move |tx| Ok::<_, Error>(stored::all(tx).await?))
        .await?;
    let mut all: HashMap<String, stored::UnknownMac> =
        written.into_iter().map(|m| (m.mac.clone(), m)).collect();
    for miss in desk.misses.lock().0.values() {
        all.entry(miss.mac.clone())
            .and_modify(|known| {
                known.last_at = known.last_at.max(miss.last_at);
                known.count += miss.count;
            })
            .or_insert_with(|| miss.clone());
    }
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let mut unknown: Vec<_> = all
        .into_values()
        .filter(|m| org.devices.by_mac(&m.mac).is_empty())
        .map(|m| UnknownMac {
            random: is_random(&m.mac),
            mac: m.mac,
            first_at: m.first_at,
            last_at: m.last_at,
            count: m.count,
        })
        .collect();
    unknown.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.mac.cmp(&b.mac)));
    Ok(unknown)
}

/// Gives an address to a device, so that the next look-up finds it.
///
/// # Errors
/// [`Error::Invalid`] for what is not a MAC address or one too many; [`Error::NotFound`] for the device.
pub async fn link_mac(engine: &Engine, scope: &Scope, mac: &str, device: DeviceId) -> Result<()> {
    scope.require(Permission::IseEdit)?;
    let mac = normal(mac)?;
    let desk = engine.ise.desk(scope.organization());
    let linked = mac.clone();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut device = repo::devices::get(tx, device).await?.ok_or(Error::NotFound("device"))?;
            if device.state == DeviceState::Retired {
                return Err(Error::conflict(
                    "The device is retired. Link the address to one that is in use.",
                ));
            }
            repo::unknown_macs::remove(tx, &linked).await?;
            if device.macs.contains(&linked) {
                return Ok(());
            }
            if device.macs.len() >= MACS_OF_DEVICE {
                return Err(Error::invalid("mac", "The device has ten addresses already. Remove one first."));
            }
            device.macs.push(linked.clone());
            repo::devices::put(tx, &mut device).await?;
            tx.journal(JournalEntry {
                event: "device.mac_linked",
                subject: device.id.to_string(),
                body: json!({ "name": device.name, "mac": linked }),
            });
            Ok::<_, Error>(())
        })
        .await?;
    desk.misses.lock().0.remove(&mac);
    Ok(())
}

/// 12 upper-case digits of an address written in any style.
fn normal(mac: &str) -> Result<String> {
    let digits: String = mac.chars().filter(char::is_ascii_alphanumeric).collect();
    if mac.len() <= 64 && digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(digits.to_ascii_uppercase())
    } else {
        Err(Error::invalid("mac", "Write the address as 12 hexadecimal digits, such as 00:26:B4:24:FE:B4."))
    }
}

/// Writes what was gathered.
pub(super) async fn flush(engine: &Engine, organization: OrganizationId, desk: &Desk) -> Result<()> {
    let gathered: Vec<_> = std::mem::take(&mut desk.misses.lock().0).into_values().collect();
    if gathered.is_empty() {
        return Ok(());
    }
    let rows = gathered.clone();
    let written = engine
        .store
        .write(organization, Actor::System, async move |tx| Ok::<_, Error>(stored::merge(tx, &rows).await?))
        .await;
    if written.is_err() {
        let mut misses = desk.misses.lock();
        for mut miss in gathered {
            if let Some(newer) = misses.0.get(&miss.mac) {
                miss.last_at = newer.last_at;
                miss.count += newer.count;
            }
            if misses.0.len() < GATHERED || misses.0.contains_key(&miss.mac) {
                misses.put(miss);
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_of_an_address_is_read_and_junk_is_refused() {
        for style in ["0026B424FEB4", "00:26:b4:24:fe:b4", "0026.b424.feb4", "00-26-B4-24-FE-B4"] {
            assert_eq!(normal(style).as_deref(), Ok("0026B424FEB4"));
        }
        for junk in ["", "0026B424FEB", "0026B424FEBG", "0026B424FEB40"] {
            assert!(normal(junk).is_err(), "{junk}");
        }
    }

    #[test]
    fn misses_are_counted_and_bounded() {
        let mut misses = Misses::default();
        for number in 0..2 * GATHERED {
            misses.note(&format!("{number:012X}"), 1);
            misses.note("000000000000", 2);
        }
        assert_eq!(misses.0.len(), GATHERED);
        assert_eq!(misses.0["000000000000"].count, 1 + 2 * GATHERED as i64);
        assert_eq!((misses.0["000000000000"].first_at, misses.0["000000000000"].last_at), (1, 2));
    }
}
