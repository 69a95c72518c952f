//! Alerts, and when they are raised.

use std::collections::BTreeMap;

use catalog::{AlertKind, Millis, Severity};
use serde::{Deserialize, Serialize};

use super::{AdministratorId, DeviceId, OrganizationId, RoleRef, WebhookId};
use crate::mail::MailAddress;
use crate::{Id, IdKind};

/// When an organization's alerts are raised, and who hears of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertSettings {
    /// By key of [`AlertKind::key`]; what is missing follows its default.
    pub kinds: BTreeMap<String, AlertRule>,
    /// Mail about what is not critical is gathered and sent once in so many minutes; 0: at once. At most 1,440.
    pub digest_minutes: u32,
    /// No mail about what is not critical in these hours of the organization's zone.
    pub quiet: Option<QuietHours>,
    /// Who is told when nobody acknowledged an alert in time, besides those who were told first.
    pub escalate_to: Vec<MailAddress>,
}

impl AlertSettings {
    /// What is in force for a kind.
    pub fn rule(&self, kind: &AlertKind) -> AlertRule {
        self.kinds.get(&kind.key()).cloned().unwrap_or_else(|| AlertRule::of(kind))
    }
}

/// Hours of a day, in minutes from midnight; from the first (included) to the second. They may cross midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// 0 to 1,439.
    pub from: u16,
    /// 0 to 1,439; another than `from`.
    pub until: u16,
}

impl QuietHours {
    /// Whether a minute of the day lies within.
    pub fn has(self, minute: u16) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }
}

/// How one kind of event raises alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertRule {
    /// Raised at all; the list in the console has it then.
    pub on: bool,
    /// How bad.
    pub severity: Severity,
    /// Told by mail as well.
    pub email: bool,
    /// Who is told.
    pub recipients: Recipients,
    /// Webhooks that hear of it, whatever else they hear: at once, also in quiet hours.
    pub webhooks: Vec<WebhookId>,
    /// Whoever got mail about it gets another one when its cause is gone.
    pub tell_end: bool,
    /// The same about the same subject is told at most once in so many minutes; at most 43,200 (30 days).
    pub throttle_minutes: u32,
    /// Escalated when nobody acknowledged it for so many minutes; 0: never. At most 10,080 (7 days).
    pub escalate_minutes: u32,
}

impl Default for AlertRule {
    fn default() -> Self {
        Self {
            on: true,
            severity: Severity::Warning,
            email: false,
            recipients: Recipients { all_administrators: true, ..Recipients::default() },
            webhooks: Vec::new(),
            tell_end: false,
            throttle_minutes: 60,
            escalate_minutes: 0,
        }
    }
}

impl AlertRule {
    /// What holds while nobody said otherwise: what is critical goes out by mail, the rest is in the console.
    pub fn of(kind: &AlertKind) -> Self {
        let severity = kind.severity();
        Self {
            // A finding that only informs would fill the list.
            on: kind.entry.on && (kind.rule.is_none() || severity > Severity::Informational),
            severity,
            email: severity == Severity::Critical,
            tell_end: kind.entry.tell_end,
            ..Self::default()
        }
    }
}

/// Who is told of an alert by mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recipients {
    /// Every administrator of the organization with an address.
    pub all_administrators: bool,
    /// These administrators.
    pub administrators: Vec<AdministratorId>,
    /// Administrators with these roles.
    pub roles: Vec<RoleRef>,
    /// These addresses.
    pub addresses: Vec<MailAddress>,
    /// The user whose device it is about.
    pub user: bool,
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has looked at it.
    New,
    /// Somebody takes care of it.
    Acknowledged,
    /// Its cause is gone, or somebody said so.
    Closed,
}

/// Something that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: AlertId,
    /// Grows with every write.
    pub rev: i64,
    /// What it is about: [`AlertKind::key`].
    pub kind: String,
    /// How bad.
    pub severity: Severity,
    /// One line in words.
    pub text: String,
    /// Details: the sentence of a finding, a reason; may be empty.
    pub detail: String,
    /// Id of the subject of the event; may be empty.
    pub subject: String,
    /// The device, if it is about one.
    pub device: Option<DeviceId>,
    /// Where it stands.
    pub state: AlertState,
    /// The newest entry of the journal that raised it.
    pub sequence: i64,
    /// When it was raised.
    pub at: Millis,
    /// How often it was raised, and when last.
    pub count: u32,
    /// See `count`.
    pub last_at: Millis,
    /// Who acknowledged it, and when.
    pub acknowledged: Option<(String, Millis)>,
    /// Who closed it, and when; the system, if its cause is gone.
    pub closed: Option<(String, Millis)>,
    /// When somebody was last told of it, by mail that may still be gathered or by webhooks.
    pub mailed_at: Option<Millis>,
    /// When gathered mail goes out.
    pub mail_due_at: Option<Millis>,
    /// When it is escalated, unless somebody acknowledges it.
    pub escalate_at: Option<Millis>,
    /// Whom mail goes to.
    pub recipients: Vec<MailAddress>,
    /// Webhooks that hear of it.
    #[serde(default)]
    pub webhooks: Vec<WebhookId>,
}

impl Alert {
    /// When something must be done about it next, by time alone.
    pub fn due_at(&self) -> Option<Millis> {
        [self.mail_due_at, self.escalate_at].into_iter().flatten().min()
    }

    /// Whether it still wants somebody.
    pub fn is_open(&self) -> bool {
        self.state != AlertState::Closed
    }
}

/// Id of an alert.
pub type AlertId = Id<Alert>;
impl IdKind for Alert {
    const PREFIX: &'static str = "alr";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_cross_midnight() {
        let night = QuietHours { from: 22 * 60, until: 6 * 60 };
        assert!(night.has(23 * 60) && night.has(0) && night.has(6 * 60 - 1));
        assert!(!night.has(6 * 60) && !night.has(12 * 60) && !night.has(22 * 60 - 1));
        let noon = QuietHours { from: 720, until: 780 };
        assert!(noon.has(720) && !noon.has(780) && !noon.has(0));
    }

    #[test]
    fn untouched_settings_mail_what_is_critical_and_show_the_rest() {
        let settings = AlertSettings::default();
        for kind in catalog::alert_kinds() {
            let rule = settings.rule(&kind);
            assert_eq!(rule.email, kind.severity() == Severity::Critical, "{}", kind.key());
            assert!(rule.recipients.all_administrators && !rule.recipients.user);
            assert!(rule.on || !kind.entry.on || kind.rule.is_some(), "{}", kind.key());
        }
    }
}
