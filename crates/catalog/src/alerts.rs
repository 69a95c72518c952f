//! What can raise an alert: events of the journal, one line each, with what ends them. Their severity and words are
//! those of the event; a finding has those of its rule.

use crate::{Event, RULES, Rule, RuleId, Severity, event_by_key};

/// The event with which the finding of a rule begins; alerts are set for each rule.
pub const FINDING_BEGAN: &str = "device.finding_began";

/// An event that can raise an alert.
#[derive(Debug)]
pub struct AlertEvent {
    /// Key of the event.
    pub event: &'static str,
    /// Raised unless an organization says otherwise.
    pub on: bool,
    /// Events about the same subject that end it by themselves.
    pub ended_by: &'static [&'static str],
    /// Those who were told are told of its end as well, unless an organization says otherwise.
    pub tell_end: bool,
}

/// Where an event can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// In an organization.
    Organization,
    /// At the installation itself, for its system administrators.
    Installation,
}

const fn on(event: &'static str) -> AlertEvent {
    AlertEvent { event, on: true, ended_by: &[], tell_end: false }
}

const fn off(event: &'static str) -> AlertEvent {
    AlertEvent { event, on: false, ended_by: &[], tell_end: false }
}

const fn until(event: &'static str, ended_by: &'static [&'static str]) -> AlertEvent {
    AlertEvent { event, on: true, ended_by, tell_end: false }
}

/// Every event that can raise an alert, in the order of the page.
pub static ALERT_EVENTS: &[AlertEvent] = &[
    // Devices.
    until(FINDING_BEGAN, &["device.finding_ended"]),
    AlertEvent {
        event: "device.silent",
        on: true,
        ended_by: &["device.heard_again", "watch.changed", "watch.removed"],
        tell_end: true,
    },
    until("device.quarantined", &["device.released", "device.retired", "device.deleted"]),
    off("device.seen"),
    off("device.enrolled"),
    off("device.retired"),
    off("device.blocked"),
    off("device.restricted"),
    until(
        "device.reported_lost",
        &["device.reported_found", "device.allowed", "device.wiped", "device.deleted"],
    ),
    on("device.wiped"),
    off("device.deleted"),
    on("device.recovery_password_read"),
    on("channel.policy_refused"),
    off("gateway.auth_paused"),
    on("gateway.loop_braked"),
    on("gateway.backend_wipe"),
    // Commands.
    until("command.awaiting_approval", &["command.approved", "command.cancelled", "command.expired"]),
    on("governor.limit_reached"),
    until(
        "governor.change_held",
        &["governor.change_approved", "governor.change_recalled", "governor.change_expired"],
    ),
    on("governor.limits_changed"),
    on("governor.recovery_code_made"),
    on("governor.outside_approver_named"),
    on("governor.recovery_code_used"),
    off("command.ordered"),
    off("command.acknowledged"),
    on("command.failed"),
    off("command.expired"),
    // Administrators.
    on("administrator.created"),
    on("administrator.locked_out"),
    on("administrator.passkey_copied"),
    off("administrator.password_reset"),
    on("identity.provider_added"),
    on("identity.provider_changed"),
    off("identity.account_made"),
    off("identity.refused"),
    off("session.refused"),
    off("token.created"),
    on("organization.quota_near"),
    on("organization.quota_reached"),
    off("organization.switched_into"),
    // What a rule's ladder came to.
    on("restriction.remediation_ordered"),
    off("restriction.remediation_impossible"),
    // Servers and the way out.
    until("server.unreachable", &["server.reachable", "server.updated", "server.deleted"]),
    until("mail.server_failed", &["mail.server_recovered", "mail.server_changed"]),
    until("webhook.failed", &["webhook.recovered", "webhook.paused", "webhook.deleted"]),
    until("webhook.paused", &["webhook.resumed", "webhook.deleted"]),
    until("directory.refresh_failed", &["directory.refreshed", "directory.server_deleted"]),
    until("directory.refresh_stopped", &["directory.refreshed", "directory.server_deleted"]),
    off("mail.given_up"),
    until("report_mail.failed", &["report_mail.sent", "report_mail.deleted"]),
    on("ise.action"),
    off("ise.refused"),
    off("stranger.refused"),
    on("journal.follower_gap"),
    on("journal.damaged"),
    // The installation.
    until("installation.certificate_expiring", &["installation.certificate_renewed"]),
    until("installation.backup_failed", &["installation.backed_up"]),
    until("installation.job_failed", &["installation.job_recovered"]),
    until("installation.storage_failed", &["installation.storage_recovered"]),
];

/// Something that alerts are set for: an event, or the finding of a rule.
#[derive(Debug, Clone, Copy)]
pub struct AlertKind {
    /// The entry of the table.
    pub entry: &'static AlertEvent,
    /// The event.
    pub event: &'static Event,
    /// The rule, of a finding.
    pub rule: Option<&'static Rule>,
}

impl AlertKind {
    /// Stored name: the event's key, or with `/` and the rule's.
    pub fn key(&self) -> String {
        match self.rule {
            Some(rule) => format!("{}/{}", self.event.key, rule.id.key()),
            None => self.event.key.to_owned(),
        }
    }

    /// How bad, unless an organization says otherwise.
    pub fn severity(&self) -> Severity {
        self.rule.map_or(self.event.severity, |rule| rule.severity)
    }

    /// Whether it can happen there.
    pub fn happens_in(&self, realm: Realm) -> bool {
        let area = self.event.key.split('.').next().unwrap_or_default();
        let shared = ["administrator", "session", "token", "mail", "stranger", "journal"].contains(&area);
        match realm {
            Realm::Organization => area != "installation",
            Realm::Installation => area == "installation" || shared,
        }
    }

    /// Words for the settings page; `{name}` stands for what it is about.
    pub fn label(&self) -> &'static str {
        self.rule.map_or(self.event.label, |rule| rule.label)
    }
}

/// Everything that alerts are set for somewhere, in the order of the page.
pub fn alert_kinds() -> impl Iterator<Item = AlertKind> {
    ALERT_EVENTS.iter().flat_map(|entry| {
        let event = event_by_key(entry.event);
        let rules: Vec<Option<&'static Rule>> = if entry.event == FINDING_BEGAN {
            RULES.iter().map(|rule| Some(*rule)).collect()
        } else {
            vec![None]
        };
        event.into_iter().flat_map(move |event| {
            rules.clone().into_iter().map(move |rule| AlertKind { entry, event, rule })
        })
    })
}

/// The kind of an event, for a finding that of its rule.
pub fn alert_kind(event: &str, rule: Option<RuleId>) -> Option<AlertKind> {
    let entry = ALERT_EVENTS.iter().find(|entry| entry.event == event)?;
    let rule = rule.map(RuleId::entry);
    let fits = (entry.event == FINDING_BEGAN) == rule.is_some();
    event_by_key(event).filter(|_| fits).map(|event| AlertKind { entry, event, rule })
}

/// Whether an event raises an alert or ends one.
pub fn concerns_alerts(event: &str) -> bool {
    ALERT_EVENTS.iter().any(|entry| entry.event == event || entry.ended_by.contains(&event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EVENTS;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_is_in_the_catalogue_and_has_one_mark() {
        let known = |key: &str| EVENTS.iter().any(|event| event.key == key);
        let mut seen = BTreeSet::new();
        for entry in ALERT_EVENTS {
            assert!(known(entry.event) && entry.ended_by.iter().all(|by| known(by)), "{}", entry.event);
            assert!(seen.insert(entry.event), "{} stands twice", entry.event);
        }
        for kind in alert_kinds() {
            let places = [Realm::Organization, Realm::Installation].map(|realm| kind.happens_in(realm));
            assert!(places.contains(&true), "{} happens nowhere", kind.key());
        }
        let keys: BTreeSet<_> = alert_kinds().map(|kind| kind.key()).collect();
        assert_eq!(keys.len(), ALERT_EVENTS.len() - 1 + RULES.len());
    }

    #[test]
    fn critical_events_alert_unless_somebody_says_otherwise() {
        // Removing an organization and approving a command are deliberate acts of those who would be alerted.
        let deliberate = ["organization.deleted", "command.approved"];
        for event in EVENTS.iter().filter(|e| e.severity == Severity::Critical) {
            let marked = ALERT_EVENTS.iter().any(|entry| entry.event == event.key && entry.on);
            assert!(marked || deliberate.contains(&event.key), "{} raises no alert", event.key);
        }
    }

    #[test]
    fn a_finding_is_told_by_its_rule() {
        let kind = alert_kind(FINDING_BEGAN, Some(RULES[0].id)).expect("a rule");
        assert_eq!((kind.severity(), kind.label()), (RULES[0].severity, RULES[0].label));
        assert!(alert_kind(FINDING_BEGAN, None).is_none());
        assert!(alert_kind("device.wiped", Some(RULES[0].id)).is_none());
        assert!(alert_kind("user.created", None).is_none());
    }
}
