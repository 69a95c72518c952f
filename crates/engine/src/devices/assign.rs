//! The same suite, schedule, liability, mail server or group for many: for devices, and for the users they belong to.
//!
//! First the numbers ([`plan`]), then the change ([`assign`]); what is left alone stays, and who has it already is not
//! written again.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::Permission;
use domain::model::{DeviceId, GroupId, JournalEntry, ServerId, User, UserId};
use serde_json::json;
use store::repo;

use super::edit::public;
use super::grid::{GridQuery, all};
use crate::approvals::{self, Edit, Pass};
use crate::assignment::{Choices, Own};
use crate::issues::Issues;
use crate::settle::change_device;
use crate::{Engine, Error, OrgIndex, Result, Scope, groups, policy, schedules, users};

/// Most devices that one call may name.
pub const MOST_ASSIGNED: usize = 50_000;
/// Devices or users written at a time.
const STEP: usize = 250;

/// What is assigned; `None` leaves it alone, `Some(None)` takes their own choice away.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Assign {
    /// What the devices get of their own.
    pub device: Choices,
    /// What their users get of their own.
    pub user: Choices,
    /// Mail server of their users' own.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub server: Option<Option<ServerId>>,
    /// Group that their users join.
    pub join: Option<GroupId>,
    /// Group that their users leave.
    pub leave: Option<GroupId>,
}

/// Whom an assignment would really change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Devices that are meant.
    pub devices: usize,
    /// Users they belong to.
    pub users: usize,
    /// Devices that get something else of their own.
    pub device: Chosen<DeviceId>,
    /// Users that get something else of their own.
    pub user: Chosen<UserId>,
    /// Users that get another mail server of their own.
    pub server: Vec<UserId>,
    /// Users that join the group.
    pub join: Vec<UserId>,
    /// Users that leave the group.
    pub leave: Vec<UserId>,
}

/// Who gets another suite, connection schedule or liability of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<I> {
    /// Another policy suite.
    pub suite: Vec<I>,
    /// Another connection schedule.
    pub schedule: Vec<I>,
    /// Another liability.
    pub liability: Vec<I>,
}

impl<I> Default for Chosen<I> {
    fn default() -> Self {
        Self { suite: Vec::new(), schedule: Vec::new(), liability: Vec::new() }
    }
}

impl<I: Copy + Ord> Chosen<I> {
    fn note(&mut self, id: I, own: Own, choices: Choices) {
        let mut add = |list: fn(&mut Self) -> &mut Vec<I>, is_news: bool| {
            if is_news {
                list(self).push(id);
            }
        };
        add(|c| &mut c.suite, choices.suite.is_some_and(|new| new != own.suite));
        add(|c| &mut c.schedule, choices.schedule.is_some_and(|new| new != own.schedule));
        add(|c| &mut c.liability, choices.liability.is_some_and(|new| new != own.liability));
    }
    /// Everybody who gets something else.
    pub fn all(&self) -> BTreeSet<I> {
        self.suite.iter().chain(&self.schedule).chain(&self.liability).copied().collect()
    }
}

impl Plan {
    /// Users for whom something is different.
    pub fn changed_users(&self) -> BTreeSet<UserId> {
        let mut users = self.user.all();
        users.extend(self.server.iter().chain(&self.join).chain(&self.leave));
        users
    }
    /// Whether everybody has it already.
    pub fn is_empty(&self) -> bool {
        self.device.all().is_empty() && self.changed_users().is_empty()
    }
}

/// The devices that a query finds, whatever its page.
///
/// # Errors
/// As [`grid`](super::grid()); [`Error::Invalid`] for more than [`MOST_ASSIGNED`].
pub fn found(engine: &Engine, scope: &Scope, query: &GridQuery) -> Result<Vec<DeviceId>> {
    let rows = all(engine, scope, query)?;
    within(rows.len())?;
    Ok(rows.into_iter().map(|row| row.device.id).collect())
}

fn within(count: usize) -> Result<()> {
    if count <= MOST_ASSIGNED {
        return Ok(());
    }
    Err(Error::invalid("devices", format!("Choose at most {MOST_ASSIGNED} devices at once.")))
}

/// What an assignment would do. Nothing is written.
///
/// # Errors
/// [`Error::Invalid`] for an unknown device, suite, server or group (another organization's too), or when nothing is
/// assigned; [`Error::Denied`] without the permission for a part of it.
pub fn plan(engine: &Engine, scope: &Scope, devices: &[DeviceId], what: &Assign) -> Result<Plan> {
    authorise(scope, what)?;
    within(devices.len())?;
    planned(engine, scope, devices, what)
}

fn planned(engine: &Engine, scope: &Scope, devices: &[DeviceId], what: &Assign) -> Result<Plan> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    what.check(&org)?;
    let mut plan = Plan::default();
    let mut owners = BTreeSet::new();
    for id in devices.iter().collect::<BTreeSet<_>>() {
        let device = org.devices.get(*id);
        let device =
            device.ok_or_else(|| Error::invalid("devices", format!("There is no such device: {id}.")))?;
        plan.devices += 1;
        owners.insert(device.user);
        plan.device.note(device.id, Own::device(device), what.device);
    }
    for user in owners.iter().filter_map(|id| org.user(*id)) {
        plan.users += 1;
        plan.user.note(user.id, Own::user(user), what.user);
        let mut note = |list: fn(&mut Plan) -> &mut Vec<UserId>, is_news: bool| {
            if is_news {
                list(&mut plan).push(user.id);
            }
        };
        note(|plan| &mut plan.server, what.server.is_some_and(|server| server != user.server));
        note(|plan| &mut plan.join, what.join.is_some_and(|group| !user.groups.contains(&group)));
        note(|plan| &mut plan.leave, what.leave.is_some_and(|group| user.groups.contains(&group)));
    }
    Ok(plan)
}

fn authorise(scope: &Scope, what: &Assign) -> Result<()> {
    scope.require(Permission::DevicesView)?;
    let needed = [
        (!what.device.is_empty(), Permission::DevicesEdit),
        (!what.user.is_empty() || what.server.is_some(), Permission::UsersEdit),
        (what.join.is_some() || what.leave.is_some(), Permission::GroupsEdit),
    ];
    needed.into_iter().filter(|(asked, _)| *asked).try_for_each(|(_, permission)| scope.require(permission))
}

impl Assign {
    /// Whether everything that is given is there and goes together.
    pub(crate) fn check(&self, org: &OrgIndex) -> Result<()> {
        let mut issues = Issues::default();
        issues.check(*self != Self::default(), "assign", || "Choose what they get.".into());
        check_choices(org, "device_", self.device, &mut issues);
        check_choices(org, "user_", self.user, &mut issues);
        issues.check(self.server.flatten().is_none_or(|id| org.server(id).is_some()), "server", || {
            "There is no such ActiveSync server.".into()
        });
        for (field, group) in [("join", self.join), ("leave", self.leave)] {
            issues.check(group.is_none_or(|id| org.group(id).is_some()), field, || {
                "There is no such group.".into()
            });
        }
        issues.check(self.join.is_none() || self.join != self.leave, "leave", || {
            "Nobody can join and leave the same group at once.".into()
        });
        issues.done()
    }
}

fn check_choices(org: &OrgIndex, whose: &str, choices: Choices, issues: &mut Issues) {
    policy::check_assignable(org, &format!("{whose}suite"), choices.suite.flatten(), issues);
    schedules::check_assignable(org, &format!("{whose}schedule"), choices.schedule.flatten(), issues);
}

/// Does what [`plan`] says now; the devices that are concerned are looked at at once. Some hundred are written at a
/// time, each journaled with what was before; after an error those that were written stay so, and the same call does
/// the rest.
///
/// # Errors
/// As [`plan`]; storage errors.
pub async fn assign(engine: &Engine, scope: &Scope, devices: &[DeviceId], what: &Assign) -> Result<Plan> {
    let plan = plan(engine, scope, devices, what)?;
    let edit = Edit::Assign { devices: devices.to_vec(), what: Box::new(what.clone()) };
    let pass = if plan.is_empty() { Pass::PART } else { approvals::ask(engine, scope, edit).await? };
    carry_out(engine, scope, devices, what, pass).await
}

/// Gives them what they are to get.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    devices: &[DeviceId],
    what: &Assign,
    pass: Pass,
) -> Result<Plan> {
    let plan = planned(engine, scope, devices, what)?;
    pass.take_first(engine, scope).await?;
    give_devices(engine, scope, &Vec::from_iter(plan.device.all()), what.device).await?;
    let mut users = plan.user.all();
    users.extend(&plan.server);
    give_users(engine, scope, &Vec::from_iter(users), what).await?;
    for (group, users, is_in) in [(what.join, &plan.join, true), (what.leave, &plan.leave, false)] {
        if let Some(group) = group {
            let moves: Vec<(UserId, bool)> = users.iter().map(|user| (*user, is_in)).collect();
            groups::members::carry_out(engine, scope, group, &moves, Pass::PART).await?;
        }
    }
    Ok(plan)
}

async fn give_devices(engine: &Engine, scope: &Scope, devices: &[DeviceId], choices: Choices) -> Result<()> {
    for chunk in devices.chunks(STEP) {
        let units = chunk.iter().map(|id| {
            change_device(engine, scope.organization(), scope.actor().clone(), *id, move |device| {
                let before = public(device);
                choices.give_device(device);
                Ok(Some(JournalEntry {
                    event: "device.updated",
                    subject: device.id.to_string(),
                    body: json!({ "before": before, "after": public(device) }),
                }))
            })
        });
        for outcome in futures_util::future::join_all(units).await {
            // A device that was removed meanwhile needs nothing.
            if let Err(error) = outcome
                && !matches!(error, Error::NotFound(_))
            {
                return Err(error);
            }
        }
    }
    Ok(())
}

async fn give_users(engine: &Engine, scope: &Scope, ids: &[UserId], what: &Assign) -> Result<()> {
    for chunk in ids.chunks(STEP) {
        let (chunk, what) = (Arc::new(chunk.to_vec()), what.clone());
        let written = Arc::clone(&chunk);
        engine
            .store
            .write(scope.organization(), scope.actor().clone(), async move |tx| {
                for id in written.iter() {
                    let Some(mut user) = repo::users::get(tx, *id).await? else { continue };
                    let before = users::public(&user);
                    fill(&mut user, &what);
                    repo::users::put(tx, &mut user).await?;
                    tx.journal(JournalEntry {
                        event: "user.updated",
                        subject: id.to_string(),
                        body: json!({ "before": before, "after": users::public(&user) }),
                    });
                }
                Ok::<_, Error>(())
            })
            .await?;
        crate::compliance::reevaluate_users(engine, scope.organization(), &chunk).await?;
    }
    Ok(())
}

/// Gives a user what is chosen for users, but for the groups.
pub(crate) fn fill(user: &mut User, what: &Assign) {
    what.user.give_user(user);
    if let Some(server) = what.server.filter(|server| *server != user.server) {
        user.server = server;
        (user.learnt_url, user.learnt_from) = (None, None);
    }
}
