//! A refusal that another node may know better is confirmed once in the store before it is spoken.
//!
//! Nodes hear of each other's writes through the feed, a moment late. A phone that provisions at one node and sends
//! its next command to another must not be sent to provision again, and one that was just released or unblocked must
//! not be refused. Only refusals pay for the look; it is rationed for each device, so that one that is refused for
//! good does not make every request a database read.

use std::collections::HashMap;
use std::sync::Arc;

use domain::Change;
use domain::Millis;
use domain::gate::{Gate, RefusalReason};
use domain::model::{Device, Group, Organization, PolicySuite, User, UserId};
use parking_lot::Mutex;
use store::{Tx, repo};

use super::{GateRequest, Login, gate};
use crate::{Engine, Error, OrgIndex, Result};

/// Looks of each device in a window.
#[derive(Default)]
pub struct Confirmations(Mutex<HashMap<(UserId, String), (Millis, u32)>>);

/// Looks for one device within [`WINDOW`].
const RATION: u32 = 8;
const WINDOW: Millis = 10_000;
/// Devices remembered.
const LIMIT: usize = 20_000;

impl Confirmations {
    fn may_look(&self, user: UserId, device_id: &str, now: Millis) -> bool {
        let mut all = self.0.lock();
        if all.len() >= LIMIT {
            all.retain(|_, (since, _)| now - *since < WINDOW);
        }
        if all.len() >= LIMIT {
            return false;
        }
        let (since, looks) = all.entry((user, device_id.to_lowercase())).or_insert((now, 0));
        if now - *since >= WINDOW {
            (*since, *looks) = (now, 0);
        }
        *looks += 1;
        *looks <= RATION
    }
}

/// Decides like [`gate`], and asks the store before a refusal, a demand to provision, or an admission stands.
/// Returns the decision with the device it was made for. Without other nodes (SQLite) this is [`gate`].
///
/// A store that does not answer leaves the decision as memory made it.
pub async fn gate_confirmed(
    engine: &Engine,
    login: &Login,
    device: Option<&Arc<Device>>,
    device_id: &str,
    request: &GateRequest<'_>,
) -> (Gate, Option<Arc<Device>>) {
    let first = gate(engine, login, device.map(AsRef::as_ref), request);
    let user = match login.user.as_ref().filter(|_| others_may_know(&first)) {
        Some(user) if !engine.is_alone() => user,
        _ => return (first, device.cloned()),
    };
    if engine.confirmations.may_look(user.id, device_id, engine.now())
        && let Err(error) = catch_up(engine, user, device, device_id).await
    {
        tracing::debug!(%error, "a refusal could not be confirmed");
    }
    // Also when there was no news: the feed may have brought it to memory since `device` was taken from there.
    let device = super::find(engine, user.organization, user.id, device_id);
    (gate(engine, login, device.as_deref(), request), device)
}

/// What follows from stored state that another node may have changed a moment ago.
fn others_may_know(gate: &Gate) -> bool {
    match gate {
        Gate::Admit | Gate::NeedProvision(_) => true,
        Gate::Refuse(reason) => !matches!(
            reason,
            RefusalReason::Unauthenticated
                | RefusalReason::LegacyDevice
                | RefusalReason::Looping { .. }
                | RefusalReason::NotEnrolled
                | RefusalReason::TooManyDevices
                | RefusalReason::NoMoreDevices
        ),
        Gate::Serve | Gate::Authenticate | Gate::WipeNow { .. } => false,
    }
}

/// Everything that decides about a device, as stored.
struct Stored {
    organization: Option<Organization>,
    user: Option<User>,
    groups: Vec<Group>,
    suite: Option<PolicySuite>,
    device: Option<Device>,
}

/// Reads what decides about a device and applies what is newer than memory.
async fn catch_up(
    engine: &Engine,
    user: &Arc<User>,
    device: Option<&Arc<Device>>,
    device_id: &str,
) -> Result<()> {
    let (user_id, organization) = (user.id, user.organization);
    let known = device.map(|d| d.id);
    let external = device_id.to_lowercase();
    let stored = engine
        .store
        .read(organization, async move |tx| {
            let device = if let Some(id) = known {
                repo::devices::get(tx, id).await?
            } else {
                let kind = domain::model::ChannelKind::Activesync;
                repo::devices::by_channel(tx, user_id, kind, &external).await?
            };
            let user = repo::users::get(tx, user_id).await?;
            let organization = repo::organizations::get(tx, tx.organization()).await?;
            let groups = groups_of(tx, user.as_ref()).await?;
            let suite = suite_of(tx, organization.as_ref(), user.as_ref(), &groups, device.as_ref()).await?;
            Ok::<_, Error>(Stored { organization, user, groups, suite, device })
        })
        .await?;
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let mut news = newer(&org.read(), stored);
    if let Some(id) = known.filter(|_| news.gone) {
        news.changes.push(Change::DeviceRemoved(id));
    }
    for change in &news.changes {
        engine.apply_remote(organization, change);
    }
    Ok(())
}

async fn groups_of(tx: &mut Tx, user: Option<&User>) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    for id in user.map_or(&[][..], |user| &user.groups) {
        groups.extend(repo::groups::get(tx, *id).await?);
    }
    Ok(groups)
}

async fn suite_of(
    tx: &mut Tx,
    organization: Option<&Organization>,
    user: Option<&User>,
    groups: &[Group],
    device: Option<&Device>,
) -> Result<Option<PolicySuite>> {
    let (Some(organization), Some(user)) = (organization, user) else { return Ok(None) };
    match domain::assignment::effective_suite(device, user, groups, &organization.settings) {
        Some(assigned) => Ok(repo::suites::get(tx, assigned.value).await?),
        None => Ok(None),
    }
}

struct News {
    changes: Vec<Change>,
    gone: bool,
}

/// Only what is newer: listeners must not be woken for what everybody knows.
fn newer(org: &OrgIndex, stored: Stored) -> News {
    let mut changes = Vec::new();
    if let Some(it) = stored.organization
        && org.organization.rev < it.rev
    {
        changes.push(Change::Organization(Arc::new(it)));
    }
    if let Some(it) = stored.suite
        && org.suite(it.id).is_none_or(|known| known.rev < it.rev)
    {
        changes.push(Change::Suite(Arc::new(it)));
    }
    let newer_group = |it: &Group| org.group(it.id).is_none_or(|known| known.rev < it.rev);
    let groups = stored.groups.into_iter().filter(newer_group);
    changes.extend(groups.map(|it| Change::Group(Arc::new(it))));
    if let Some(it) = stored.user
        && org.user(it.id).is_none_or(|known| known.rev < it.rev)
    {
        changes.push(Change::User(Arc::new(it)));
    }
    let gone = stored.device.is_none();
    if let Some(it) = stored.device
        && org.devices.get(it.id).is_none_or(|known| known.rev < it.rev)
    {
        changes.push(Change::Device(Arc::new(it)));
    }
    News { changes, gone }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_rationed_for_each_device_and_bounded() {
        let looks = Confirmations::default();
        let user = |n| UserId::from_uuid(uuid::Uuid::from_u128(n));
        let granted = |now| (0..20).filter(|_| looks.may_look(user(1), "A", now)).count();
        assert_eq!(granted(0), RATION as usize);
        assert_eq!(granted(WINDOW - 1), 0);
        assert_eq!(granted(WINDOW), RATION as usize);
        assert!(looks.may_look(user(1), "B", WINDOW), "another device has its own");
        let all = (0..2 * LIMIT as u128).filter(|n| looks.may_look(user(*n), "A", WINDOW)).count();
        assert!(all < LIMIT && looks.0.lock().len() <= LIMIT);
    }
}
