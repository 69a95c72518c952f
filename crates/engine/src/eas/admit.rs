//! First contact: a user is made when hands-off enrolment allows it, a device is made enrolled or quarantined.

use std::sync::Arc;

use catalog::{Facts, Platform};
use domain::Id;
use domain::model::{
    Actor, Channel, ChannelKind, Device, DeviceState, EasState, JournalEntry, QuotaReason, User, UserId,
    UserState, Verdict,
};
use serde_json::json;
use store::{Tx, repo};

use super::Login;
use super::hands_off::{hands_off_user, user_from_elsewhere};
use super::heard::recognize_into;
use crate::assignment::server_of;
use crate::settle::settle_and_put;
use crate::{Engine, Error, Result, quota};

/// What a device says of itself on every request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hello {
    /// Canonical DeviceId.
    pub device_id: String,
    /// DeviceType.
    pub device_type: String,
    /// User-Agent.
    pub user_agent: String,
    /// Protocol version, e.g. `14.1`.
    pub version: String,
    /// The address that it calls from, if it is known; it is looked up among the sites and not kept.
    pub from: Option<std::net::IpAddr>,
}

impl Hello {
    /// What is kept of it: a device must not choose how much memory it takes.
    pub(super) fn bounded(&self) -> Hello {
        Hello {
            device_id: self.device_id.clone(),
            device_type: cut(&self.device_type).to_owned(),
            user_agent: cut(&self.user_agent).to_owned(),
            version: cut(&self.version).to_owned(),
            from: self.from,
        }
    }
}

/// The first [`MOST`] characters.
pub(super) fn cut(text: &str) -> &str {
    text.char_indices().nth(MOST).map_or(text, |(end, _)| &text[..end])
}

/// Characters kept of what a device calls itself.
const MOST: usize = 256;

/// What became of a first contact.
#[derive(Debug, Clone)]
pub enum Admission {
    /// The device, new or made by a parallel request a moment ago.
    Device(Arc<Device>),
    /// The user is unknown and accounts are not made here by themselves.
    UserUnknown,
    /// The user is disabled.
    UserDisabled,
    /// The user has as many devices as the organization allows.
    TooManyDevices,
    /// The organization takes no more devices.
    Full(QuotaReason),
}

/// Admits a device whose user has just been authenticated (by the mail server, or here).
///
/// # Errors
/// Storage errors; the caller answers 503 and nothing is half done.
pub async fn admit(engine: &Engine, login: &Login, hello: &Hello) -> Result<Admission> {
    let hello = &hello.bounded();
    let user = match &login.user {
        Some(user) => Arc::clone(user),
        None => match user_from_elsewhere(engine, login).await? {
            Some(user) => user,
            None => match hands_off_user(engine, login).await? {
                Some(user) => user,
                None => return Ok(Admission::UserUnknown),
            },
        },
    };
    if user.state == UserState::Disabled {
        return Ok(Admission::UserDisabled);
    }
    let org = engine.directory.organization(user.organization).ok_or(Error::NotFound("organization"))?;
    let (quarantine, most, quota) = {
        let org = org.read();
        if let Some(device) = org.devices.by_eas(user.id, &hello.device_id) {
            return Ok(Admission::Device(Arc::clone(device)));
        }
        let settings = &org.organization.settings;
        let quarantine = match server_of(&org, &user) {
            Some(server) => server.value.quarantine,
            None => !settings.stand_in_hands_off,
        };
        (quarantine, user.device_limit(settings) as usize, quota::Asked::now(engine, &org))
    };
    let device = new_device(engine, &user, hello, quarantine);
    let actor = Actor::User(user.id, user.username.clone());
    let (user_id, device_id) = (user.id, hello.device_id.to_lowercase());
    let (now, tells) = (engine.now(), quota.tells());
    let admission = engine
        .store
        .write(user.organization, actor, async move |tx| {
            // A parallel request of the same device may have been first.
            if let Some(there) =
                repo::devices::by_channel(tx, user_id, ChannelKind::Activesync, &device_id).await?
            {
                return Ok::<_, Error>(Admission::Device(Arc::new(there)));
            }
            if most > 0 && live_devices(tx, user_id).await? >= most {
                return Ok(Admission::TooManyDevices);
            }
            if let Err(why) = quota.one_more(tx, now).await? {
                return Ok(Admission::Full(why));
            }
            let mut device = device.clone();
            device.number = repo::installation::counter::next_device_number(tx).await?;
            settle_and_put(tx, &org, &mut device).await?;
            tx.journal(JournalEntry {
                event: if quarantine { "device.quarantined" } else { "device.enrolled" },
                subject: device.id.to_string(),
                body: json!({ "name": device.name, "by": "ActiveSync", "device_id": device_id }),
            });
            Ok(Admission::Device(Arc::new(device)))
        })
        .await?;
    if tells && matches!(admission, Admission::Full(_)) {
        engine.quota_told.lock().insert(user.organization, now);
    }
    Ok(admission)
}

/// Counted inside the unit: several new devices of a user may come at the same moment.
async fn live_devices(tx: &mut Tx, user: UserId) -> Result<usize> {
    let live = |d: &Device| matches!(d.state, DeviceState::Enrolled | DeviceState::Quarantined);
    Ok(repo::devices::of_user(tx, user).await?.iter().filter(|d| live(d)).count())
}

fn new_device(engine: &Engine, user: &User, hello: &Hello, quarantine: bool) -> Device {
    let now = engine.now();
    let mut device = Device {
        organization: user.organization,
        id: engine.entropy.id(now),
        rev: 0,
        guid: engine.entropy.guid(),
        number: 0,
        user: user.id,
        name: String::new(),
        liability: None,
        platform: Platform::Other,
        client: catalog::ClientKind::default(),
        state: if quarantine { DeviceState::Quarantined } else { DeviceState::Enrolled },
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
        channels: vec![Channel {
            id: Id::new(now, &engine.entropy.bytes()),
            kind: ChannelKind::Activesync,
            external_id: hello.device_id.clone(),
            eas: EasState {
                device_type: hello.device_type.clone(),
                user_agent: hello.user_agent.clone(),
                version: hello.version.clone(),
                ..EasState::default()
            },
        }],
        created_at: now,
        enrolled_at: (!quarantine).then_some(now),
        last_contact_at: Some(now),
    };
    recognize_into(&mut device, now);
    device.name = format!("{} of {}", device_word(&device), user.display_name);
    device
}

/// "iPhone", "Galaxy phone", … or the DeviceType.
fn device_word(device: &Device) -> String {
    let told = device.eas().map(|c| c.eas.device_type.clone()).unwrap_or_default();
    match device.facts.text("model").filter(|m| !m.is_empty()) {
        Some(model) => model.to_owned(),
        None if !told.is_empty() => told,
        None => "Device".to_owned(),
    }
}
