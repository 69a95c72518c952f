//! Devices, their channels, and the stored verdict.

use catalog::{ClientKind, CommandKind, Facts, Finding, Millis, Platform, RuleId, Target, TargetSet};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    CommandId, GroupId, Level, Liability, OrganizationId, PolicySuiteId, ScheduleId, Sealed, UserId,
};
use crate::{Id, IdKind};

/// Where a device is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// New to us; waits for an administrator.
    Quarantined,
    /// Managed.
    Enrolled,
    /// Wiped; refused until an administrator re-admits it.
    Wiped,
    /// No longer managed; the record is kept.
    Retired,
}

/// A block by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Since when.
    pub since: Millis,
    /// Why, as entered.
    pub reason: String,
    /// Who.
    pub by: String,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Organization.
    pub organization: OrganizationId,
    /// Its id.
    pub id: DeviceId,
    /// Grows with every write.
    pub rev: i64,
    /// Public GUID (UUID version 4), lower case, never reused.
    pub guid: Uuid,
    /// Small number, unique in the installation: Cisco ISE's paging token. 1 to 2147483647.
    pub number: i64,
    /// Owner.
    pub user: UserId,
    /// Name shown.
    pub name: String,
    /// Liability of its own; `None` takes the user's.
    pub liability: Option<Liability>,
    /// Recognized platform.
    pub platform: Platform,
    /// Recognized mail client.
    pub client: ClientKind,
    /// State.
    pub state: DeviceState,
    /// Since when it is in this state.
    pub state_since: Millis,
    /// Blocked by hand.
    pub block: Option<Block>,
    /// Suite of its own.
    pub suite: Option<PolicySuiteId>,
    /// Connection schedule of its own.
    #[serde(default)]
    pub schedule: Option<ScheduleId>,
    /// MAC addresses, 12 upper-case hexadecimal digits each, at most 10.
    pub macs: Vec<String>,
    /// Values of the organization's own columns.
    #[serde(default)]
    pub custom: super::CustomValues,
    /// The site where it was last seen: a group of the organization. Kept until it is seen at another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<GroupId>,
    /// What is known of it.
    pub facts: Facts,
    /// What follows from it.
    pub verdict: Verdict,
    /// Former GUIDs that still find this device.
    pub aliases: Vec<Uuid>,
    /// Its channels (a device has one or more).
    pub channels: Vec<Channel>,
    /// First contact.
    pub created_at: Millis,
    /// When it was enrolled.
    pub enrolled_at: Option<Millis>,
    /// Last contact as flushed (presence in memory may be up to 30 s newer).
    pub last_contact_at: Option<Millis>,
}

/// Id of a device.
pub type DeviceId = Id<Device>;
impl IdKind for Device {
    const PREFIX: &'static str = "dev";
}

/// Protocols by which a device reaches us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Exchange ActiveSync.
    Activesync,
}

impl ChannelKind {
    /// Stored name, as in JSON.
    pub fn key(self) -> &'static str {
        match self {
            ChannelKind::Activesync => "activesync",
        }
    }
}

/// One way of reaching a device, with the protocol's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Kind.
    pub kind: ChannelKind,
    /// The peer's own id: for ActiveSync the canonical DeviceId. Compared case-insensitively with the user.
    pub external_id: String,
    /// State of an ActiveSync partnership.
    pub eas: EasState,
}

/// Id of a channel.
pub type ChannelId = Id<Channel>;
impl IdKind for Channel {
    const PREFIX: &'static str = "chn";
}

/// Which kind of wipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WipeKind {
    /// `RemoteWipe`.
    Device,
    /// `AccountOnlyRemoteWipe` (16.1).
    Account,
}

/// A pending wipe as the channel sees it (projection of the command).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeState {
    /// Kind.
    pub kind: WipeKind,
    /// The command.
    pub command: CommandId,
    /// The directive has been sent at this time.
    pub sent_at: Option<Millis>,
}

/// A policy that was sent with a temporary key and is not acknowledged yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentPolicy {
    /// Temporary key, valid for ten minutes and only for the acknowledgement.
    pub temporary_key: u32,
    /// Digest of the document that was sent.
    pub digest: String,
    /// Suite and revision it was made of.
    pub suite: Option<(PolicySuiteId, i64)>,
    /// When.
    pub at: Millis,
}

/// The policy that the device acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPolicy {
    /// Final key that every request must carry.
    pub key: u32,
    /// Digest of the document.
    pub digest: String,
    /// Suite and revision.
    pub suite: Option<(PolicySuiteId, i64)>,
    /// Acknowledgement status: 1 in full, 2 partly, 3 not, 4 managed by a third party.
    pub status: u8,
    /// When.
    pub at: Millis,
}

/// What we hold at the mail server for this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct BackendState {
    /// Policy key the backend gave us; `None` before the handshake or when it wants none.
    pub policy_key: Option<u32>,
    /// The backend said that it has no policy for us.
    pub no_policy: bool,
    /// Address after a redirect or from Autodiscover, if not the server's own.
    pub url: Option<String>,
    /// DeviceInformation was sent to it.
    pub device_information_sent: bool,
}

/// A recovery password that the device deposited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositedPassword {
    /// The password.
    pub sealed: Sealed,
    /// When it came.
    pub at: Millis,
}

/// State of an ActiveSync partnership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct EasState {
    /// DeviceType as first sent; kept stable towards the backend.
    pub device_type: String,
    /// Last User-Agent.
    pub user_agent: String,
    /// Last protocol version, e.g. `14.1`.
    pub version: String,
    /// Sent and not acknowledged.
    pub sent: Option<SentPolicy>,
    /// Acknowledged.
    pub applied: Option<AppliedPolicy>,
    /// The device refused the policy (status 3) at this time.
    pub refused_at: Option<Millis>,
    /// Digest of the document that it refused: another document is worth a new try.
    #[serde(default)]
    pub refused_digest: Option<String>,
    /// Pending wipe.
    pub wipe: Option<WipeState>,
    /// A policy refresh was ordered at this time: keys given before it are not current.
    pub refresh_after: Option<Millis>,
    /// At the backend.
    pub backend: BackendState,
    /// Keyed hash of the last good credential: admits the wipe handshake of a disabled account only.
    pub last_credential: Option<Vec<u8>>,
    /// Times of the failed sign-ins since the last good one, oldest first; the last [`catalog::AUTH_FAILURES_KEPT`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_at: Vec<Millis>,
    /// Form quirk: this client wants 449 *with* the status body at 14.0 and later.
    pub quirk_449: bool,
    /// Form quirk: a Ping of this client is sent back by Ping status 7, and its FolderSync is then refused.
    #[serde(default)]
    pub quirk_ping: bool,
    /// Recovery password, if the device deposited one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_password: Option<DepositedPassword>,
}

/// A finding that is in force, with its history and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// The rule.
    pub rule: RuleId,
    /// What was found.
    pub finding: Finding,
    /// Since when it holds.
    pub since: Millis,
    /// From when it restricts (since + grace).
    pub restricts_at: Millis,
    /// What it closes from then on; empty if it only reports.
    #[serde(default)]
    pub closes: TargetSet,
    /// The level that decided that.
    #[serde(default = "organization_level", skip_serializing_if = "is_organization")]
    pub level: Level,
    /// The end of its ladder, if it has one for this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<DueRemediation>,
}

fn organization_level() -> Level {
    Level::Organization
}

fn is_organization(level: &Level) -> bool {
    *level == Level::Organization
}

/// A remediation that a finding leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueRemediation {
    /// What is ordered: never a full wipe of a device that is not known to be the company's.
    pub command: CommandKind,
    /// When.
    pub at: Millis,
    /// When it was ordered, or found impossible; once for a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_at: Option<Millis>,
}

/// Targets that are closed for the same reasons since the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The targets.
    pub targets: TargetSet,
    /// Rules that restrict them, most severe first.
    pub rules: Vec<RuleId>,
    /// The level whose ticks decided (of the first rule).
    pub level: Level,
    /// Since when.
    pub since: Millis,
}

/// What follows from facts, rules and restrictions; every face reads this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Verdict {
    /// Findings in force, most severe first.
    pub findings: Vec<FindingRecord>,
    /// What is closed. A target that none of these has is open; none is in two of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<Closed>,
    /// When time alone could change it.
    pub next_look: Option<Millis>,
    /// When it was computed.
    pub at: Millis,
}

impl Verdict {
    /// Why a target is closed; `None` while it is open.
    pub fn closed(&self, target: Target) -> Option<&Closed> {
        self.closed.iter().find(|closed| closed.targets.contains(target))
    }
    /// Whether a target is open.
    pub fn allows(&self, target: Target) -> bool {
        self.closed(target).is_none()
    }
    /// All targets that are closed.
    pub fn closed_targets(&self) -> TargetSet {
        self.closed.iter().fold(TargetSet::EMPTY, |all, closed| all.union(closed.targets))
    }
    /// The finding of a rule.
    pub fn finding(&self, rule: RuleId) -> Option<&FindingRecord> {
        self.findings.iter().find(|finding| finding.rule == rule)
    }
    /// The next restriction that is certain to come if nothing changes: the finding that brings it, and what it closes
    /// that is open until then and that something enrolled here can have.
    pub fn announced(&self) -> Option<(&FindingRecord, TargetSet)> {
        let closed = self.closed_targets();
        self.findings
            .iter()
            .filter(|finding| finding.restricts_at > self.at)
            .map(|finding| (finding, finding.closes.minus(closed).carried()))
            .filter(|(_, targets)| !targets.is_empty())
            .min_by_key(|(finding, _)| finding.restricts_at)
    }
    /// The remediation that is to be ordered next.
    pub fn remediation(&self) -> Option<(RuleId, DueRemediation)> {
        let due = |finding: &FindingRecord| Some((finding.rule, finding.remediation?));
        let open = self.findings.iter().filter_map(due).filter(|(_, due)| due.ordered_at.is_none());
        open.min_by_key(|(_, due)| due.at)
    }
}

impl Device {
    /// The ActiveSync channel.
    pub fn eas(&self) -> Option<&Channel> {
        self.channels.iter().find(|c| c.kind == ChannelKind::Activesync)
    }
    /// The ActiveSync channel, to change it.
    pub fn eas_mut(&mut self) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|c| c.kind == ChannelKind::Activesync)
    }
}
