//! What a change makes different, line by line.

use domain::model::{
    Device, DeviceId, Group, GroupId, MemberRule, Organization, PolicySuiteId, ScheduleId, SuiteValues, User,
    UserId,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::fields::{NOTHING, differences, name, shown};
use super::{Line, access};
use crate::approvals::Edit;
use crate::assignment::Choices;
use crate::devices::{Assign, DeviceEdit};
use crate::schedules::ScheduleInput;
use crate::users::{UserChange, UserInput};
use crate::{OrgIndex, groups, organizations, servers, users};

/// Names that are written out; of more only the number is said.
const NAMED: usize = 50;

impl Edit {
    /// What would be different, with what is now. What is gone by now is said so.
    pub(crate) fn lines(&self, org: &OrgIndex) -> Vec<Line> {
        let settings = &org.organization.settings;
        match self {
            Self::Limits(new) => differences(org, &json!(settings.governor), &json!(new)),
            Self::Access(edits) => access::lines(org, edits),
            Self::Publish { suite, values, note, .. } => published(org, *suite, values, note),
            Self::DefaultSuite(id) => {
                vec![Line::new(
                    "Default policy suite",
                    named(org, settings.default_suite),
                    named(org, Some(*id)),
                )]
            }
            Self::DefaultSchedule(id) => {
                let before = named(org, settings.default_schedule);
                vec![Line::new("Default connection schedule", before, named(org, Some(*id)))]
            }
            Self::ReplaceSuite { suite, replacement } => replaced(org, "Policy suite", *suite, *replacement),
            Self::ReplaceSchedule { schedule, replacement } => {
                replaced(org, "Connection schedule", *schedule, *replacement)
            }
            Self::Group { group, input } => {
                changed(org, org.group(*group), groups::public, |group: &mut Group| {
                    groups::edit::fill(group, input);
                })
            }
            Self::Members { moves, .. } => members(org, moves),
            Self::GroupRule { group, rule } => of_rule(org, *group, rule.as_deref()),
            Self::GroupsOf { user, groups } => groups_of(org, *user, groups),
            Self::MoveGroup { group, place } => moved(org, *group, *place),
            Self::RemoveGroup(id) => removed_group(org, *id),
            Self::User { user, input, groups } => {
                changed(org, org.user(*user), users::public, |user: &mut User| {
                    users::fill(user, input);
                    user.groups = groups.clone().unwrap_or_else(|| std::mem::take(&mut user.groups));
                })
            }
            Self::ImportUsers { changes, .. } => imported(org, changes),
            Self::ChangeUsers { users, what } => given(org, users, what),
            Self::Gone { disable, remove, .. } => {
                vec![Line::only("Disabled", names(org, disable)), Line::only("Removed", names(org, remove))]
            }
            Self::RemoveUser { user, with_devices } => removed_user(org, *user, *with_devices),
            Self::Order { kind, devices, note } => ordered(org, kind.entry().label, devices, note),
            Self::RemoveDevice(id) => {
                vec![Line::new("Record of the device", named(org, Some(*id)), "removed")]
            }
            Self::Device { device, edit } => of_device(org, *device, edit),
            Self::Assign { devices, what } => assigned(org, devices, what),
            Self::Terms(new) => differences(org, &json!(org.organization.terms), &json!(new)),
            Self::Settings(new) => differences(org, &json!(settings), &json!(new)),
            Self::Server { server, input } => {
                let old = org.server(*server);
                let new = old.and_then(|old| servers::filled(old, (**input).clone()).ok());
                old.zip(new).map_or_else(gone, |(old, new)| differences(org, &json!(**old), &json!(new)))
            }
            Self::Granted(edit) => {
                let mut new = Organization::clone(&org.organization);
                let granted = organizations::granted;
                match organizations::grant(&mut new, edit) {
                    Ok(()) => differences(org, &granted(&org.organization), &granted(&new)),
                    Err(why) => vec![Line::only("It cannot be made", why.to_string())],
                }
            }
            Self::Schedule { schedule, input } => org.schedule(*schedule).map_or_else(gone, |old| {
                differences(org, &json!(ScheduleInput::from(&**old)), &json!(input))
            }),
        }
    }
}

fn gone() -> Vec<Line> {
    vec![Line::only("What it changes", "is gone")]
}

/// What an id is called.
fn named<I: std::fmt::Display>(org: &OrgIndex, id: Option<I>) -> String {
    id.and_then(|id| name(org, &id.to_string())).unwrap_or_else(|| NOTHING.to_owned())
}

fn names<I: std::fmt::Display>(org: &OrgIndex, ids: &[I]) -> String {
    if ids.is_empty() {
        return NOTHING.to_owned();
    }
    let first: Vec<String> = ids.iter().take(NAMED).map(|id| named(org, Some(id))).collect();
    let more = ids.len() - first.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", first.join(", "))
}

/// An entity before and after something was entered for it.
fn changed<T: Clone>(
    org: &OrgIndex,
    old: Option<&std::sync::Arc<T>>,
    public: fn(&T) -> Value,
    fill: impl Fn(&mut T),
) -> Vec<Line> {
    old.map_or_else(gone, |old| {
        let mut new = T::clone(old);
        fill(&mut new);
        differences(org, &public(old), &public(&new))
    })
}

fn published(org: &OrgIndex, suite: PolicySuiteId, values: &SuiteValues, note: &str) -> Vec<Line> {
    let nothing = SuiteValues::default();
    let Some(suite) = org.suite(suite) else { return gone() };
    let before = suite.published.as_ref().map_or(&nothing, |revision| &revision.values);
    let each = domain::policy::diff(before, values).into_iter().map(|difference| {
        let column = difference.column.label().to_lowercase();
        Line::new(format!("{} ({column})", difference.label), difference.from, difference.to)
    });
    each.chain((!note.is_empty()).then(|| Line::only("Note", note))).collect()
}

fn replaced<I: std::fmt::Display + Copy>(org: &OrgIndex, label: &str, old: I, new: I) -> Vec<Line> {
    vec![
        Line::new(format!("{label} of whoever has it"), named(org, Some(old)), named(org, Some(new))),
        Line::new(label, named(org, Some(old)), "deleted"),
    ]
}

fn members(org: &OrgIndex, moves: &[(UserId, bool)]) -> Vec<Line> {
    let of = |is_in: bool| -> Vec<UserId> {
        moves.iter().filter(|(_, joins)| *joins == is_in).map(|(user, _)| *user).collect()
    };
    let lines = [("Join", of(true)), ("Leave", of(false))];
    let some = lines.into_iter().filter(|(_, users)| !users.is_empty());
    some.map(|(label, users)| Line::only(label, names(org, &users))).collect()
}

fn of_rule(org: &OrgIndex, id: GroupId, rule: Option<&MemberRule>) -> Vec<Line> {
    let said = |rule: Option<&MemberRule>| {
        rule.map_or_else(
            || "chosen by hand".to_owned(),
            |rule| groups::words(rule, &org.organization.columns),
        )
    };
    let before = org.group(id).and_then(|group| group.rule.as_ref());
    let mut lines = vec![Line::new("Members", said(before), said(rule))];
    lines.extend(
        rule.map(|rule| members(org, &groups::rule::imagined_moves(org, id, rule))).unwrap_or_default(),
    );
    lines
}

fn groups_of(org: &OrgIndex, user: UserId, groups: &[GroupId]) -> Vec<Line> {
    let before = org.user(user).map_or(&[][..], |user| &user.groups);
    vec![Line::new("Groups", names(org, before), names(org, groups))]
}

fn moved(org: &OrgIndex, group: GroupId, place: usize) -> Vec<Line> {
    let groups = org.groups();
    let now = groups.iter().position(|known| known.id == group).map_or(0, |at| at + 1);
    vec![Line::new("Place in the order", now.to_string(), place.clamp(1, groups.len().max(1)).to_string())]
}

fn removed_group(org: &OrgIndex, id: GroupId) -> Vec<Line> {
    let Some(group) = org.group(id) else { return gone() };
    let given = differences(org, &json!(group.settings), &json!(domain::model::GroupSettings::default()));
    let first = [
        Line::new("Group", group.name.clone(), "removed"),
        Line::only("Members", org.members(id).count().to_string()),
    ];
    first.into_iter().chain(given).collect()
}

/// Each user of a file that it changes, field by field.
fn imported(org: &OrgIndex, changes: &[(UserId, UserInput, Vec<GroupId>)]) -> Vec<Line> {
    let each = changes.iter().take(NAMED).flat_map(|(id, input, groups)| {
        let lines = changed(org, org.user(*id), users::public, |user: &mut User| {
            users::fill(user, input);
            user.groups.clone_from(groups);
        });
        let whose = named(org, Some(*id));
        lines.into_iter().map(move |line| Line { label: format!("{whose} ▸ {}", line.label), ..line })
    });
    let more = changes.len().saturating_sub(NAMED);
    each.chain((more > 0).then(|| Line::only("And", format!("{more} more users with devices")))).collect()
}

fn given(org: &OrgIndex, users: &[UserId], what: &UserChange) -> Vec<Line> {
    let mut lines = vec![Line::only("Users", names(org, users))];
    lines.extend(what.state.map(|state| Line::only("State", shown(org, &json!(state)))));
    chosen(org, "Each", what.choices, &mut lines);
    gets(org, "Each ▸ Mail server", what.server, &mut lines);
    for (label, group) in [("They join", what.join), ("They leave", what.leave)] {
        lines.extend(group.map(|group| Line::only(label, named(org, Some(group)))));
    }
    lines
}

fn removed_user(org: &OrgIndex, id: UserId, with_devices: bool) -> Vec<Line> {
    let records = if with_devices { "removed" } else { "none is managed any more" };
    vec![
        Line::new("User", named(org, Some(id)), "removed"),
        Line::new("Records of devices", org.devices.of_user(id).len().to_string(), records),
    ]
}

fn ordered(org: &OrgIndex, label: &str, devices: &[DeviceId], note: &str) -> Vec<Line> {
    let reason = (!note.is_empty()).then(|| Line::only("Reason", note));
    [Line::only(label, names(org, devices))].into_iter().chain(reason).collect()
}

fn of_device(org: &OrgIndex, id: DeviceId, edit: &DeviceEdit) -> Vec<Line> {
    let Some(old) = org.devices.get(id) else { return gone() };
    let mut new = Device::clone(old);
    edit.choices().give_device(&mut new);
    if let Some(name) = &edit.name {
        name.trim().clone_into(&mut new.name);
    }
    if let Some(macs) = &edit.macs {
        new.macs.clone_from(macs);
    }
    let public = crate::devices::edit::public;
    let mut lines = differences(org, &public(old), &public(&new));
    for (key, value) in &edit.facts {
        let Some(fact) = catalog::fact(key) else { continue };
        let before = old.facts.get(fact).map(|known| json!(known.value));
        let [before, after] =
            [before, value.as_ref().map(|value| json!(value))].map(Option::unwrap_or_default);
        lines.push(Line::new(fact.entry().label, shown(org, &before), shown(org, &after)));
    }
    lines
}

fn assigned(org: &OrgIndex, devices: &[DeviceId], what: &Assign) -> Vec<Line> {
    let mut lines = vec![Line::only("Devices", names(org, devices))];
    chosen(org, "Devices", what.device, &mut lines);
    chosen(org, "Their users", what.user, &mut lines);
    gets(org, "Their users ▸ Mail server", what.server, &mut lines);
    for (label, group) in [("Their users join", what.join), ("Their users leave", what.leave)] {
        lines.extend(group.map(|group| Line::only(label, named(org, Some(group)))));
    }
    lines
}

fn chosen(org: &OrgIndex, whose: &str, choices: Choices, lines: &mut Vec<Line>) {
    gets::<PolicySuiteId>(org, &format!("{whose} ▸ Policy suite"), choices.suite, lines);
    gets::<ScheduleId>(org, &format!("{whose} ▸ Connection schedule"), choices.schedule, lines);
    gets(org, &format!("{whose} ▸ Liability"), choices.liability, lines);
}

/// A choice, if it is made; `Some(None)` takes it away.
#[expect(clippy::option_option, reason = "left alone, taken away and given are three things")]
fn gets<T: Serialize>(org: &OrgIndex, label: &str, choice: Option<Option<T>>, lines: &mut Vec<Line>) {
    if let Some(choice) = choice {
        let words = choice.map_or_else(|| "none of their own".to_owned(), |value| shown(org, &json!(value)));
        lines.push(Line::only(label, words));
    }
}
