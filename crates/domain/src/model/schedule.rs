//! Device connection schedules: when and how often devices are expected to check in.

use catalog::{Liability, Millis};
use serde::{Deserialize, Serialize};

use super::OrganizationId;
use crate::schedule::{Interval, Week};
use crate::{Id, IdKind};

/// A device connection schedule with a half for each liability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: ScheduleId,
    /// Grows with every write.
    pub rev: i64,
    /// Name, unique in the organization.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// By which clock its week is read.
    pub zone: ScheduleZone,
    /// For corporate devices.
    pub corporate: ScheduleHalf,
    /// For individual devices.
    pub individual: ScheduleHalf,
    /// When it was made.
    pub created_at: Millis,
}

/// Id of a schedule.
pub type ScheduleId = Id<Schedule>;
impl IdKind for Schedule {
    const PREFIX: &'static str = "sch";
}

impl Schedule {
    /// The half of a liability.
    pub fn half(&self, liability: Liability) -> &ScheduleHalf {
        match liability {
            Liability::Corporate => &self.corporate,
            Liability::Individual => &self.individual,
        }
    }
}

/// What a schedule says for devices of one liability.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleHalf {
    /// Peak times; everything outside is off-peak.
    pub peak: Week,
    /// Time between two check-ins in peak times.
    pub peak_interval: Interval,
    /// Time between two check-ins outside of them.
    pub off_peak_interval: Interval,
    /// In peak times what waits for the device is pushed at once; else it waits for the next check-in.
    pub push_peak: bool,
    /// The same outside of peak times.
    pub push_off_peak: bool,
    /// What a device does in a foreign network.
    pub roaming: RoamingMode,
    /// Below so many percent of its battery nothing is pushed; 0 to 90, 0 is never.
    pub low_battery: u8,
}

impl Default for ScheduleHalf {
    /// Working hours by the hour, else every four hours; everything is pushed at once.
    fn default() -> Self {
        ScheduleHalf {
            peak: Week::working_hours(),
            peak_interval: Interval::minutes(60).unwrap_or_default(),
            off_peak_interval: Interval::minutes(240).unwrap_or_default(),
            push_peak: true,
            push_off_peak: true,
            roaming: RoamingMode::AsNormal,
            low_battery: 0,
        }
    }
}

/// What a device does in a foreign network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoamingMode {
    /// The same as at home.
    #[default]
    AsNormal,
    /// It is off-peak all the time.
    OffPeak,
    /// No check-in is expected and nothing is pushed.
    Manual,
}

impl RoamingMode {
    /// All, with stored name and words.
    pub const ALL: [(RoamingMode, &'static str, &'static str); 3] = [
        (Self::AsNormal, "as_normal", "As at home"),
        (Self::OffPeak, "off_peak", "Off-peak all the time"),
        (Self::Manual, "manual", "No check-ins, nothing pushed"),
    ];
    /// From the stored name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == key).map(|(mode, ..)| *mode)
    }
    /// Stored name, as in JSON.
    pub fn key(self) -> &'static str {
        Self::ALL.iter().find(|(mode, ..)| *mode == self).map_or("", |(_, key, _)| key)
    }
    /// The words shown.
    pub fn label(self) -> &'static str {
        Self::ALL.iter().find(|(mode, ..)| *mode == self).map_or("", |(.., label)| label)
    }
}

/// By which clock a schedule's week is read. Stored as `organization`, `device`, or the name of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ScheduleZone {
    /// The organization's.
    #[default]
    Organization,
    /// The device's own (its fact `time_zone`); the organization's where that is not known.
    Device,
    /// This one, by its IANA name.
    Named(String),
}

impl From<String> for ScheduleZone {
    fn from(text: String) -> Self {
        match text.as_str() {
            "organization" => Self::Organization,
            "device" => Self::Device,
            _ => Self::Named(text),
        }
    }
}

impl From<ScheduleZone> for String {
    fn from(zone: ScheduleZone) -> Self {
        match zone {
            ScheduleZone::Organization => "organization".into(),
            ScheduleZone::Device => "device".into(),
            ScheduleZone::Named(name) => name,
        }
    }
}
