//! One device by what ISE knows of it.
//!
//! A MAC that several devices share (docks, dongles) is answered with the one that checked in last: clients
//! authorise if *any* device of an answer is compliant. A host name that several devices have names nobody,
//! since users choose it themselves.

use std::collections::HashMap;
use std::sync::Arc;

use domain::Millis;
use domain::model::{Device, DeviceState};
use uuid::Uuid;

use super::{desk::Desk, may_ask};
use crate::presence::last_contact;
use crate::{Engine, OrgIndex, Result, Scope};

/// What names a device.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// 12 upper-case hexadecimal digits.
    Mac(String),
    /// Its GUID, or one it had before.
    Guid(Uuid),
    /// The name that it or its user gave it.
    HostName(String),
    /// Apple's unique device identifier.
    Udid(String),
    /// International Mobile Equipment Identity.
    Imei(String),
    /// Mobile Equipment Identifier.
    Meid(String),
}

/// What was odd about a look-up; shown with the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Nothing.
    None,
    /// No device has it.
    Unknown,
    /// No device has this MAC, and it is a private ("random") one.
    UnknownRandomMac,
    /// Several devices have it.
    Shared,
    /// The device that has it is no longer managed.
    Retired,
}

impl Remark {
    /// One sentence, or nothing.
    pub fn words(self) -> &'static str {
        match self {
            Remark::None => "",
            Remark::Unknown => "No device has this identifier.",
            Remark::UnknownRandomMac => "No device has this MAC address. It is a private (random) one.",
            Remark::Shared => "Several devices have this identifier.",
            Remark::Retired => "The device is retired.",
        }
    }
}

/// The outcome of a look-up.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// The device, unless nobody knows it or it is retired.
    pub device: Option<Arc<Device>>,
    /// What was odd.
    pub remark: Remark,
}

/// Finds a device, from memory. A MAC that nobody knows is counted (see [`super::unknown_macs`]).
///
/// # Errors
/// [`crate::Error::Denied`] for anybody but ISE without the permission to see devices.
pub fn lookup(engine: &Engine, scope: &Scope, key: &Key) -> Result<Lookup> {
    may_ask(scope)?;
    let found = find(engine, scope, key);
    let live: Vec<_> = found.iter().filter(|d| d.state != DeviceState::Retired).cloned().collect();
    let desk = engine.ise.desk(scope.organization());
    let nobody = |remark| Lookup { device: None, remark };
    Ok(match (key, live.len()) {
        (_, 0) if !found.is_empty() => nobody(Remark::Retired),
        (Key::Mac(mac), 0) => {
            desk.misses.lock().note(mac, engine.now());
            nobody(if is_random(mac) { Remark::UnknownRandomMac } else { Remark::Unknown })
        }
        (_, 0) => nobody(Remark::Unknown),
        (_, 1) => Lookup { device: live.into_iter().next(), remark: Remark::None },
        (Key::HostName(_), _) => nobody(Remark::Shared),
        _ => {
            log_clash(&desk, key, live.len(), engine.now());
            let last = live.into_iter().max_by_key(|d| (last_contact(engine, d), d.number));
            Lookup { device: last, remark: Remark::Shared }
        }
    })
}

/// Every device that has the key, retired ones too.
pub(super) fn find(engine: &Engine, scope: &Scope, key: &Key) -> Vec<Arc<Device>> {
    let Some(org) = engine.directory.organization(scope.organization()) else { return Vec::new() };
    let org = org.read();
    in_index(&org, key).into_iter().cloned().collect()
}

fn in_index<'o>(org: &'o OrgIndex, key: &Key) -> Vec<&'o Arc<Device>> {
    match key {
        Key::Mac(mac) => org.devices.by_mac(mac),
        Key::Guid(guid) => org.devices.by_guid(*guid).into_iter().collect(),
        Key::HostName(name) => org.devices.by_host_name(name),
        Key::Udid(udid) => org.devices.by_hardware("udid", udid),
        Key::Imei(imei) => org.devices.by_hardware("imei", imei),
        Key::Meid(meid) => org.devices.by_hardware("meid", meid),
    }
}

/// Whether a MAC (12 digits) is a locally administered unicast address: a phone's private address.
pub(super) fn is_random(mac: &str) -> bool {
    matches!(mac.as_bytes().get(1), Some(b'2' | b'6' | b'A' | b'E'))
}

/// When each shared identifier was last logged.
#[derive(Default)]
pub(super) struct Clashes(HashMap<Key, Millis>);

/// Once an hour for each identifier is enough.
const CLASH_PAUSE: Millis = 3_600_000;
const CLASHES: usize = 1_000;

fn log_clash(desk: &Desk, key: &Key, devices: usize, now: Millis) {
    let mut clashes = desk.clashes.lock();
    if clashes.0.get(key).is_some_and(|at| now - at < CLASH_PAUSE) {
        return;
    }
    if clashes.0.len() >= CLASHES {
        clashes.0.clear();
    }
    clashes.0.insert(key.clone(), now);
    tracing::warn!(
        ?key,
        devices,
        "several devices share an identifier; the one that checked in last is answered"
    );
}

#[cfg(test)]
mod tests {
    use super::is_random;

    #[test]
    fn private_addresses_are_known_by_their_second_digit() {
        for digit in "0123456789ABCDEF".chars() {
            assert_eq!(is_random(&format!("0{digit}A0C914C829")), "26AE".contains(digit), "{digit}");
        }
        assert!(!is_random(""));
    }
}
