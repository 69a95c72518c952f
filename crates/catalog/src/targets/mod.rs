//! What access restrictions can take away.

use serde::{Deserialize, Serialize};

/// A target of an access restriction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Mail, calendar and contacts through the gateway or the stand-in.
    ActivesyncConnections,
    /// Corporate Resources ▸ Network Access: what Cisco ISE is told.
    NetworkAccess,
}

/// Words for a target.
#[derive(Debug)]
pub struct TargetInfo {
    /// The target.
    pub target: Target,
    /// The product's name of the tick box.
    pub label: &'static str,
    /// What restricting it does.
    pub help: &'static str,
}

/// All targets, in the order of the page.
pub static TARGETS: &[TargetInfo] = &[
    TargetInfo {
        target: Target::ActivesyncConnections,
        label: "ActiveSync connections",
        help: "Mail, calendar and contacts stop until the device is in order again.",
    },
    TargetInfo {
        target: Target::NetworkAccess,
        label: "Corporate Resources ▸ Network Access",
        help: "Cisco ISE is told that the device is not compliant, with the reason and the remedy.",
    },
];

impl Target {
    /// The catalogue entry.
    pub fn info(self) -> &'static TargetInfo {
        TARGETS.iter().find(|t| t.target == self).unwrap_or(&TARGETS[0])
    }
}
