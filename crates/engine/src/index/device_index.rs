//! The devices of one organization, by every key they are asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::Millis;
use domain::model::{Device, DeviceId, DeviceState, UserId};
use uuid::Uuid;

/// Devices by id, number, GUID, MAC, hardware id and ActiveSync key.
#[derive(Default)]
pub struct DeviceIndex {
    by_id: HashMap<DeviceId, Arc<Device>>,
    by_number: BTreeMap<i64, DeviceId>,
    by_guid: HashMap<Uuid, DeviceId>,
    by_mac: HashMap<String, Vec<DeviceId>>,
    by_user: HashMap<UserId, Vec<DeviceId>>,
    by_channel: HashMap<(UserId, String), DeviceId>,
    by_hardware: HashMap<(&'static str, String), Vec<DeviceId>>,
    /// In order and not in lists: half of all phones are called "iPhone".
    by_host_name: BTreeSet<(String, DeviceId)>,
    /// When time alone could change a verdict.
    by_next_look: BTreeSet<(Millis, DeviceId)>,
    /// When a remediation is to be ordered.
    by_remediation: BTreeSet<(Millis, DeviceId)>,
    generation: u64,
}

/// Facts by which a device can be looked up.
const HARDWARE_KEYS: [&str; 4] = ["udid", "imei", "meid", "serial_number"];
/// The fact that holds what Cisco ISE calls the host name.
const HOST_NAME: &str = "friendly_name";

impl DeviceIndex {
    /// By id.
    pub fn get(&self, id: DeviceId) -> Option<&Arc<Device>> {
        self.by_id.get(&id)
    }
    /// By GUID, former GUIDs included.
    pub fn by_guid(&self, guid: Uuid) -> Option<&Arc<Device>> {
        self.by_id.get(self.by_guid.get(&guid)?)
    }
    /// By MAC address, 12 upper-case hexadecimal digits. Docks are shared: there may be several.
    pub fn by_mac(&self, mac: &str) -> Vec<&Arc<Device>> {
        self.resolve(self.by_mac.get(mac))
    }
    /// By `udid`, `imei`, `meid` or `serial_number` (any letter case).
    pub fn by_hardware(&self, key: &'static str, value: &str) -> Vec<&Arc<Device>> {
        self.resolve(self.by_hardware.get(&(key, value.to_lowercase())))
    }
    /// By the name that the device or its user gave it (any letter case); the first two, since a name that several
    /// have names nobody.
    pub fn by_host_name(&self, name: &str) -> Vec<&Arc<Device>> {
        let name = name.to_lowercase();
        let from = (name.clone(), DeviceId::from_uuid(Uuid::nil()));
        let same = self.by_host_name.range(from..).take_while(|(other, _)| *other == name);
        same.take(2).filter_map(|(_, id)| self.by_id.get(id)).collect()
    }
    /// Devices of a user.
    pub fn of_user(&self, user: UserId) -> Vec<&Arc<Device>> {
        self.resolve(self.by_user.get(&user))
    }
    /// The device that this user's ActiveSync DeviceId (any letter case) belongs to.
    pub fn by_eas(&self, user: UserId, device_id: &str) -> Option<&Arc<Device>> {
        self.by_id.get(self.by_channel.get(&(user, device_id.to_lowercase()))?)
    }
    /// Devices with a number above `after`, in order: the stable order for paging.
    pub fn after_number(&self, after: i64) -> impl Iterator<Item = &Arc<Device>> {
        let range = (std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded);
        self.by_number.range(range).filter_map(|(_, id)| self.by_id.get(id))
    }
    /// All devices, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Device>> {
        self.by_id.values()
    }
    /// Devices whose verdict time alone may have changed by `now`, longest overdue first.
    pub fn due(&self, now: Millis) -> impl Iterator<Item = DeviceId> {
        self.by_next_look.range(..=(now, DeviceId::from_uuid(Uuid::max()))).map(|(_, id)| *id)
    }
    /// Devices with a remediation that is due by `now`, longest overdue first.
    pub fn remediations_due(&self, now: Millis) -> impl Iterator<Item = DeviceId> {
        self.by_remediation.range(..=(now, DeviceId::from_uuid(Uuid::max()))).map(|(_, id)| *id)
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Grows whenever a device comes, goes, or changes its keys, state or access: what a list of devices by
    /// posture depends on.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    fn resolve(&self, ids: Option<&Vec<DeviceId>>) -> Vec<&Arc<Device>> {
        ids.map_or(&[][..], Vec::as_slice).iter().filter_map(|id| self.by_id.get(id)).collect()
    }

    /// Puts a device in, unless a newer version is there.
    pub(super) fn insert(&mut self, device: Arc<Device>) {
        if let Some(old) = self.by_id.get(&device.id) {
            if old.rev >= device.rev {
                return;
            }
            if !same_posture(old, &device) {
                self.generation += 1;
            }
            if same_keys(old, &device) {
                let looks = (old.verdict.next_look, device.verdict.next_look);
                let remedies = (remediation(old), remediation(&device));
                requeue(&mut self.by_next_look, looks, device.id);
                requeue(&mut self.by_remediation, remedies, device.id);
                self.by_id.insert(device.id, device);
                return;
            }
        }
        self.remove(device.id);
        self.generation += 1;
        let id = device.id;
        self.by_number.insert(device.number, id);
        self.by_user.entry(device.user).or_default().push(id);
        for guid in std::iter::once(&device.guid).chain(&device.aliases) {
            self.by_guid.insert(*guid, id);
        }
        for mac in &device.macs {
            self.by_mac.entry(mac.clone()).or_default().push(id);
        }
        for channel in &device.channels {
            self.by_channel.insert((device.user, channel.external_id.to_lowercase()), id);
        }
        for key in hardware(&device) {
            self.by_hardware.entry(key).or_default().push(id);
        }
        self.by_host_name.extend(host_name(&device).map(|name| (name, id)));
        self.by_next_look.extend(device.verdict.next_look.map(|at| (at, id)));
        self.by_remediation.extend(remediation(&device).map(|at| (at, id)));
        self.by_id.insert(id, device);
    }

    /// Takes a device out with all its keys.
    pub(super) fn remove(&mut self, id: DeviceId) {
        let Some(device) = self.by_id.remove(&id) else { return };
        self.generation += 1;
        if self.by_number.get(&device.number) == Some(&id) {
            self.by_number.remove(&device.number);
        }
        take(&mut self.by_user, &device.user, id);
        for guid in std::iter::once(&device.guid).chain(&device.aliases) {
            own(&mut self.by_guid, guid, id);
        }
        for mac in &device.macs {
            take(&mut self.by_mac, mac, id);
        }
        for channel in &device.channels {
            own(&mut self.by_channel, &(device.user, channel.external_id.to_lowercase()), id);
        }
        for key in hardware(&device) {
            take(&mut self.by_hardware, &key, id);
        }
        if let Some(name) = host_name(&device) {
            self.by_host_name.remove(&(name, id));
        }
        requeue(&mut self.by_next_look, (device.verdict.next_look, None), id);
        requeue(&mut self.by_remediation, (remediation(&device), None), id);
    }
}

/// Moves a device from one time to another in a queue; `None` is not in it.
fn requeue(
    queue: &mut BTreeSet<(Millis, DeviceId)>,
    (was, is): (Option<Millis>, Option<Millis>),
    id: DeviceId,
) {
    if was != is {
        was.map(|at| queue.remove(&(at, id)));
        queue.extend(is.map(|at| (at, id)));
    }
}

/// When the next remediation of a managed device is to be ordered.
fn remediation(device: &Device) -> Option<Millis> {
    let managed = matches!(device.state, DeviceState::Enrolled | DeviceState::Quarantined);
    device.verdict.remediation().filter(|_| managed).map(|(_, due)| due.at)
}

/// Whether lists by state and access look the same.
fn same_posture(a: &Device, b: &Device) -> bool {
    a.state == b.state && a.verdict.closed == b.verdict.closed
}

/// Most writes change facts or keys of the protocol only; then no map but one must be touched.
fn same_keys(a: &Device, b: &Device) -> bool {
    a.number == b.number
        && a.user == b.user
        && a.guid == b.guid
        && a.aliases == b.aliases
        && a.macs == b.macs
        && a.channels.len() == b.channels.len()
        && a.channels.iter().zip(&b.channels).all(|(x, y)| x.external_id == y.external_id)
        && hardware(a).eq(hardware(b))
        && a.facts.text(HOST_NAME) == b.facts.text(HOST_NAME)
}

fn host_name(device: &Device) -> Option<String> {
    device.facts.text(HOST_NAME).map(str::to_lowercase)
}

fn hardware(device: &Device) -> impl Iterator<Item = (&'static str, String)> {
    HARDWARE_KEYS.into_iter().filter_map(|key| Some((key, device.facts.text(key)?.to_lowercase())))
}

/// Takes a key out if it is still this device's: a joined record's keys belong to the one that was kept.
fn own<K: std::hash::Hash + Eq>(map: &mut HashMap<K, DeviceId>, key: &K, id: DeviceId) {
    if map.get(key) == Some(&id) {
        map.remove(key);
    }
}

fn take<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<DeviceId>>, key: &K, id: DeviceId) {
    if let Some(list) = map.get_mut(key) {
        list.retain(|other| *other != id);
        if list.is_empty() {
            map.remove(key);
        }
    }
}
