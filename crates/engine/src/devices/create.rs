//! A device made known by hand, before anything was heard of it.

use std::sync::Arc;

use catalog::{ClientKind, FactValue, Facts, Liability, Permission, Platform};
use domain::model::{Device, DeviceState, JournalEntry, UserId, Verdict};
use serde_json::json;
use store::repo;

use super::edit::{DeviceEdit, apply, check, source_of};
use crate::settle::settle_and_put;
use crate::{Engine, Error, Result, Scope, quota};

/// What is known of a device that somebody enters.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// Owner.
    pub user: UserId,
    /// Name shown; empty takes "Device of …".
    pub name: String,
    /// Platform, as far as it is known.
    pub platform: Platform,
    /// `None` takes the user's.
    pub liability: Option<Liability>,
    /// MAC addresses in any spelling, at most 10.
    pub macs: Vec<String>,
    /// Facts that may be entered by hand, by key: serial number, IMEI …
    pub facts: std::collections::BTreeMap<String, FactValue>,
}

/// Makes a device known. It counts as enrolled, so Cisco ISE finds it, but has no channel: its mail client, when it
/// shows up, is a device of its own until somebody [joins](super::join) the two. What a client says of itself is
/// no proof that it is this device.
///
/// # Errors
/// [`Error::Invalid`] by field.
pub async fn create(engine: &Engine, scope: &Scope, new: NewDevice) -> Result<Arc<Device>> {
    scope.require(Permission::DevicesEdit)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let owner = org.read().user(new.user).cloned();
    let owner = owner.ok_or_else(|| Error::invalid("user", "There is no such user."))?;
    let name = match new.name.trim() {
        "" => format!("Device of {}", owner.display_name).chars().take(100).collect(),
        name => name.to_owned(),
    };
    let entered = DeviceEdit {
        name: Some(name),
        macs: Some(new.macs),
        facts: new.facts.into_iter().map(|(key, value)| (key, Some(value))).collect(),
        ..DeviceEdit::default()
    };
    let checked = check(engine, scope, None, &entered)?;
    let now = engine.now();
    let mut device = blank(engine, scope, new.user, new.platform, new.liability);
    apply(&mut device, &entered, &checked, &source_of(scope), now);
    let quota = quota::Asked::now(engine, &org.read());
    let stored = engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            if let Err(why) = quota.one_more(tx, now).await? {
                return Err(Error::conflict(why.words()));
            }
            let mut device = device.clone();
            device.number = repo::installation::counter::next_device_number(tx).await?;
            settle_and_put(tx, &org, &mut device).await?;
            tx.journal(JournalEntry {
                event: "device.enrolled",
                subject: device.id.to_string(),
                body: json!({ "name": device.name, "by": "hand", "macs": device.macs }),
            });
            Ok::<_, Error>(device)
        })
        .await?;
    Ok(Arc::new(stored))
}

fn blank(
    engine: &Engine,
    scope: &Scope,
    user: UserId,
    platform: Platform,
    liability: Option<Liability>,
) -> Device {
    let now = engine.now();
    Device {
        organization: scope.organization(),
        id: engine.entropy.id(now),
        rev: 0,
        guid: engine.entropy.guid(),
        number: 0,
        user,
        name: String::new(),
        liability,
        platform,
        client: ClientKind::default(),
        state: DeviceState::Enrolled,
        state_since: now,
        block: None,
        suite: None,
        schedule: None,
        macs: Vec::new(),
        facts: Facts::default(),
        verdict: Verdict::default(),
        aliases: Vec::new(),
        custom: domain::model::CustomValues::new(),
        site: None,
        channels: Vec::new(),
        created_at: now,
        enrolled_at: Some(now),
        last_contact_at: None,
    }
}
