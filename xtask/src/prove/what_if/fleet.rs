//! The devices of the proof, and what ActiveSync and Cisco ISE answer for them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use simulator::dice::Dice;
use simulator::ise;

use crate::bench::stage::each;
use crate::compliance::{SYSTEMS, Site, Subject};
use crate::product::{FakeClock, Installation};

/// Mail, calendar and contacts.
pub const MAIL: &str = "activesync_connections";
/// What ISE is told.
pub const NETWORK: &str = "network_access";

/// Devices of one user.
const EACH: usize = 50;
/// Handshakes after which a phone is given a rest: more than five in ten minutes are taken for a loop.
const TIRED: usize = 3;
const REST_MINUTES: i64 = 11;

/// An organization with many devices.
pub struct Fleet {
    /// The organization.
    pub site: std::sync::Arc<Site>,
    /// Ids of its users.
    pub users: Vec<String>,
    ise: ise::Client,
    devices: BTreeMap<String, Subject>,
    by_guid: BTreeMap<String, String>,
    handshakes: BTreeMap<String, usize>,
    minutes: i64,
}

impl Fleet {
    /// Enrols them and says something of each.
    pub async fn make(installation: &Installation, dice: &mut Dice, count: usize) -> Result<Fleet> {
        let users = count.div_ceil(EACH).max(6);
        let site = std::sync::Arc::new(Site::make(installation, "whatif", users).await?);
        let steps = (0..count).map(|n| {
            let (site, facts) = (std::sync::Arc::clone(&site), facts(dice));
            let system = &SYSTEMS[dice.below(SYSTEMS.len() as u64) as usize];
            async move {
                let subject = Subject::enrol(&site, system, n % users, n as u64).await?;
                subject.patch(&site, &facts).await?;
                Ok(subject)
            }
        });
        let all = each(steps.collect()).await?;
        let mut owners: Vec<String> = all.iter().map(|subject| subject.user.clone()).collect();
        owners.sort_unstable();
        owners.dedup();
        let by_guid = all.iter().map(|subject| (subject.guid.clone(), subject.id.clone())).collect();
        let devices = all.into_iter().map(|subject| (subject.id.clone(), subject)).collect();
        let ise = site.ise().await?;
        Ok(Fleet { site, users: owners, ise, devices, by_guid, handshakes: BTreeMap::new(), minutes: 0 })
    }

    /// The devices.
    pub fn ids(&self) -> impl Iterator<Item = &String> {
        self.devices.keys()
    }

    /// One of them.
    pub fn device(&self, id: &str) -> Result<&Subject> {
        self.devices.get(id).with_context(|| format!("no device {id}"))
    }

    /// Those of these that are served, asking like phones, which fetch a policy when told to.
    pub async fn served(&mut self, ids: &[String]) -> Result<BTreeSet<String>> {
        let mut served = BTreeSet::new();
        for id in ids {
            if self.asks(id, true).await? {
                served.insert(id.clone());
            }
        }
        Ok(served)
    }

    /// Whether one is served: as a phone asks, or strictly, without fetching a policy.
    pub async fn asks(&mut self, id: &str, like_a_phone: bool) -> Result<bool> {
        let subject = self.devices.get_mut(id).with_context(|| format!("no device {id}"))?;
        if !like_a_phone {
            return Ok(subject.asks().await?.0);
        }
        let key = subject.phone.policy_key;
        let served = subject.connects().await?;
        if subject.phone.policy_key != key {
            *self.handshakes.entry(id.to_owned()).or_default() += 1;
        }
        Ok(served)
    }

    /// The devices that ISE is told are not compliant, by a poll of all pages.
    pub async fn not_compliant(&mut self) -> Result<BTreeSet<String>> {
        let pages = self.ise.poll().await?;
        let guids = pages.into_iter().flat_map(|page| page.devices).map(|device| device.identifier);
        guids
            .map(|guid| self.by_guid.get(&guid).cloned().with_context(|| format!("nobody is {guid}")))
            .collect()
    }

    /// Lets time pass when a phone has provisioned so often that it would be slowed down.
    pub async fn rest_if_tired(&mut self, clock: &FakeClock) -> Result<()> {
        if self.handshakes.values().any(|count| *count >= TIRED) {
            self.minutes += REST_MINUTES;
            clock.move_to(self.minutes).await?;
            self.handshakes.clear();
        }
        Ok(())
    }
}

/// What is known of a device to begin with: some of it bad, some of it good, some unknown.
fn facts(dice: &mut Dice) -> Value {
    let mut facts = serde_json::Map::new();
    for key in [
        "pin_lock_on",
        "disk_encryption_on",
        "supervised",
        "integrity_proved",
        "terms_accepted",
        "sim_changed",
    ] {
        if dice.chance(70) {
            facts.insert(key.to_owned(), json!(dice.chance(50)));
        }
    }
    for (key, text) in
        [("unwanted_apps", "Game"), ("security_patch", "2020-01-05"), ("profiles_missing", "VPN")]
    {
        if dice.chance(40) {
            facts.insert(key.to_owned(), json!(text));
        }
    }
    if dice.chance(60) {
        facts.insert("data_used_percent".to_owned(), json!(dice.below(200)));
    }
    let liability = ["corporate", "individual"][dice.below(2) as usize];
    json!({ "facts": facts, "liability": if dice.chance(40) { json!(liability) } else { Value::Null } })
}
