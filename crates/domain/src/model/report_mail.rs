//! Reports that are sent by mail, again and again.

use catalog::{Millis, Platform, Report};
use serde::{Deserialize, Serialize};

use super::{GroupId, OrganizationId};
use crate::mail::MailAddress;
use crate::{Id, IdKind};

/// A report that is sent by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportMail {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: ReportMailId,
    /// Grows with every write.
    pub rev: i64,
    /// Name, unique in the organization.
    pub name: String,
    /// Which report.
    pub report: Report,
    /// Only devices of this platform.
    pub platform: Option<Platform>,
    /// Only devices of the members of this group.
    pub group: Option<GroupId>,
    /// Days without contact.
    pub silent_days: Option<u32>,
    /// A report over a period looks back so many days.
    pub period_days: u32,
    /// A workbook instead of CSV.
    pub workbook: bool,
    /// To whom.
    pub recipients: Vec<MailAddress>,
    /// How often, and at what time.
    pub when: Recurrence,
    /// Whether it is sent.
    pub on: bool,
    /// How the last run went.
    pub last: Option<TaskOutcome>,
    /// When it is due; `None`: never.
    pub next_at: Option<Millis>,
}

/// Id of a report that is sent by mail.
pub type ReportMailId = Id<ReportMail>;
impl IdKind for ReportMail {
    const PREFIX: &'static str = "rml";
}

/// How a run of a task went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOutcome {
    /// When it ended.
    pub at: Millis,
    /// How long it took, milliseconds.
    pub took: Millis,
    /// Whether it did what it should.
    pub good: bool,
    /// What it did, or why not, in a sentence.
    pub says: String,
}

/// How often, and at which minute of the day in the organization's time zone (0 to 1439).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "every", deny_unknown_fields)]
pub enum Recurrence {
    /// Every day.
    Day {
        /// Minute of the day.
        minute: u16,
    },
    /// Every week.
    Week {
        /// 1 for Monday to 7 for Sunday.
        weekday: u8,
        /// Minute of the day.
        minute: u16,
    },
    /// Every month; where there is no such day, on its last one.
    Month {
        /// 1 to 31.
        day: u8,
        /// Minute of the day.
        minute: u16,
    },
}

impl Recurrence {
    /// Whether the numbers are possible.
    pub fn is_possible(self) -> bool {
        match self {
            Self::Day { minute } => minute < 1440,
            Self::Week { weekday, minute } => (1..=7).contains(&weekday) && minute < 1440,
            Self::Month { day, minute } => (1..=31).contains(&day) && minute < 1440,
        }
    }

    /// The minute of the day.
    pub fn minute(self) -> u16 {
        match self {
            Self::Day { minute } | Self::Week { minute, .. } | Self::Month { minute, .. } => minute,
        }
    }
}
