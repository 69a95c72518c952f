//! What access restrictions can take away.

use serde::{Deserialize, Serialize};

mod set;
mod table;

pub use set::TargetSet;
pub use table::TARGETS;

/// A target of an access restriction. Stored by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Mail, calendar and contacts through the gateway or the stand-in.
    ActivesyncConnections,
    /// Corporate Resources ▸ Network Access: what Cisco ISE is told.
    NetworkAccess,
    /// Exchange accounts that were set up on the device.
    Exchange,
    /// IMAP and POP accounts.
    Mail,
    /// CalDAV accounts.
    Caldav,
    /// CardDAV accounts.
    Carddav,
    /// Subscribed calendars.
    SubscribedCalendars,
    /// LDAP directories.
    Ldap,
    /// Wi-Fi networks.
    Wifi,
    /// VPN connections.
    Vpn,
    /// Access point names.
    AccessPointNames,
    /// Web clips.
    WebClips,
    /// Identities from SCEP.
    ScepIdentities,
    /// Provisioning profiles.
    ProvisioningProfiles,
    /// Managed apps and the app catalogue.
    ManagedApps,
    /// File share.
    FileShare,
    /// Self-administration portal.
    Portal,
}

/// The column of the page under which a target stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetGroup {
    /// A column of its own.
    Own,
    /// One of the kinds of corporate resources.
    CorporateResources,
}

/// Words for a target.
#[derive(Debug)]
pub struct TargetInfo {
    /// The target.
    pub target: Target,
    /// Stored name.
    pub key: &'static str,
    /// The product's name of the tick box.
    pub label: &'static str,
    /// The same in one or two words, for a column.
    pub short: &'static str,
    /// Where it stands.
    pub group: TargetGroup,
    /// What restricting it does.
    pub help: &'static str,
    /// Whether something enrolled here can have it at all; otherwise a tick waits for the first platform that
    /// carries it.
    pub carried: bool,
}

impl Target {
    /// The catalogue entry.
    pub fn info(self) -> &'static TargetInfo {
        TARGETS.iter().find(|t| t.target == self).unwrap_or(&TARGETS[0])
    }
    /// Stored name.
    pub fn key(self) -> &'static str {
        self.info().key
    }
    /// From the stored name.
    pub fn from_key(key: &str) -> Option<Target> {
        TARGETS.iter().find(|t| t.key == key).map(|t| t.target)
    }
}
