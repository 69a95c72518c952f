//! What people and integrations enter by hand: names, MACs, serials, facts, liability, suite.

use catalog::{FactType, FactValue, KnownFact, Liability, Permission, Source};
use domain::model::{
    CustomScope, CustomValues, Device, DeviceId, JournalEntry, Origin, PolicySuiteId, ScheduleId,
};
use serde_json::json;

use super::{find, get};
use crate::approvals::{self, Edit, Pass};
use crate::assignment::Choices;
use crate::issues::Issues;
use crate::{Engine, Error, Result, Scope};

/// What can be edited. Missing fields stay.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceEdit {
    /// Name shown.
    pub name: Option<String>,
    /// `null` takes the user's.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub liability: Option<Option<Liability>>,
    /// `null` takes the user's or the organization's.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub suite: Option<Option<PolicySuiteId>>,
    /// `null` takes the user's or the organization's.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Option<ScheduleId>>,
    /// MAC addresses in any spelling, at most 10.
    pub macs: Option<Vec<String>>,
    /// The client wants HTTP 449 with the status body at 14.0 and later.
    pub quirk_449: Option<bool>,
    /// The client wants a Ping to be refused by Ping status 7 at 14.0 and later.
    pub quirk_ping: Option<bool>,
    /// Facts entered by hand; `null` forgets one.
    pub facts: std::collections::BTreeMap<String, Option<FactValue>>,
    /// Values of the organization's own columns for devices, as people write them; an empty one is taken away.
    pub custom: CustomValues,
}

impl DeviceEdit {
    /// What is chosen for the device.
    pub(crate) fn choices(&self) -> Choices {
        Choices { suite: self.suite, schedule: self.schedule, liability: self.liability }
    }
}

/// Edits a device.
///
/// # Errors
/// [`Error::Invalid`] by field.
pub async fn edit(engine: &Engine, scope: &Scope, id: DeviceId, edit: DeviceEdit) -> Result<()> {
    scope.require(Permission::DevicesEdit)?;
    let old = get(engine, scope, id)?;
    check(engine, scope, Some(&old), &edit)?;
    // What is reported of a device is no change of what holds for it, and waits for nobody.
    let pass = if edit.choices().is_empty() {
        Pass::PART
    } else {
        approvals::ask(engine, scope, Edit::Device { device: id, edit: Box::new(edit.clone()) }).await?
    };
    carry_out(engine, scope, id, edit, pass).await
}

/// Stores what was entered for a device.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    id: DeviceId,
    edit: DeviceEdit,
    pass: Pass,
) -> Result<()> {
    let old = find(engine, scope, id)?;
    let change = check(engine, scope, Some(&old), &edit)?;
    pass.take_first(engine, scope).await?;
    let now = engine.now();
    let source = source_of(scope);
    crate::settle::change_device(engine, scope.organization(), scope.actor().clone(), id, move |device| {
        let before = public(device);
        apply(device, &edit, &change, &source, now);
        Ok(Some(JournalEntry {
            event: "device.updated",
            subject: device.id.to_string(),
            body: json!({ "before": before, "after": public(device) }),
        }))
    })
    .await
    .map(drop)
}

/// Writes one fact, for integrations.
///
/// # Errors
/// As [`edit`].
pub async fn enter_fact(
    engine: &Engine,
    scope: &Scope,
    id: DeviceId,
    key: &str,
    value: Option<FactValue>,
) -> Result<()> {
    let facts = std::iter::once((key.to_owned(), value)).collect();
    edit(engine, scope, id, DeviceEdit { facts, ..DeviceEdit::default() }).await
}

/// Facts from REST carry the integration's name, others the administrator.
pub(super) fn source_of(scope: &Scope) -> Source {
    match (scope.origin(), scope.administrator()) {
        (Origin::Rest, Some(admin)) => Source::Integration(admin.username.clone()),
        _ => Source::Administrator,
    }
}

pub(super) struct Checked {
    macs: Option<Vec<String>>,
    custom: CustomValues,
}

/// Checks what was entered; `old` is the device that is edited.
pub(super) fn check(
    engine: &Engine,
    scope: &Scope,
    old: Option<&Device>,
    edit: &DeviceEdit,
) -> Result<Checked> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let mut issues = Issues::default();
    if let Some(name) = &edit.name {
        issues.check((1..=100).contains(&name.trim().chars().count()), "name", || {
            "Enter 1 to 100 characters.".into()
        });
    }
    if let Some(Some(suite)) = edit.suite
        && old.is_none_or(|old| old.suite != Some(suite))
    {
        crate::policy::check_assignable(&org.read(), "suite", Some(suite), &mut issues);
    }
    if let Some(schedule) = edit.schedule {
        crate::schedules::check_assignable(&org.read(), "schedule", schedule, &mut issues);
    }
    let macs = edit.macs.as_ref().map(|list| {
        issues.check(list.len() <= 10, "macs", || "A device can have at most 10 MAC addresses.".into());
        let mut good = Vec::new();
        for mac in list {
            match normal_mac(mac) {
                Some(mac) if !good.contains(&mac) => good.push(mac),
                Some(_) => {}
                None => {
                    issues.add("macs", format!("{mac} is not a MAC address. Write it as 00:26:B4:24:FE:B4."));
                }
            }
        }
        good
    });
    for (key, value) in &edit.facts {
        check_fact(key, value.as_ref(), &mut issues);
    }
    let custom =
        crate::custom_columns::read_given(&org.read(), CustomScope::Device, &edit.custom, &mut issues);
    issues.done()?;
    Ok(Checked { macs, custom })
}

/// 12 upper-case hexadecimal digits, from any common spelling.
pub(crate) fn normal_mac(text: &str) -> Option<String> {
    let plain = text.trim().chars().all(|c| c.is_ascii_hexdigit() || ":-. ".contains(c));
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    (plain && digits.len() == 12).then(|| digits.to_uppercase())
}

fn check_fact(key: &str, value: Option<&FactValue>, issues: &mut Issues) {
    let field = format!("facts.{key}");
    let Some(id) = catalog::fact(key) else {
        return issues.add(field, "There is no such fact.");
    };
    let fact = id.entry();
    if !fact.editable {
        return issues.add(field, format!("{} is reported by the device and cannot be entered.", fact.label));
    }
    let fits = match (fact.kind, value) {
        (_, None)
        | (FactType::Bool, Some(FactValue::Bool(_)))
        | (FactType::Int | FactType::Time, Some(FactValue::Int(_))) => true,
        (FactType::Text | FactType::Version, Some(FactValue::Text(t))) => t.chars().count() <= 1024,
        _ => false,
    };
    issues.check(fits, &field, || match fact.kind {
        FactType::Bool => "Enter true or false.".into(),
        FactType::Int => "Enter a whole number.".into(),
        FactType::Time => "Enter a time as milliseconds since 1970.".into(),
        FactType::Text | FactType::Version => "Enter a text of at most 1024 characters.".into(),
    });
}

pub(super) fn apply(
    device: &mut Device,
    edit: &DeviceEdit,
    checked: &Checked,
    source: &Source,
    now: domain::Millis,
) {
    if let Some(name) = &edit.name {
        name.trim().clone_into(&mut device.name);
    }
    if let Some(liability) = edit.liability {
        device.liability = liability;
    }
    if let Some(suite) = edit.suite {
        device.suite = suite;
    }
    if let Some(schedule) = edit.schedule {
        device.schedule = schedule;
    }
    if let Some(macs) = &checked.macs {
        device.macs.clone_from(macs);
    }
    for (id, value) in &checked.custom {
        match value.as_str() {
            "" => drop(device.custom.remove(id)),
            value => drop(device.custom.insert(*id, value.to_owned())),
        }
    }
    if let (Some(quirk), Some(channel)) = (edit.quirk_449, device.eas_mut()) {
        channel.eas.quirk_449 = quirk;
    }
    if let (Some(quirk), Some(channel)) = (edit.quirk_ping, device.eas_mut()) {
        channel.eas.quirk_ping = quirk;
    }
    for (key, value) in &edit.facts {
        let Some(id) = catalog::fact(key) else { continue };
        match value {
            Some(value) => drop(
                device.facts.set(id, KnownFact { value: value.clone(), source: source.clone(), at: now }),
            ),
            None => drop(device.facts.forget(id)),
        }
    }
}

pub(crate) fn public(device: &Device) -> serde_json::Value {
    let by_hand: serde_json::Map<String, serde_json::Value> = device
        .facts
        .iter()
        .filter(|(id, _)| id.entry().editable)
        .map(|(id, known)| (id.entry().key.to_owned(), json!(known.value)))
        .collect();
    json!({ "name": device.name, "liability": device.liability, "suite": device.suite,
        "schedule": device.schedule, "macs": device.macs, "facts": by_hand, "custom": device.custom })
}
