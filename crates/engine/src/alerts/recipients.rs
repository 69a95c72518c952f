//! Whom an entry is about, and who is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::mail::MailAddress;
use domain::model::{AlertRule, DeviceId, JournalRow, OrganizationId, Recipients, User};

use crate::Engine;

/// Whom or what an entry is about.
#[derive(Default)]
pub(super) struct Subject {
    /// Its name, empty if it has none any more.
    pub name: String,
    pub device: Option<DeviceId>,
    /// The user whose device it is.
    pub user: Option<Arc<User>>,
}

impl Subject {
    /// Its name, else the one that the entry keeps.
    pub fn called(&self, row: &JournalRow) -> String {
        let kept = || row.body.as_ref().and_then(|body| body.get("name")).and_then(serde_json::Value::as_str);
        if self.name.is_empty() { kept().unwrap_or("the organization") } else { &self.name }.to_owned()
    }
}

/// What an entry's subject is called.
pub(crate) fn called(engine: &Engine, row: &JournalRow) -> String {
    subject(engine, row).called(row)
}

/// Looks the subject of an entry up. Orders name their device in the body.
pub(super) fn subject(engine: &Engine, row: &JournalRow) -> Subject {
    let Some(org) = engine.directory.organization(row.organization) else { return Subject::default() };
    let org = org.read();
    let named = |key: &str| row.body.as_ref().and_then(|b| b.get(key)).and_then(serde_json::Value::as_str);
    let device = row.subject.parse().ok().or_else(|| named("device")?.parse().ok());
    if let Some(device) = device.and_then(|id| org.devices.get(id)) {
        let user = org.user(device.user).cloned();
        let owner = user.as_ref().map_or("", |user| user.display_name.as_str());
        // A device that nobody has named is called after its owner already.
        let named = owner.is_empty() || device.name.ends_with(owner);
        let name = if named { device.name.clone() } else { format!("{} of {owner}", device.name) };
        return Subject { name, device: Some(device.id), user };
    }
    if let Some(user) = row.subject.parse().ok().and_then(|id| org.user(id)) {
        return Subject { name: user.display_name.clone(), device: None, user: Some(Arc::clone(user)) };
    }
    let administrator = row.subject.parse().ok().and_then(|id| engine.directory.administrator(id));
    let name = administrator.filter(|a| a.organization == row.organization).map(|a| a.display_name.clone());
    Subject { name: name.unwrap_or_default(), ..Subject::default() }
}

/// Recipients that an event names itself: those of a watched device.
pub(super) fn own(row: &JournalRow) -> Option<Recipients> {
    let named = row.body.as_ref().filter(|_| row.event == "device.silent")?.get("recipients")?;
    let named: Recipients = serde_json::from_value(named.clone()).ok()?;
    (named != Recipients::default()).then_some(named)
}

/// The addresses of those who are told of an entry, each once: those whom the settings name, and its own.
pub(super) fn of(
    engine: &Engine,
    row: &JournalRow,
    rule: &AlertRule,
    user: Option<&Arc<User>>,
) -> Vec<MailAddress> {
    let own = own(row);
    // If the settings want no mail, only those who were named for this device get some.
    let mut all = match (rule.email, &own) {
        (false, Some(_)) => Vec::new(),
        _ => addresses(engine, row.organization, &rule.recipients, user),
    };
    if let Some(own) = own {
        let more = addresses(engine, row.organization, &own, user);
        all.extend(more.into_iter().filter(|address| !all.contains(address)).collect::<Vec<_>>());
    }
    all
}

/// The addresses of recipients, each once.
fn addresses(
    engine: &Engine,
    organization: OrganizationId,
    recipients: &Recipients,
    user: Option<&Arc<User>>,
) -> Vec<MailAddress> {
    let chosen = |admin: &domain::model::Administrator| {
        recipients.all_administrators
            || recipients.administrators.contains(&admin.id)
            || admin.role.as_ref().is_some_and(|role| recipients.roles.contains(role))
    };
    let administrators = engine.directory.administrators(organization);
    let administrators =
        administrators.iter().filter(|a| a.enabled && chosen(a)).map(|admin| admin.email.as_str());
    let user = user.filter(|_| recipients.user).map(|user| user.email.as_str());
    let mut all: BTreeSet<MailAddress> =
        administrators.chain(user).filter_map(|text| text.parse().ok()).collect();
    all.extend(recipients.addresses.iter().cloned());
    all.into_iter().collect()
}
