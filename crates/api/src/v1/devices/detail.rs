//! One device with everything about it.

use std::collections::BTreeMap;

use catalog::{ClientKind, Liability, Platform, Remedy, RemedyBy, RuleId, Target};
use domain::model::{
    ActiveSyncServer, Block, Channel, ChannelKind, CustomScope, Device, DeviceState, FindingRecord, Group,
    PolicySuite, Schedule, User,
};
use domain::policy::PolicyState;
use door::Path;
use engine::devices::{self, Act, DeviceDetail, Posture, TargetLine};
use engine::schedules::Standing;
use engine::{Error, custom_columns, policy};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::access_restrictions::LevelName;
use super::facts::Fact;
use crate::v1::answer::Versioned;
use crate::v1::commands::CommandInfo;
use crate::v1::input::Call;
use crate::v1::problem::Problem;
use crate::v1::source::Source;
use crate::v1::words::{Ref, Word};

/// A device with everything about it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Device")]
pub(in crate::v1) struct DeviceInfo {
    /// Its id.
    id: Ref<Device>,
    /// Public GUID.
    guid: String,
    /// Former GUIDs that still find it.
    aliases: Vec<String>,
    /// Small number, unique in the installation: Cisco ISE's paging token.
    number: i64,
    /// Name shown.
    name: String,
    /// Owner.
    user: Ref<User>,
    /// Owner's name.
    user_name: String,
    /// Platform.
    platform: Word<Platform>,
    /// Mail client.
    client: Word<ClientKind>,
    /// Liability in force.
    liability: Word<Liability>,
    /// Where the liability comes from.
    liability_source: Source,
    /// Liability of its own; null takes the user's.
    own_liability: Option<Word<Liability>>,
    /// Where it is in its life.
    state: Word<DeviceState>,
    /// Since when.
    state_since: i64,
    /// The one word for its condition.
    posture: Word<Posture>,
    /// The condition in a sentence: why, and what next.
    headline: String,
    /// Blocked by hand.
    block: Option<BlockInfo>,
    /// The policy.
    policy: PolicyInfo,
    /// Its connection schedule; null when no check-ins are expected of it.
    schedule: Option<ScheduleInfo>,
    /// The user's ActiveSync server; null is our stand-in.
    server: Option<Ref<ActiveSyncServer>>,
    /// Where the server comes from.
    server_source: Option<Source>,
    /// Groups of the owner, the most important one first.
    groups: Vec<Ref<Group>>,
    /// MAC addresses, 12 hexadecimal digits each.
    macs: Vec<String>,
    /// What it may reach, and why.
    access: Vec<TargetInfo>,
    /// Rules that it breaks now.
    findings: Vec<FindingInfo>,
    /// Facts by key; a fact that is missing is unknown.
    facts: BTreeMap<String, Fact>,
    /// Values of the organization's own columns, by the columns' names.
    custom: BTreeMap<String, String>,
    /// Ways to reach it.
    channels: Vec<ChannelInfo>,
    /// When it deposited the recovery password that can be read; null if there is none.
    recovery_password_at: Option<i64>,
    /// Commands that are not over, oldest first.
    commands: Vec<CommandInfo>,
    /// First contact, or when it was entered.
    created_at: i64,
    /// When it was enrolled.
    enrolled_at: Option<i64>,
    /// Last contact.
    last_contact_at: Option<i64>,
    /// Grows with every change; the ETag.
    rev: i64,
}

/// A block by hand.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Block")]
struct BlockInfo {
    /// Since when.
    since: i64,
    /// Why, as shown to the user.
    reason: String,
    /// Who.
    by: String,
}

impl From<&Block> for BlockInfo {
    fn from(b: &Block) -> Self {
        Self { since: b.since, reason: b.reason.clone(), by: b.by.clone() }
    }
}

/// The policy of a device.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DevicePolicy")]
struct PolicyInfo {
    /// The suite in force; null without one.
    suite: Option<Ref<PolicySuite>>,
    /// Its name.
    suite_name: String,
    /// Where the suite comes from.
    source: Source,
    /// Whether the device runs it; null without a mail client.
    state: Option<DevicePolicyState>,
    /// Since when, as far as it is known.
    since: Option<i64>,
}

/// How a device stands to its connection schedule.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeviceSchedule")]
struct ScheduleInfo {
    /// The schedule in force.
    schedule: Ref<Schedule>,
    /// Its name.
    name: String,
    /// Where it comes from.
    source: Source,
    /// Name of the time zone that it is read by.
    time_zone: String,
    /// It is peak time.
    peak: bool,
    /// What waits for the device is pushed at once.
    pushed: bool,
    /// When it is due next; null when no check-in is expected.
    next_check_in: Option<i64>,
    /// Check-ins missed since it was last heard of.
    missed_check_ins: u32,
}

impl From<&Standing> for ScheduleInfo {
    fn from(standing: &Standing) -> Self {
        let plan = &standing.plan;
        Self {
            schedule: plan.schedule.id.into(),
            name: plan.schedule.name.clone(),
            source: plan.from.into(),
            time_zone: plan.zone_name.clone(),
            peak: standing.peak,
            pushed: standing.pushed,
            next_check_in: standing.next_due,
            missed_check_ins: standing.missed,
        }
    }
}

/// Whether a device runs its policy.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DevicePolicyState {
    /// Exactly what it would be sent now.
    Current,
    /// Something else.
    Outdated,
    /// None yet.
    Missing,
    /// It refused.
    Refused,
}

/// Access to one target.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TargetAccess")]
struct TargetInfo {
    /// The target.
    target: Word<Target>,
    /// Whether it is open.
    allowed: bool,
    /// The level whose ticks closed it; null while it is open.
    decided_by: Option<LevelName>,
    /// Why.
    why: String,
    /// Since when.
    since: Option<i64>,
    /// What happens next.
    next: String,
    /// When that is due.
    next_at: Option<i64>,
    /// What would fix it.
    fix: String,
    /// The rules that close it, most severe first.
    rules: Vec<Word<RuleId>>,
    /// The facts that their findings lean on.
    evidence: Vec<RuleFact>,
    /// The fewest acts that would open it; empty while it is open.
    remedies: Vec<ActInfo>,
}

/// A fact that a finding leans on.
#[derive(Serialize, JsonSchema)]
struct RuleFact {
    /// The rule.
    rule: Word<RuleId>,
    /// Key of the fact.
    fact: String,
    /// The fact as it is.
    known: Fact,
}

/// An act that opens a target, alone or with the others.
#[derive(Serialize, JsonSchema)]
struct ActInfo {
    /// What to do.
    remedy: Word<Remedy>,
    /// The same in a sentence.
    text: &'static str,
    /// Who.
    by: Word<RemedyBy>,
    /// The rules that it puts right; empty for one that takes another obstacle away.
    cures: Vec<Word<RuleId>>,
}

impl From<Act> for ActInfo {
    fn from(act: Act) -> Self {
        let info = act.remedy.info();
        let cures = act.cures.into_iter().map(Word).collect();
        Self { remedy: Word(act.remedy), text: info.text, by: Word(info.by), cures }
    }
}

impl From<TargetLine> for TargetInfo {
    fn from(line: TargetLine) -> Self {
        let evidence = line.evidence.iter().map(|(rule, evidence)| {
            let (fact, known) = super::verdicts::fact(evidence);
            RuleFact { rule: Word(*rule), fact, known }
        });
        Self {
            target: Word(line.target),
            allowed: line.allowed,
            decided_by: line.decided_by.as_ref().map(Into::into),
            evidence: evidence.collect(),
            why: line.why,
            since: line.since,
            next: line.next,
            next_at: line.next_at,
            fix: line.fix,
            rules: line.rules.into_iter().map(Word).collect(),
            remedies: line.remedies.into_iter().map(Into::into).collect(),
        }
    }
}

/// A rule that is broken.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingInfo {
    /// The rule.
    rule: Word<RuleId>,
    /// What was found, in a sentence.
    detail: String,
    /// Keys of the facts that decided.
    evidence: Vec<String>,
    /// Since when.
    since: i64,
    /// From when it restricts.
    restricts_at: i64,
    /// What it closes from then on.
    closes: Vec<Word<Target>>,
    /// The level that decided that.
    level: LevelName,
    /// When its ladder ends in a command; null if it does not.
    remediates_at: Option<i64>,
}

impl From<&FindingRecord> for FindingInfo {
    fn from(record: &FindingRecord) -> Self {
        Self {
            rule: Word(record.rule),
            detail: record.finding.detail.clone(),
            evidence: record.finding.evidence.clone(),
            since: record.since,
            restricts_at: record.restricts_at,
            closes: record.closes.iter().map(Word).collect(),
            level: (&record.level).into(),
            remediates_at: record.remediation.filter(|due| due.ordered_at.is_none()).map(|due| due.at),
        }
    }
}

/// A way to reach a device.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Channel")]
struct ChannelInfo {
    /// Protocol.
    kind: Word<ChannelKind>,
    /// The device's own id in that protocol.
    external_id: String,
    /// DeviceType that it gives.
    device_type: String,
    /// User-Agent that it gives.
    user_agent: String,
    /// Protocol version it last spoke.
    version: String,
    /// It wants HTTP 449 with the status body from 14.0 on.
    quirk_449: bool,
    /// It wants a Ping to be refused by Ping status 7 from 14.0 on.
    quirk_ping: bool,
    /// A wipe is pending.
    wipe_pending: bool,
}

impl From<&Channel> for ChannelInfo {
    fn from(c: &Channel) -> Self {
        Self {
            kind: Word(c.kind),
            external_id: c.external_id.clone(),
            device_type: c.eas.device_type.clone(),
            user_agent: c.eas.user_agent.clone(),
            version: c.eas.version.clone(),
            quirk_449: c.eas.quirk_449,
            quirk_ping: c.eas.quirk_ping,
            wipe_pending: c.eas.wipe.is_some(),
        }
    }
}

/// Reads a device for an answer.
pub(super) fn read(call: &Call, id: Ref<Device>) -> Result<DeviceInfo, Problem> {
    let detail = devices::detail(&call.engine, &call.scope, id.0)?;
    let org = call.engine.directory().organization(call.scope.organization());
    let org = org.ok_or(Error::NotFound("organization"))?;
    let status = policy::status_of(&org.read(), &detail.device);
    let custom = custom_columns::names(&org.read(), CustomScope::Device, &detail.device.custom);
    Ok(DeviceInfo { custom, ..info(detail, status.map(|s| (s.state, s.since))) })
}

fn info(detail: DeviceDetail, status: Option<(PolicyState, Option<i64>)>) -> DeviceInfo {
    let device = detail.device;
    DeviceInfo {
        id: device.id.into(),
        guid: device.guid.to_string(),
        aliases: device.aliases.iter().map(ToString::to_string).collect(),
        number: device.number,
        name: device.name.clone(),
        user: detail.user.id.into(),
        user_name: detail.user.display_name.clone(),
        platform: Word(device.platform),
        client: Word(device.client),
        liability: Word(detail.liability),
        liability_source: detail.liability_source.into(),
        own_liability: device.liability.map(Word),
        state: Word(device.state),
        state_since: device.state_since,
        posture: Word(detail.posture),
        headline: detail.explanation.headline,
        block: device.block.as_ref().map(Into::into),
        policy: PolicyInfo {
            suite: detail.suite.as_ref().map(|s| s.id.into()),
            suite_name: detail.suite.as_ref().map(|s| s.name.clone()).unwrap_or_default(),
            source: detail.suite_source.into(),
            state: status.map(|(state, _)| match state {
                PolicyState::Current => DevicePolicyState::Current,
                PolicyState::Outdated => DevicePolicyState::Outdated,
                PolicyState::Missing => DevicePolicyState::Missing,
                PolicyState::Refused => DevicePolicyState::Refused,
            }),
            since: status.and_then(|(_, since)| since),
        },
        schedule: detail.standing.as_ref().map(Into::into),
        server: detail.server.as_ref().map(|s| s.id.into()),
        server_source: detail.server_source.map(Into::into),
        groups: detail.groups.iter().map(|g| g.id.into()).collect(),
        macs: device.macs.clone(),
        access: detail.explanation.targets.into_iter().map(Into::into).collect(),
        findings: device.verdict.findings.iter().map(Into::into).collect(),
        facts: device.facts.iter().map(|(id, known)| (id.entry().key.to_owned(), known.into())).collect(),
        custom: BTreeMap::new(),
        channels: device.channels.iter().map(Into::into).collect(),
        recovery_password_at: device.eas().and_then(|c| Some(c.eas.recovery_password.as_ref()?.at)),
        commands: detail.live_commands.iter().map(|c| c.as_ref().into()).collect(),
        created_at: device.created_at,
        enrolled_at: device.enrolled_at,
        last_contact_at: detail.last_contact,
        rev: device.rev,
    }
}

pub(super) async fn show(call: Call, Path(id): Path<Ref<Device>>) -> Result<Versioned<DeviceInfo>, Problem> {
    let info = read(&call, id)?;
    Ok(Versioned(info.rev, info))
}
