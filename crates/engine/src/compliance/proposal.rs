//! Edits as somebody thinks of them: made of what is stored, and checked like the use case that would carry them out.

use std::collections::BTreeSet;

use catalog::Permission;
use domain::model::{
    GroupId, GroupSettings, PolicyRevision, PolicySuite, PolicySuiteId, ScheduleId, SuiteValues, UserId,
};

use super::imagined::Imagined;
use crate::approvals::Edit;
use crate::assignment::Choices;
use crate::devices::DeviceEdit;
use crate::groups::GroupInput;
use crate::users::UserInput;
use crate::{Engine, Error, OrgIndex, OrgLock, Result, Scope};

/// The organization with an edit in force, checked; `None` for one that no device's standing depends on.
///
/// # Errors
/// [`Error::Invalid`], [`Error::NotFound`], [`Error::Conflict`].
pub(super) fn imagine(org: &OrgIndex, edit: &Edit) -> Result<Option<Imagined>> {
    check(org, edit)?;
    edit.imagine(org)
}

/// What the edit names is there, and may be given. What is entered beside it is checked where it is stored.
fn check(org: &OrgIndex, edit: &Edit) -> Result<()> {
    match edit {
        Edit::DefaultSuite(suite) => may_get(org, Choices::suite(Some(*suite))),
        Edit::ReplaceSuite { suite, replacement } => {
            org.suite(*suite).ok_or(Error::NotFound("policy suite"))?;
            may_get(org, Choices::suite(Some(*replacement)))
        }
        Edit::DefaultSchedule(schedule) => may_get(org, Choices::schedule(Some(*schedule))),
        Edit::ReplaceSchedule { schedule, replacement } => {
            may_get(org, Choices::schedule(Some(*schedule)))?;
            may_get(org, Choices::schedule(Some(*replacement)))
        }
        Edit::User { input, groups, .. } => {
            groups.iter().flatten().try_for_each(|group| has_group(org, *group))?;
            may_get(org, chosen(input.suite, input.schedule))
        }
        Edit::Device { edit, .. } => may_get(org, edit.choices()),
        Edit::Group { input, .. } => may_get(org, chosen(input.settings.suite, input.settings.schedule)),
        Edit::Members { group, moves } => {
            has_group(org, *group)?;
            has_users(org, moves.iter().map(|(user, _)| *user))
        }
        Edit::GroupRule { group, .. } => has_group(org, *group),
        Edit::GroupsOf { groups, .. } => groups.iter().try_for_each(|group| has_group(org, *group)),
        Edit::MoveGroup { place: 0, .. } => Err(Error::invalid("place", "The first place is 1.")),
        Edit::MoveGroup { group, .. } | Edit::RemoveGroup(group) => has_group(org, *group),
        Edit::Settings(settings) => may_get(org, chosen(settings.default_suite, settings.default_schedule)),
        // These are checked as they are imagined, or nothing that they name can be missing.
        Edit::Limits(_)
        | Edit::Terms(_)
        | Edit::Access(_)
        | Edit::Publish { .. }
        | Edit::Gone { .. }
        | Edit::RemoveUser { .. }
        | Edit::ImportUsers { .. }
        | Edit::ChangeUsers { .. }
        | Edit::Order { .. }
        | Edit::RemoveDevice(_)
        | Edit::Assign { .. }
        | Edit::Server { .. }
        | Edit::Granted(_)
        | Edit::Schedule { .. } => Ok(()),
    }
}

fn chosen(suite: Option<PolicySuiteId>, schedule: Option<ScheduleId>) -> Choices {
    Choices { suite: Some(suite), schedule: Some(schedule), liability: None }
}

fn has_group(org: &OrgIndex, group: GroupId) -> Result<()> {
    org.group(group).map(drop).ok_or(Error::NotFound("group"))
}

fn has_users(org: &OrgIndex, mut users: impl Iterator<Item = UserId>) -> Result<()> {
    if users.all(|user| org.user(user).is_some()) { Ok(()) } else { Err(Error::NotFound("user")) }
}

/// Devices get only what is there, and only what is published.
fn may_get(org: &OrgIndex, choices: Choices) -> Result<()> {
    if choices.schedule.flatten().is_some_and(|id| org.schedule(id).is_none()) {
        return Err(Error::NotFound("connection schedule"));
    }
    let Some(id) = choices.suite.flatten() else { return Ok(()) };
    match org.suite(id) {
        None => Err(Error::NotFound("policy suite")),
        Some(suite) if suite.published.is_none() => {
            Err(Error::conflict("Publish the suite first: devices get only what is published."))
        }
        Some(_) => Ok(()),
    }
}

fn organization(engine: &Engine, scope: &Scope) -> Result<std::sync::Arc<OrgLock>> {
    scope.require(Permission::ComplianceView)?;
    engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))
}

/// The draft of a suite is published.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub fn publication(engine: &Engine, scope: &Scope, id: PolicySuiteId) -> Result<Edit> {
    let org = organization(engine, scope)?;
    let suite = org.read().suite(id).cloned().ok_or(Error::NotFound("policy suite"))?;
    let values = Box::new(suite.draft.clone());
    Ok(Edit::Publish { suite: id, values, note: String::new(), back_to: None })
}

/// Something else is chosen for a user.
///
/// # Errors
/// As [`publication`].
pub fn choices_of_user(engine: &Engine, scope: &Scope, id: UserId, choices: Choices) -> Result<Edit> {
    let org = organization(engine, scope)?;
    let user = org.read().user(id).cloned().ok_or(Error::NotFound("user"))?;
    let mut new = domain::model::User::clone(&user);
    choices.give_user(&mut new);
    Ok(Edit::User { user: id, input: Box::new(UserInput::of(&new)), groups: None })
}

/// Something else is chosen for a device.
pub fn choices_of_device(device: domain::model::DeviceId, choices: Choices) -> Edit {
    let Choices { suite, schedule, liability } = choices;
    Edit::Device {
        device,
        edit: Box::new(DeviceEdit { liability, suite, schedule, ..DeviceEdit::default() }),
    }
}

/// The members of a group get something else.
///
/// # Errors
/// As [`publication`].
pub fn settings_of_group(
    engine: &Engine,
    scope: &Scope,
    id: GroupId,
    change: impl FnOnce(&mut GroupSettings),
) -> Result<Edit> {
    let org = organization(engine, scope)?;
    let group = org.read().group(id).cloned().ok_or(Error::NotFound("group"))?;
    let mut settings = group.settings.clone();
    change(&mut settings);
    let input = GroupInput { name: group.name.clone(), note: group.note.clone(), settings };
    Ok(Edit::Group { group: id, input: Box::new(input) })
}

/// A group gets exactly these members.
///
/// # Errors
/// As [`publication`]; [`Error::NotFound`] for an unknown user.
pub fn members_of_group(
    engine: &Engine,
    scope: &Scope,
    group: GroupId,
    members: &BTreeSet<UserId>,
) -> Result<Edit> {
    let org = organization(engine, scope)?;
    let org = org.read();
    has_group(&org, group)?;
    has_users(&org, members.iter().copied())?;
    let before: BTreeSet<UserId> = org.members(group).map(|user| user.id).collect();
    let moves = before.symmetric_difference(members).map(|user| (*user, members.contains(user)));
    Ok(Edit::Members { group, moves: moves.collect() })
}

/// A suite with these values as its next revision.
pub(crate) fn with_published(suite: &PolicySuite, values: SuiteValues) -> PolicySuite {
    let number = suite.published.as_ref().map_or(1, |revision| revision.number + 1);
    let (published_by, note) = (String::new(), String::new());
    let published = PolicyRevision { number, values, published_at: 0, published_by, note };
    PolicySuite { published: Some(published), ..suite.clone() }
}
