//! Keeping the members of groups with a rule those that the rule finds, while users and devices change.
//!
//! What changed is noted as it is applied, and looked at by a background job a moment later. A change of members that
//! would withdraw too much is held like anybody's; the group stays as it is until that is decided.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use catalog::Powers;
use domain::Change;
use domain::model::{
    Actor, Device, Group, GroupId, HeldChangeId, JournalEntry, OrganizationId, Origin, UserId,
};
use serde_json::json;

use super::{members, rule};
use crate::approvals::{self, Edit};
use crate::settle::change_device;
use crate::{Engine, Error, OrgIndex, Principal, Result, Scope};

/// Users whose groups are to be looked at, and what waits for a second person.
#[derive(Default)]
pub struct Ruled {
    /// Whole organizations.
    organizations: HashSet<OrganizationId>,
    users: HashSet<(OrganizationId, UserId)>,
    waiting: HashMap<(OrganizationId, GroupId), Waiting>,
}

struct Waiting {
    change: HeldChangeId,
    moves: Vec<(UserId, bool)>,
}

impl Ruled {
    /// Everybody of an organization.
    pub(crate) fn organization(&mut self, id: OrganizationId) {
        self.organizations.insert(id);
    }
    /// Whoever a change may bring into a group or take out of it.
    pub(crate) fn note(&mut self, organization: OrganizationId, change: &Change) {
        match change {
            Change::User(user) => drop(self.users.insert((organization, user.id))),
            Change::Device(device) => drop(self.users.insert((organization, device.user))),
            Change::Group(group) if group.rule.is_some() => self.organization(organization),
            // Its own columns have values where nobody entered one. A device that is gone, or a change that was decided:
            // whom it concerns is not said.
            Change::Organization(_) | Change::DeviceRemoved(_) | Change::Governor(_) => {
                self.organization(organization);
            }
            _ => {}
        }
    }
}

/// The name of the site where a device was last seen.
pub(crate) fn site_name(org: &OrgIndex, device: &Device) -> Option<String> {
    let group = org.group(device.site?)?;
    group.site().map(|_| group.name.clone())
}

/// Takes note of the site that a device calls from; what is kept is the site, never the address.
///
/// # Errors
/// Storage errors.
pub(crate) async fn seen_at(
    engine: &Engine,
    device: &Arc<Device>,
    from: Option<IpAddr>,
) -> Result<Arc<Device>> {
    let Some(from) = from else { return Ok(Arc::clone(device)) };
    let Some(org) = engine.directory.organization(device.organization) else { return Ok(Arc::clone(device)) };
    let found = {
        let org = org.read();
        org.site_at(from).map(|site| (site, org.group(site).map(|group| group.name.clone())))
    };
    let Some((site, name)) = found.filter(|(site, _)| device.site != Some(*site)) else {
        return Ok(Arc::clone(device));
    };
    change_device(engine, device.organization, Actor::System, device.id, move |device| {
        device.site = Some(site);
        let body = json!({ "name": device.name, "site": name });
        Ok(Some(JournalEntry { event: "device.site_changed", subject: device.id.to_string(), body }))
    })
    .await
}

/// The background job: looks at whom changes concern. On one node at a time; the others keep what they noted.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn tick(engine: &Engine) -> Result<()> {
    if !crate::lease::hold(engine, "groups").await? {
        return Ok(());
    }
    let (organizations, users) = {
        let mut ruled = engine.ruled.lock();
        (std::mem::take(&mut ruled.organizations), std::mem::take(&mut ruled.users))
    };
    let mut by_organization: HashMap<OrganizationId, Option<Vec<UserId>>> =
        organizations.into_iter().map(|id| (id, None)).collect();
    for (organization, user) in users {
        if let Some(users) = by_organization.entry(organization).or_insert_with(|| Some(Vec::new())) {
            users.push(user);
        }
    }
    let mut outcome = Ok(());
    for (organization, users) in by_organization {
        if let Err(error) = look_at(engine, organization, users.as_deref()).await {
            engine.ruled.lock().organization(organization);
            outcome = Err(error);
        }
    }
    outcome
}

/// Looks at some users of an organization, or at all.
async fn look_at(engine: &Engine, organization: OrganizationId, users: Option<&[UserId]>) -> Result<()> {
    let Some(lock) = engine.directory.organization(organization) else { return Ok(()) };
    let groups: Vec<Arc<Group>> = lock.read().ruled_groups().cloned().collect();
    let scope =
        Scope::new(organization, Actor::System, Powers::all(), Origin::System, None, Principal::System);
    for group in groups {
        let Some(wanted) = &group.rule else { continue };
        let any_moves = |users: &[UserId]| {
            let org = lock.read();
            users.iter().any(|user| rule::moved(&org, group.id, wanted, *user).is_some())
        };
        // Whose move waits, or was refused, need not move any more perhaps.
        let any_waits = |users: &[UserId]| {
            let ruled = engine.ruled.lock();
            let waiting = ruled.waiting.get(&(organization, group.id));
            waiting.is_some_and(|waiting| waiting.moves.iter().any(|(user, _)| users.contains(user)))
        };
        if users.is_none_or(|users| any_moves(users) || any_waits(users)) {
            let moves = rule::moves(engine, &scope, group.id, wanted).await?;
            make(engine, &scope, group.id, moves).await?;
        }
    }
    Ok(())
}

/// Makes the moves, unless they wait for a second person, or he refused just these.
async fn make(engine: &Engine, scope: &Scope, group: GroupId, moves: Vec<(UserId, bool)>) -> Result<()> {
    let key = (scope.organization(), group);
    if moves.is_empty() {
        engine.ruled.lock().waiting.remove(&key);
        return Ok(());
    }
    if is_decided_or_waits(engine, key, &moves)? {
        return Ok(());
    }
    match approvals::ask(engine, scope, Edit::Members { group, moves: moves.clone() }).await {
        Ok(pass) => {
            members::carry_out(engine, scope, group, &moves, pass).await?;
            engine.ruled.lock().waiting.remove(&key);
            Ok(())
        }
        Err(Error::Held(notice)) => {
            engine.ruled.lock().waiting.insert(key, Waiting { change: notice.id, moves });
            Ok(())
        }
        // So many changes wait that no more are taken: this one comes with the next look.
        Err(Error::Conflict(words)) => {
            tracing::warn!(%group, %words, "the members of a group with a rule could not be changed");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn is_decided_or_waits(
    engine: &Engine,
    key: (OrganizationId, GroupId),
    moves: &[(UserId, bool)],
) -> Result<bool> {
    let org = engine.directory.organization(key.0).ok_or(Error::NotFound("organization"))?;
    let held: HashSet<HeldChangeId> = org.read().governor.held.iter().map(|change| change.id).collect();
    let ruled = engine.ruled.lock();
    Ok(ruled
        .waiting
        .get(&key)
        .is_some_and(|waiting| held.contains(&waiting.change) || waiting.moves == moves))
}
