//! Facts that the server itself knows, written beside those that devices and people told.
//!
//! Rules see facts only, so whatever a rule is to judge must be a fact: the state of the policy, the last contact,
//! failed sign-ins, a block. They are refreshed before every evaluation.

use catalog::{FactValue, Facts, KnownFact, Liability, Millis, Recognized, Source, fact};

use crate::model::Device;
use crate::policy::{PolicyState, policy_status};

/// What the server has seen of a device, besides what its record holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Observed<'a> {
    /// Digest of the document that the device would be sent now, for the version it speaks.
    pub wanted_digest: &'a str,
    /// Last contact as known in memory, if newer than the record.
    pub last_contact: Option<Millis>,
    /// When too many check-ins of its schedule were missed, if they are counted.
    pub check_in_limit: Option<Millis>,
    /// Failed sign-ins since the last good one.
    pub auth_failures: u32,
    /// Time of the first of them.
    pub auth_failing_since: Option<Millis>,
    /// How far back failed sign-ins count, milliseconds; see [`catalog::auth_failure_window`].
    pub failure_window: Millis,
    /// Its user is disabled.
    pub user_disabled: bool,
    /// Liability that counts for it, if its user is known.
    pub liability: Option<Liability>,
    /// Its user has accepted the terms of use in force; `None`: there are none for him.
    pub terms_accepted: Option<bool>,
    /// Name of the site where it was last seen.
    pub site: Option<&'a str>,
}

/// Brings the server's facts up to date; returns whether a value changed.
///
/// `policy_since` is kept while the state stays the same, so that the time to fetch a policy runs from the moment
/// it became due and not from the age of the revision.
pub fn refresh_server_facts(device: &mut Device, observed: &Observed<'_>, now: Millis) -> bool {
    let mut writer =
        Writer { facts: std::mem::take(&mut device.facts), source: Source::Server, now, changed: false };
    writer.text("platform", Some(device.platform.key()));
    writer.text("client", Some(device.client.key()));
    let last_contact = device.last_contact_at.max(observed.last_contact);
    writer.int("last_contact", last_contact);
    writer.int("check_in_limit", observed.check_in_limit);
    writer.int("first_contact", Some(device.created_at));
    writer.int("enrolled_at", device.enrolled_at);
    let wiped = device.state == crate::model::DeviceState::Wiped;
    writer.int("wiped_at", wiped.then_some(device.state_since));
    writer.int("auth_failures", Some(i64::from(observed.auth_failures)));
    writer.int("auth_failing_since", observed.auth_failing_since.filter(|_| observed.auth_failures > 0));
    let failed_at = device.channels.iter().flat_map(|channel| &channel.eas.failed_at);
    let left = |at: &Millis| at.saturating_add(observed.failure_window);
    let recent: Vec<_> = failed_at.filter(|at| **at <= now && now < left(at)).collect();
    writer.int("recent_failures", Some(recent.len() as i64));
    writer.int("recent_failures_until", recent.into_iter().map(left).min());
    writer.bool("user_disabled", observed.user_disabled);
    writer.own_bool("terms_accepted", observed.terms_accepted);
    writer.text("site", observed.site);
    writer.text("liability", observed.liability.map(Liability::key));
    writer.text("management", device.channels.first().map(|channel| channel.kind.key()));
    let block = device.block.as_ref();
    writer.bool("blocked", block.is_some());
    writer.text("blocked_reason", block.map(|b| b.reason.as_str()));
    writer.int("blocked_since", block.map(|b| b.since));
    if let Some(channel) = device.channels.iter().find(|c| c.kind == crate::model::ChannelKind::Activesync) {
        let eas = &channel.eas;
        writer.text("activesync_version", Some(eas.version.as_str()).filter(|v| !v.is_empty()));
        writer.text("device_type", Some(eas.device_type.as_str()).filter(|t| !t.is_empty()));
        writer.text("user_agent", Some(eas.user_agent.as_str()).filter(|t| !t.is_empty()));
        let status = policy_status(eas, observed.wanted_digest);
        let before = writer.facts.text("policy_state").map(str::to_owned);
        let since = match before {
            Some(before) if before == status.state.key() => writer.facts.int("policy_since").or(status.since),
            _ => status.since,
        };
        writer.text("policy_state", Some(status.state.key()));
        writer.int("policy_since", Some(since.unwrap_or(now).min(now)));
        // A refusal is the latest acknowledgement while it holds; its status is 3 (MS-ASPROV 2.2.2.54.2).
        let applied = eas.applied.as_ref();
        let refused = status.state == PolicyState::Refused;
        writer.int("policy_ack_status", if refused { Some(3) } else { applied.map(|a| i64::from(a.status)) });
        writer.int("policy_acknowledged_at", if refused { eas.refused_at } else { applied.map(|a| a.at) });
    }
    let changed = writer.changed;
    device.facts = writer.facts;
    changed
}

/// Writes what was recognized of a device: platform and client into the record, the rest as facts. What a person or
/// an integration entered is not overwritten. Returns whether anything changed.
pub fn report_recognized(device: &mut Device, recognized: &Recognized, now: Millis) -> bool {
    let relabelled = device.platform != recognized.platform || device.client != recognized.client;
    device.platform = recognized.platform;
    device.client = recognized.client;
    let facts = std::mem::take(&mut device.facts);
    let mut writer = Writer { facts, source: Source::Recognized, now, changed: relabelled };
    writer.learn("manufacturer", recognized.manufacturer);
    writer.learn("model", recognized.model.as_deref());
    writer.learn("os_version", recognized.os_version.as_deref());
    writer.learn("os_build", recognized.os_build.as_deref());
    let changed = writer.changed;
    device.facts = writer.facts;
    changed
}

struct Writer {
    facts: Facts,
    source: Source,
    now: Millis,
    changed: bool,
}

impl Writer {
    /// Writes or forgets. A value that did not change keeps its time, so that nothing is stored anew for it.
    fn put(&mut self, key: &str, value: Option<FactValue>) {
        let Some(id) = fact(key) else { return };
        match value {
            None => self.changed |= self.facts.forget(id),
            Some(value) => {
                if self.facts.get(id).is_some_and(|known| known.value == value) {
                    return;
                }
                let known = KnownFact { value, source: self.source.clone(), at: self.now };
                self.changed |= self.facts.set(id, known);
            }
        }
    }
    fn text(&mut self, key: &str, value: Option<&str>) {
        let cut = |text: &str| text.chars().take(catalog::FACT_TEXT_MAX).collect();
        self.put(key, value.map(|text| FactValue::Text(cut(text))));
    }
    fn int(&mut self, key: &str, value: Option<i64>) {
        self.put(key, value.map(FactValue::Int));
    }
    fn bool(&mut self, key: &str, value: bool) {
        self.put(key, Some(FactValue::Bool(value)));
    }
    /// Writes what the server knows; where it knows nothing, what an integration wrote stays.
    fn own_bool(&mut self, key: &str, value: Option<bool>) {
        let ours = |known: &KnownFact| known.source == self.source;
        let known = fact(key).and_then(|id| self.facts.get(id));
        if value.is_some() || known.is_some_and(ours) {
            self.put(key, value.map(FactValue::Bool));
        }
    }
    /// Writes a text unless somebody entered another by hand; nothing learnt leaves what is known.
    fn learn(&mut self, key: &str, value: Option<&str>) {
        let entered = fact(key)
            .and_then(|id| self.facts.get(id))
            .is_some_and(|known| matches!(known.source, Source::Administrator | Source::Integration(_)));
        if !entered && value.is_some() {
            self.text(key, value);
        }
    }
}
