//! What if: who would lose or get back what, before anything is saved.

use axum::Json;
use catalog::{CommandKind, Liability, Permission, Target, TargetSet};
use domain::model::{Device, Group, PolicySuite, Schedule, Terms, User};
use door::Access;
use engine::approvals::Edit;
use engine::assignment::Choices;
use engine::compliance::{self, Outcome, WhatIf};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access_restrictions::Edit as AccessEdit;
use super::administrators::present;
use super::assignments::{Assignment, choices, meant, what};
use super::endpoint::{Endpoint, endpoint};
use super::input::{Body, Call, Params};
use super::problem::Problem;
use super::schedules::ScheduleInput;
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
        edits: Vec<AccessEdit>,
    },
    /// The draft of a suite is published.
    Publish {
        /// The suite.
        suite: Ref<PolicySuite>,
    },
    /// The draft of the terms of use is published.
    Terms {
        /// The draft.
        terms: Ref<Terms>,
    },
    /// Another suite becomes the organization's default.
    DefaultSuite {
        /// The suite.
        suite: Ref<PolicySuite>,
    },
    /// A suite is deleted; whoever has it gets the replacement.
    SuiteReplaced {
        /// The suite.
        suite: Ref<PolicySuite>,
        /// What they get.
        replacement: Ref<PolicySuite>,
    },
    /// A connection schedule says something else.
    Schedule {
        /// The schedule.
        schedule: Ref<Schedule>,
        /// What it would say.
        says: Box<ScheduleInput>,
    },
    /// Another connection schedule becomes the organization's default.
    DefaultSchedule {
        /// The schedule.
        schedule: Ref<Schedule>,
    },
    /// A connection schedule is deleted; whoever has it gets the replacement.
    ScheduleReplaced {
        /// The schedule.
        schedule: Ref<Schedule>,
        /// What they get.
        replacement: Ref<Schedule>,
    },
    /// Something else is chosen for a user.
    User {
        /// The user.
        user: Ref<User>,
        /// What.
        gets: Gets,
    },
    /// Something else is chosen for a device.
    Device {
        /// The device.
        device: Ref<Device>,
        /// What.
        gets: Gets,
    },
    /// Many devices and their users get the same; as a bulk assignment, `dry_run` or not.
    Assignment(Box<Assignment>),
    /// A group gets exactly these members.
    GroupMembers {
        /// The group.
        group: Ref<Group>,
        /// The members.
        members: Vec<Ref<User>>,
    },
    /// The members of a group get another suite, schedule or liability; null leaves it to the next group.
    GroupSettings {
        /// The group.
        group: Ref<Group>,
        /// The suite.
        suite: Option<Ref<PolicySuite>>,
        /// The connection schedule.
        schedule: Option<Ref<Schedule>>,
        /// The liability.
        liability: Option<Word<Liability>>,
    },
    /// A group gets another place in the order.
    GroupPlace {
        /// The group.
        group: Ref<Group>,
        /// Place in the order, 1 for the most important one; a place beyond the end is the end.
        place: usize,
    },
    /// A group is removed.
    GroupRemoved {
        /// The group.
        group: Ref<Group>,
    },
}

/// What is chosen for a user or device itself; what is left out stays, null takes it away.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProposedChoices")]
#[expect(clippy::option_option, reason = "absent, null and a value are three things")]
struct Gets {
    /// Policy suite.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<PolicySuite>>")]
    suite: Option<Option<Ref<PolicySuite>>>,
    /// Connection schedule.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Ref<Schedule>>")]
    schedule: Option<Option<Ref<Schedule>>>,
    /// Liability.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<Word<Liability>>")]
    liability: Option<Option<Word<Liability>>>,
}

impl From<Gets> for Choices {
    fn from(gets: Gets) -> Self {
        choices(gets.suite, gets.schedule, gets.liability)
    }
}

impl Change {
    async fn into_model(self, call: &Call) -> Result<Edit, Problem> {
        let (engine, scope) = (&*call.engine, &call.scope);
        Ok(match self {
            Self::Access { edits } => Edit::Access(super::access_restrictions::into_model(edits)?),
            Self::Publish { suite } => compliance::publication(engine, scope, suite.0)?,
            Self::Terms { terms } => engine::terms::publication(engine, scope, terms.0).await?,
            Self::DefaultSuite { suite } => Edit::DefaultSuite(suite.0),
            Self::SuiteReplaced { suite, replacement } => {
                Edit::ReplaceSuite { suite: suite.0, replacement: replacement.0 }
            }
            Self::Schedule { schedule, says } => {
                Edit::Schedule { schedule: schedule.0, input: Box::new(says.into_engine()?) }
            }
            Self::DefaultSchedule { schedule } => Edit::DefaultSchedule(schedule.0),
            Self::ScheduleReplaced { schedule, replacement } => {
                Edit::ReplaceSchedule { schedule: schedule.0, replacement: replacement.0 }
            }
            Self::User { user, gets } => compliance::choices_of_user(engine, scope, user.0, gets.into())?,
            Self::Device { device, gets } => compliance::choices_of_device(device.0, gets.into()),
            Self::Assignment(assignment) => {
                let what = Box::new(what(&assignment));
                Edit::Assign { devices: meant(call, &assignment)?, what }
            }
            Self::GroupMembers { group, members } => {
                let members = members.into_iter().map(|user| user.0).collect();
                compliance::members_of_group(engine, scope, group.0, &members)?
            }
            Self::GroupSettings { group, suite, schedule, liability } => {
                compliance::settings_of_group(engine, scope, group.0, |settings| {
                    settings.suite = suite.map(|suite| suite.0);
                    settings.schedule = schedule.map(|schedule| schedule.0);
                    settings.liability = liability.map(|liability| liability.0);
                })?
            }
            Self::GroupPlace { group, place } => Edit::MoveGroup { group: group.0, place },
            Self::GroupRemoved { group } => Edit::RemoveGroup(group.0),
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
    /// Why it may lose its mail, though nobody can know beforehand; null: nothing of the kind.
    risk: Option<String>,
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
            risk: outcome.risk.map(|risk| risk.words().to_owned()),
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
    let edit = input.into_model(&call).await?;
    Ok(Json(answer(&compliance::what_if(&call.engine, &call.scope, &edit).await?, &paged)?))
}
