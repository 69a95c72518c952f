//! What if: who would lose or get back what, before anything is saved.

use axum::Json;
use catalog::{CommandKind, Liability, Permission, Target, TargetSet};
use domain::model::{Device, Group, GroupSettings, PolicySuite, User};
use door::Access;
use engine::compliance::{self, Outcome, Proposal, WhatIf};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access_restrictions::Edit;
use super::endpoint::{Endpoint, endpoint};
use super::input::{Body, Call, Params};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        endpoint(
            Method::POST,
            "/api/v1/what-if",
            Access::Needs(Permission::ComplianceView),
            ask,
            "What would become of every device",
        )
        .says(
            "The devices that would lose or get back something at once, be restricted later, or be remediated, if \
             the change were made. Nothing is stored. Devices come in the order of their ids.",
        )
        .query::<Paged>()
        .body::<Change>()
        .gives::<Answer>(),
    ]
}

/// A change that is thought of.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "change", deny_unknown_fields)]
#[schemars(rename = "ProposedChange")]
enum Change {
    /// Edits of rules, ticks and exceptions.
    Access {
        /// In this order, at most 1000.
        edits: Vec<Edit>,
    },
    /// The draft of a suite is published.
    Publish {
        /// The suite.
        suite: Ref<PolicySuite>,
    },
    /// Another suite becomes the organization's default.
    DefaultSuite {
        /// The suite.
        suite: Ref<PolicySuite>,
    },
    /// A user gets a suite of their own; null takes it away.
    UserSuite {
        /// The user.
        user: Ref<User>,
        /// The suite.
        suite: Option<Ref<PolicySuite>>,
    },
    /// A device gets a suite of its own; null takes it away.
    DeviceSuite {
        /// The device.
        device: Ref<Device>,
        /// The suite.
        suite: Option<Ref<PolicySuite>>,
    },
    /// A group gets exactly these members.
    GroupMembers {
        /// The group.
        group: Ref<Group>,
        /// The members.
        members: Vec<Ref<User>>,
    },
    /// The members of a group get another suite or liability; null leaves it to the next group.
    GroupSettings {
        /// The group.
        group: Ref<Group>,
        /// The suite.
        suite: Option<Ref<PolicySuite>>,
        /// The liability.
        liability: Option<Word<Liability>>,
    },
    /// A group is removed.
    GroupRemoved {
        /// The group.
        group: Ref<Group>,
    },
}

impl Change {
    fn into_model(self) -> Result<Proposal, Problem> {
        Ok(match self {
            Self::Access { edits } => Proposal::Access(super::access_restrictions::into_model(edits)?),
            Self::Publish { suite } => Proposal::Publish(suite.0),
            Self::DefaultSuite { suite } => Proposal::DefaultSuite(suite.0),
            Self::UserSuite { user, suite } => Proposal::UserSuite(user.0, suite.map(|s| s.0)),
            Self::DeviceSuite { device, suite } => Proposal::DeviceSuite(device.0, suite.map(|s| s.0)),
            Self::GroupMembers { group, members } => {
                Proposal::GroupMembers(group.0, members.into_iter().map(|user| user.0).collect())
            }
            Self::GroupSettings { group, suite, liability } => {
                let (suite, liability) = (suite.map(|s| s.0), liability.map(|l| l.0));
                Proposal::GroupSettings(
                    group.0,
                    GroupSettings { suite, liability, ..GroupSettings::default() },
                )
            }
            Self::GroupRemoved { group } => Proposal::GroupRemoved(group.0),
        })
    }
}

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paged {
    /// The last device of the page before.
    cursor: Option<Ref<Device>>,
    /// 1 to 5000; 500 unless told.
    limit: Option<usize>,
}

/// What a change would do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WhatIf")]
struct Answer {
    /// Devices that were looked at.
    looked_at: usize,
    /// Devices that would lose mail or network at once.
    cut_off: usize,
    /// By target, how many devices.
    targets: Vec<TargetCount>,
    /// The devices of this page.
    items: Vec<OutcomeInfo>,
    /// Send it as `cursor` to get the next page; null on the last one.
    next: Option<Ref<Device>>,
    /// Devices for which something would be different, in all pages.
    total: usize,
}

/// How many devices would lose or get back a target.
#[derive(Serialize, JsonSchema)]
struct TargetCount {
    /// The target.
    target: Word<Target>,
    /// Devices that would lose it at once.
    losing: usize,
    /// Devices that would get it back at once.
    regaining: usize,
}

/// What would become of one device.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeviceOutcome")]
struct OutcomeInfo {
    /// The device.
    device: Ref<Device>,
    /// What it would lose at once.
    loses: Vec<Word<Target>>,
    /// What it would get back at once.
    regains: Vec<Word<Target>>,
    /// What it would lose later; null if that is as it is now.
    coming: Option<ComingInfo>,
    /// What would be ordered for it later; null if that is as it is now.
    remediation: Option<PlannedInfo>,
}

/// A restriction to come.
#[derive(Serialize, JsonSchema)]
struct ComingInfo {
    /// When.
    at: i64,
    /// What would close.
    targets: Vec<Word<Target>>,
}

/// A command to come.
#[derive(Serialize, JsonSchema)]
struct PlannedInfo {
    /// When.
    at: i64,
    /// Which.
    command: Word<CommandKind>,
}

fn words(targets: TargetSet) -> Vec<Word<Target>> {
    targets.iter().map(Word).collect()
}

impl From<&Outcome> for OutcomeInfo {
    fn from(outcome: &Outcome) -> Self {
        Self {
            device: outcome.device.into(),
            loses: words(outcome.loses),
            regains: words(outcome.regains),
            coming: outcome.coming.map(|(at, targets)| ComingInfo { at, targets: words(targets) }),
            remediation: outcome
                .remediation
                .map(|due| PlannedInfo { at: due.at, command: Word(due.command) }),
        }
    }
}

fn answer(all: &WhatIf, paged: &Paged) -> Result<Answer, Problem> {
    let limit = paged.limit.unwrap_or(500);
    if !(1..=5_000).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 5000."));
    }
    let after = paged.cursor.map(|id| id.0);
    let mut rest = all.outcomes.iter().filter(|o| after.is_none_or(|after| o.device > after));
    let items: Vec<OutcomeInfo> = rest.by_ref().take(limit).map(Into::into).collect();
    let more = rest.next().is_some();
    let count = |info: &catalog::TargetInfo| TargetCount {
        target: Word(info.target),
        losing: all.losing(info.target),
        regaining: all.regaining(info.target),
    };
    Ok(Answer {
        looked_at: all.looked_at,
        cut_off: all.cut_off(),
        targets: catalog::TARGETS.iter().filter(|info| info.carried).map(count).collect(),
        next: items.last().filter(|_| more).map(|last| last.device),
        items,
        total: all.outcomes.len(),
    })
}

async fn ask(
    call: Call,
    Params(paged): Params<Paged>,
    Body(input): Body<Change>,
) -> Result<Json<Answer>, Problem> {
    let proposal = input.into_model()?;
    Ok(Json(answer(&compliance::what_if(&call.engine, &call.scope, &proposal).await?, &paged)?))
}
