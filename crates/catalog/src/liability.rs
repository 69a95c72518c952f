//! Whose device it is: picks one of the two columns of a policy suite.

use serde::{Deserialize, Serialize};

/// Liability of a device or user: picks one of the two values of every policy setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Liability {
    /// The company's device.
    #[default]
    Corporate,
    /// The employee's own device. Never erased by an automatic act.
    Individual,
}

impl Liability {
    /// Both, in the order of the columns.
    pub const ALL: [Liability; 2] = [Liability::Corporate, Liability::Individual];

    /// Stored name, as in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Liability::Corporate => "corporate",
            Liability::Individual => "individual",
        }
    }
    /// The one with this stored name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|liability| liability.key() == key)
    }
    /// The word on pages.
    pub fn label(self) -> &'static str {
        match self {
            Liability::Corporate => "Corporate",
            Liability::Individual => "Individual",
        }
    }
}
