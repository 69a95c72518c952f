//! The decision for one request.

use catalog::{Millis, RuleId, Target};

use super::{ProvisionReason, RefusalReason, brake};
use crate::model::{Block, Closed, DeviceState, EasState, UserState, Verdict, WipeKind};
use crate::policy::{PolicyState, policy_status};

/// What a request asks for, as far as the gate cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateCommand {
    /// OPTIONS: tells versions only, needs nothing.
    Options,
    /// Provision in any of its forms.
    Provision,
    /// Every other command.
    Other,
}

/// What is known of the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Authentication {
    /// Not checked yet; the gate says whether that is worth it.
    Pending,
    /// Good.
    Verified,
    /// They match the keyed hash of the last good ones, and no more: admits a pending wipe only.
    WipeOnly,
    /// Wrong.
    Failed,
}

/// What the gate must know of a known device.
#[derive(Debug, Clone, Copy)]
pub struct DeviceView<'a> {
    /// State.
    pub state: DeviceState,
    /// Block by hand.
    pub block: Option<&'a Block>,
    /// The channel, with the pending wipe.
    pub eas: &'a EasState,
    /// The stored verdict.
    pub verdict: &'a Verdict,
}

/// Everything the decision follows from.
#[derive(Debug, Clone, Copy)]
pub struct GateInput<'a> {
    /// The command.
    pub command: GateCommand,
    /// The policy key of the request; 0 counts as none.
    pub policy_key: Option<u32>,
    /// The request's version can carry an account-only wipe (16.1 and later).
    pub account_wipe: bool,
    /// The credentials.
    pub authentication: Authentication,
    /// The organization is enabled.
    pub organization_enabled: bool,
    /// State of the user.
    pub user: UserState,
    /// The device; `None` if it is new to us.
    pub device: Option<DeviceView<'a>>,
    /// Digest of the document that the device would be sent for its version now.
    pub wanted_digest: &'a str,
    /// Hours after which a policy must be fetched again; 0 is never.
    pub policy_refresh_hours: u32,
    /// Devices without any support for policies may sync.
    pub allow_non_provisionable: bool,
    /// How often in a row the device was told to provision and did not.
    pub ignored_provisions: u32,
    /// When it was told so for the first time in that row.
    pub ignoring_since: Option<Millis>,
    /// Times of completed handshakes (the last ten minutes suffice).
    pub handshakes: &'a [Millis],
    /// How often in a row the loop brake has refused.
    pub braked: u32,
    /// Now.
    pub now: Millis,
}

/// Where in the wipe dance a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WipeStep {
    /// Any command but Provision: the device is told that a wipe waits (140, or 449 up to 12.1).
    Announce,
    /// A Provision: the directive is the answer, and its acknowledgement is taken.
    Deliver,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// It goes on to the mail server, the stand-in, or our own Provision.
    Serve,
    /// The credentials must be checked first; then ask again.
    Authenticate,
    /// The device is new: see [`admit`](super::admit).
    Admit,
    /// A wipe is delivered, and nothing else.
    WipeNow {
        /// Kind.
        kind: WipeKind,
        /// Where in the dance.
        step: WipeStep,
    },
    /// The device must provision.
    NeedProvision(ProvisionReason),
    /// It is refused.
    Refuse(RefusalReason),
}

/// After so many requests that were told to provision and did not, a device counts as unable to...
pub const LEGACY_AFTER: u32 = 10;

/// ...if they took at least this long: a phone that asks for everything at once, or whose user still has to agree, is
/// not unable.
pub const LEGACY_TIME: Millis = 600_000;

/// A device that is restricted by what it reports only when it provisions may report again after one hour.
pub const REPORT_AGAIN_AFTER: Millis = 3_600_000;

/// Decides. Total: every input has an answer, in the order wipe, block, credentials, user, enrolment, compliance,
/// policy.
pub fn decide(input: &GateInput<'_>) -> Gate {
    if input.command == GateCommand::Options {
        return Gate::Serve;
    }
    if let Some(gate) = input.device.and_then(|device| wipe(input, device.eas)) {
        return gate;
    }
    if let Some(block) = input.device.and_then(|device| device.block) {
        return refuse(RefusalReason::Blocked { since: block.since, reason: block.reason.clone() });
    }
    match input.authentication {
        Authentication::Pending => return Gate::Authenticate,
        // Credentials that no longer hold open nothing but a wipe, and there is none.
        Authentication::Failed | Authentication::WipeOnly => return refuse(RefusalReason::Unauthenticated),
        Authentication::Verified => {}
    }
    if !input.organization_enabled {
        return refuse(RefusalReason::OrganizationDisabled);
    }
    if input.user == UserState::Disabled {
        return refuse(RefusalReason::UserDisabled);
    }
    let Some(device) = input.device else { return Gate::Admit };
    match device.state {
        DeviceState::Quarantined => return refuse(RefusalReason::Quarantined),
        DeviceState::Wiped => return refuse(RefusalReason::Wiped),
        DeviceState::Retired => return refuse(RefusalReason::Retired),
        DeviceState::Enrolled => {}
    }
    braked(input, enrolled(input, device))
}

fn refuse(reason: RefusalReason) -> Gate {
    Gate::Refuse(reason)
}

/// A pending wipe: it needs credentials that are or were good, since its acknowledgement ends the command.
fn wipe(input: &GateInput<'_>, eas: &EasState) -> Option<Gate> {
    let kind = eas.wipe.as_ref()?.kind;
    Some(match input.authentication {
        Authentication::Pending => Gate::Authenticate,
        Authentication::Failed => refuse(RefusalReason::Unauthenticated),
        Authentication::Verified | Authentication::WipeOnly => {
            if kind == WipeKind::Account && !input.account_wipe {
                return Some(refuse(RefusalReason::WipeUnsupported));
            }
            let provision = input.command == GateCommand::Provision;
            Gate::WipeNow { kind, step: if provision { WipeStep::Deliver } else { WipeStep::Announce } }
        }
    })
}

/// Compliance and policy of an enrolled device.
fn enrolled(input: &GateInput<'_>, device: DeviceView<'_>) -> Gate {
    // Provision carries no mail, and it is how a device mends its policy and reports its new system.
    if input.command == GateCommand::Provision {
        return Gate::Serve;
    }
    let by_policy = policy(input, device.eas);
    let Some(Closed { rules, level, since, .. }) = device.verdict.closed(Target::ActivesyncConnections)
    else {
        return by_policy;
    };
    let restricted =
        || refuse(RefusalReason::Restricted { rules: rules.clone(), level: level.clone(), since: *since });
    // The channel knows better than a verdict made before the last handshake; and whether the user is disabled was asked
    // above, so a verdict that says so was made before he was enabled again.
    let overtaken = |rule: &RuleId| matches!(rule, RuleId::PolicyOutOfDate | RuleId::UserDisabled);
    if rules.iter().all(overtaken) {
        return by_policy;
    }
    let about_policy = |rule: &RuleId| overtaken(rule) || *rule == RuleId::PolicyRefused;
    if rules.iter().all(about_policy) {
        return if matches!(by_policy, Gate::NeedProvision(_)) { by_policy } else { restricted() };
    }
    if rules.iter().any(|rule| reported_by_provision(*rule)) && may_report_again(input, device.eas) {
        return Gate::NeedProvision(ProvisionReason::PolicyRefresh);
    }
    restricted()
}

/// From 14.1 on a device says what it is only inside Provision. Restricted for an old system, it could never tell
/// that it was updated if it were always refused.
fn reported_by_provision(rule: RuleId) -> bool {
    rule.entry().needs.iter().any(|fact| matches!(*fact, "os_version" | "model"))
}

fn may_report_again(input: &GateInput<'_>, eas: &EasState) -> bool {
    eas.applied.as_ref().is_none_or(|applied| input.now.saturating_sub(applied.at) >= REPORT_AGAIN_AFTER)
}

fn policy(input: &GateInput<'_>, eas: &EasState) -> Gate {
    let status = policy_status(eas, input.wanted_digest);
    if status.state == PolicyState::Refused {
        return refuse(RefusalReason::PolicyRefused);
    }
    let key = input.policy_key.filter(|key| *key != 0);
    match (key, &eas.applied) {
        (None, None) if is_legacy(input) => {
            if input.allow_non_provisionable {
                Gate::Serve
            } else {
                refuse(RefusalReason::LegacyDevice)
            }
        }
        (None, _) => Gate::NeedProvision(ProvisionReason::NotProvisioned),
        (Some(key), Some(applied)) if key == applied.key => {
            let interval = i64::from(input.policy_refresh_hours) * 3_600_000;
            let due = interval > 0 && input.now.saturating_sub(applied.at) >= interval;
            if status.state == PolicyState::Current && !due {
                Gate::Serve
            } else {
                Gate::NeedProvision(ProvisionReason::PolicyRefresh)
            }
        }
        (Some(_), _) => Gate::NeedProvision(ProvisionReason::InvalidKey),
    }
}

fn is_legacy(input: &GateInput<'_>) -> bool {
    let long = |since| input.now.saturating_sub(since) >= LEGACY_TIME;
    input.ignored_provisions >= LEGACY_AFTER && input.ignoring_since.is_some_and(long)
}

/// A looping device is slowed down wherever the answer would keep it looping.
fn braked(input: &GateInput<'_>, gate: Gate) -> Gate {
    let provisioning = matches!(gate, Gate::NeedProvision(_))
        || (input.command == GateCommand::Provision && gate == Gate::Serve);
    match brake(input.handshakes, input.braked, input.now) {
        Some(retry_after) if provisioning => refuse(RefusalReason::Looping { retry_after }),
        _ => gate,
    }
}
