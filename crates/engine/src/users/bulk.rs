//! The same for many users: state, suite, schedule, liability, mail server, groups.

use catalog::Permission;
use domain::model::{GroupId, JournalEntry, ServerId, User, UserId, UserState};
use serde_json::json;
use store::{Tx, repo};

use super::public;
use crate::approvals::{self, Edit, Pass};
use crate::assignment::Choices;
use crate::issues::Issues;
use crate::{Engine, Error, OrgIndex, Result, Scope, groups, policy, schedules};

/// Most users that one call may name.
pub const MOST: usize = 50_000;
/// Users written in one unit.
const STEP: usize = 250;

/// What many users get; `None` leaves it alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct UserChange {
    /// Active or disabled.
    pub state: Option<UserState>,
    /// Suite, schedule and liability of their own.
    pub choices: Choices,
    /// Mail server of their own; `Some(None)` takes it away.
    #[serde(deserialize_with = "crate::json::some_option", skip_serializing_if = "Option::is_none")]
    pub server: Option<Option<ServerId>>,
    /// Group that they join.
    pub join: Option<GroupId>,
    /// Group that they leave.
    pub leave: Option<GroupId>,
}

impl UserChange {
    /// Gives it to a user; false if the user has it already.
    pub(crate) fn give(&self, user: &mut User) -> bool {
        let before = user.clone();
        self.choices.give_user(user);
        if let Some(server) = self.server
            && user.server != server
        {
            user.server = server;
            (user.learnt_url, user.learnt_from) = (None, None);
        }
        for (group, is_in) in [(self.join, true), (self.leave, false)] {
            if let Some(group) = group {
                groups::put_in(user, group, is_in);
            }
        }
        if let Some(state) = self.state.filter(|state| *state != user.state) {
            user.state = state;
            user.credential_epoch += 1;
        }
        *user != before
    }

    fn check(&self, org: &OrgIndex) -> Result<()> {
        let mut issues = Issues::default();
        policy::check_assignable(org, "suite", self.choices.suite.flatten(), &mut issues);
        schedules::check_assignable(org, "schedule", self.choices.schedule.flatten(), &mut issues);
        issues.check(self.server.flatten().is_none_or(|id| org.server(id).is_some()), "server", || {
            "There is no such ActiveSync server.".into()
        });
        for (field, group) in [("join", self.join), ("leave", self.leave)] {
            issues.check(group.is_none_or(|id| org.group(id).is_some()), field, || {
                "There is no such group.".into()
            });
        }
        issues.check(self.join.is_none() || self.join != self.leave, "leave", || {
            "Nobody can join and leave the same group.".into()
        });
        issues.done()
    }
}

/// Users that a change would really change.
///
/// # Errors
/// [`Error::Invalid`] by field, also for a user that there is not (another organization's too).
pub fn would_change(
    engine: &Engine,
    scope: &Scope,
    users: &[UserId],
    what: &UserChange,
) -> Result<Vec<UserId>> {
    scope.require(Permission::UsersEdit)?;
    if what.join.is_some() || what.leave.is_some() {
        scope.require(Permission::GroupsEdit)?;
    }
    if users.len() > MOST {
        return Err(Error::invalid("users", format!("Name at most {MOST} users at once.")));
    }
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    what.check(&org)?;
    let mut changed = Vec::new();
    for id in users {
        let user =
            org.user(*id).ok_or_else(|| Error::invalid("users", format!("There is no such user: {id}.")))?;
        if what.give(&mut User::clone(user)) {
            changed.push(*id);
        }
    }
    changed.sort_unstable();
    changed.dedup();
    Ok(changed)
}

/// Changes many users, some hundred in a unit. Who has it already is not written again. Answers how many were changed.
///
/// # Errors
/// As [`would_change`]: nobody is changed then; [`Error::Held`] when it would withdraw something from many devices.
pub async fn change(engine: &Engine, scope: &Scope, users: &[UserId], what: &UserChange) -> Result<usize> {
    let users = would_change(engine, scope, users, what)?;
    let edit = Edit::ChangeUsers { users: users.clone(), what: Box::new(what.clone()) };
    let pass = approvals::ask(engine, scope, edit).await?;
    carry_out(engine, scope, &users, what, pass).await
}

/// Writes the change, and has the devices looked at.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    users: &[UserId],
    what: &UserChange,
    pass: Pass,
) -> Result<usize> {
    pass.take_first(engine, scope).await?;
    let mut changed = 0;
    for chunk in users.chunks(STEP) {
        let (ids, what) = (chunk.to_vec(), what.clone());
        changed += engine
            .store
            .write(scope.organization(), scope.actor().clone(), async move |tx| write(tx, &ids, &what).await)
            .await?;
        crate::compliance::reevaluate_users(engine, scope.organization(), chunk).await?;
    }
    Ok(changed)
}

async fn write(tx: &mut Tx, users: &[UserId], what: &UserChange) -> Result<usize> {
    let mut changed = 0;
    for id in users {
        // Removed meanwhile.
        let Some(old) = repo::users::get(tx, *id).await? else { continue };
        let mut user = old.clone();
        if !what.give(&mut user) {
            continue;
        }
        repo::users::put(tx, &mut user).await?;
        let event = match what.state.filter(|_| old.state != user.state) {
            Some(UserState::Active) => "user.enabled",
            Some(UserState::Disabled) => "user.disabled",
            None => "user.updated",
        };
        tx.journal(JournalEntry {
            event,
            subject: id.to_string(),
            body: json!({ "name": user.display_name, "before": public(&old), "after": public(&user) }),
        });
        changed += 1;
    }
    Ok(changed)
}
