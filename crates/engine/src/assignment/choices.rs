//! What somebody chose for a device, a user, a group or an organization itself, whatever is in force in the end.

use catalog::Liability;
use domain::model::{Device, GroupSettings, OrganizationSettings, PolicySuiteId, ScheduleId, User};

/// What a device, a user, a group or an organization has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Own {
    pub suite: Option<PolicySuiteId>,
    pub schedule: Option<ScheduleId>,
    pub liability: Option<Liability>,
}

impl Own {
    pub fn device(device: &Device) -> Self {
        Self { suite: device.suite, schedule: device.schedule, liability: device.liability }
    }
    pub fn user(user: &User) -> Self {
        Self { suite: user.suite, schedule: user.schedule, liability: user.liability }
    }
    pub fn group(settings: &GroupSettings) -> Self {
        Self { suite: settings.suite, schedule: settings.schedule, liability: settings.liability }
    }
    pub fn organization(settings: &OrganizationSettings) -> Self {
        Self {
            suite: settings.default_suite,
            schedule: settings.default_schedule,
            liability: Some(settings.default_liability),
        }
    }
}

/// A change of what is chosen: `None` leaves a choice as it is, `Some(None)` takes it away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Choices {
    /// Policy suite.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub suite: Option<Option<PolicySuiteId>>,
    /// Connection schedule.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Option<ScheduleId>>,
    /// Corporate or individual.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub liability: Option<Option<Liability>>,
}

impl Choices {
    /// Only another suite, or none.
    pub fn suite(suite: Option<PolicySuiteId>) -> Self {
        Self { suite: Some(suite), ..Self::default() }
    }
    /// Only another connection schedule, or none.
    pub fn schedule(schedule: Option<ScheduleId>) -> Self {
        Self { schedule: Some(schedule), ..Self::default() }
    }
    /// Only another liability, or none.
    pub fn liability(liability: Option<Liability>) -> Self {
        Self { liability: Some(liability), ..Self::default() }
    }
    /// Whether nothing is chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What one has after the change.
    fn after(&self, own: Own) -> Own {
        Own {
            suite: self.suite.unwrap_or(own.suite),
            schedule: self.schedule.unwrap_or(own.schedule),
            liability: self.liability.unwrap_or(own.liability),
        }
    }
    pub(crate) fn give_device(&self, device: &mut Device) {
        let own = self.after(Own::device(device));
        (device.suite, device.schedule, device.liability) = (own.suite, own.schedule, own.liability);
    }
    pub(crate) fn give_user(&self, user: &mut User) {
        let own = self.after(Own::user(user));
        (user.suite, user.schedule, user.liability) = (own.suite, own.schedule, own.liability);
    }
    pub(crate) fn give_group(&self, settings: &mut GroupSettings) {
        let own = self.after(Own::group(settings));
        (settings.suite, settings.schedule, settings.liability) = (own.suite, own.schedule, own.liability);
    }
    /// An organization always has a liability: taking it away leaves it as it is.
    pub(crate) fn give_organization(&self, settings: &mut OrganizationSettings) {
        let own = self.after(Own::organization(settings));
        (settings.default_suite, settings.default_schedule) = (own.suite, own.schedule);
        settings.default_liability = own.liability.unwrap_or(settings.default_liability);
    }
}
