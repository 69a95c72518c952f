//! Keeping verdicts true after changes of many devices, and while time passes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::Millis;
use domain::model::{Actor, Device, DeviceId, GroupId, OrganizationId, UserId, Verdict};
use futures_util::{StreamExt as _, stream};

use crate::settle::{change_device, settle, settle_many};
use crate::{Engine, Error, OrgIndex, OrgLock, Result};

/// Devices computed under one lock: a write that waits for the index waits for milliseconds at most.
const STEP: usize = 256;
/// Devices settled by one write: it holds the writer for about ten milliseconds.
const PER_UNIT: usize = 128;
/// Writes under way at a time, so that the writer need not wait for the next.
const IN_FLIGHT: usize = 3;

/// Whether a stored verdict still says what follows now. A look that comes too early does no harm, so a device that
/// is heard of all the time is not written for that.
fn is_true(stored: &Verdict, fresh: &Verdict) -> bool {
    let looked_at_in_time = match (stored.next_look, fresh.next_look) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(stored), Some(fresh)) => stored <= fresh,
    };
    stored.findings == fresh.findings && stored.closed == fresh.closed && looked_at_in_time
}

/// Whether the stored verdict, the state of the policy or the liability is not what follows from the present settings.
fn is_stale(engine: &Engine, org: &OrgIndex, device: &Device, now: Millis) -> bool {
    let mut copy = device.clone();
    copy.last_contact_at = copy.last_contact_at.max(engine.presence.last(device.id));
    let verdict = settle(org, &mut copy, &device.verdict, now);
    let said = |d: &Device| ["policy_state", "liability"].map(|key| d.facts.text(key).map(str::to_owned));
    !is_true(&device.verdict, &verdict) || said(&copy) != said(device)
}

/// Settles these devices, in the order in which they are stored: neighbours share pages of the database, so a batch
/// writes few of them. One that cannot be settled does not keep the others from it; its error is returned in the end.
async fn settle_all(engine: &Engine, organization: OrganizationId, mut ids: Vec<DeviceId>) -> Result<()> {
    ids.sort_unstable();
    let mut outcome = Ok(());
    let mut units = stream::iter(ids.chunks(PER_UNIT).map(<[DeviceId]>::to_vec))
        .map(|unit| async move {
            match settle_many(engine, organization, unit.clone()).await {
                Ok(()) => Ok(()),
                Err(Error::Busy(seconds)) => Err(Error::Busy(seconds)),
                Err(_) => settle_each(engine, organization, &unit).await,
            }
        })
        .buffer_unordered(IN_FLIGHT);
    while let Some(settled) = units.next().await {
        match settled {
            Ok(()) => {}
            Err(Error::Busy(seconds)) => return Err(Error::Busy(seconds)),
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

/// Settles devices one by one, after one of them kept the others from being stored.
async fn settle_each(engine: &Engine, organization: OrganizationId, ids: &[DeviceId]) -> Result<()> {
    let mut outcome = Ok(());
    for id in ids {
        match change_device(engine, organization, Actor::System, *id, |_| Ok(None)).await {
            // Removed meanwhile, or changed by somebody else, who settled it.
            Ok(_) | Err(Error::NotFound(_) | Error::Conflict(_)) => {}
            Err(Error::Busy(seconds)) => return Err(Error::Busy(seconds)),
            Err(error) => outcome = Err(error),
        }
    }
    outcome
}

/// Settles those of these devices whose verdict is not true any more.
async fn settle_stale(
    engine: &Engine,
    organization: OrganizationId,
    org: &OrgLock,
    devices: &[Arc<Device>],
) -> Result<()> {
    let mut stale = Vec::new();
    for chunk in devices.chunks(STEP) {
        {
            let (org, now) = (org.read(), engine.now());
            stale.extend(chunk.iter().filter(|d| is_stale(engine, &org, d, now)).map(|d| d.id));
        }
        tokio::task::yield_now().await;
    }
    settle_all(engine, organization, stale).await
}

/// Re-evaluates every device of an organization.
///
/// # Errors
/// Storage errors.
pub async fn reevaluate(engine: &Engine, organization: OrganizationId) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let devices: Vec<_> = org.read().devices.iter().cloned().collect();
    settle_stale(engine, organization, &org, &devices).await
}

/// Re-evaluates every device of an organization if a change asks for it, so that what the change decides is in force
/// when its author is answered. Whatever is not done here the background job does.
///
/// # Errors
/// Storage errors.
pub(crate) async fn catch_up(engine: &Engine, organization: OrganizationId) -> Result<()> {
    let Some(ticket) = engine.asked.lock().ticket(organization) else { return Ok(()) };
    reevaluate(engine, organization).await?;
    engine.asked.lock().done(organization, ticket);
    Ok(())
}

/// Re-evaluates the devices of one user.
///
/// # Errors
/// Storage errors.
pub async fn reevaluate_user(engine: &Engine, organization: OrganizationId, user: UserId) -> Result<()> {
    reevaluate_users(engine, organization, &[user]).await
}

/// Re-evaluates the devices of a group's members.
///
/// # Errors
/// Storage errors.
pub async fn reevaluate_group(engine: &Engine, organization: OrganizationId, group: GroupId) -> Result<()> {
    reevaluate_groups(engine, organization, &[group]).await
}

async fn reevaluate_groups(engine: &Engine, organization: OrganizationId, groups: &[GroupId]) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let members: BTreeSet<UserId> = {
        let org = org.read();
        groups.iter().flat_map(|group| org.members(*group)).map(|user| user.id).collect()
    };
    reevaluate_users(engine, organization, &members.into_iter().collect::<Vec<_>>()).await
}

/// Re-evaluates the devices of these users.
///
/// # Errors
/// Storage errors.
pub async fn reevaluate_users(engine: &Engine, organization: OrganizationId, users: &[UserId]) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let devices: Vec<_> = {
        let org = org.read();
        users.iter().flat_map(|user| org.devices.of_user(*user)).cloned().collect()
    };
    settle_stale(engine, organization, &org, &devices).await
}

/// The background job: what a change of settings, suites, groups or users concerns, then devices whose moment has come.
/// Returns how many devices were due.
///
/// # Errors
/// Storage errors; what was not done is still due the next time.
pub async fn tick(engine: &Engine) -> Result<usize> {
    let mut outcome = Ok(());
    let now = engine.now();
    if engine.ticked.swap(now, Ordering::Relaxed) > now {
        outcome = look_again(engine, now).await;
    }
    let asked = engine.asked.lock().take();
    for organization in asked.organizations() {
        outcome = outcome.and(catch_up(engine, organization).await);
    }
    // Groups that change their places are noted together, and have members in common: each is looked at once.
    for (organization, groups) in by_organization(asked.groups()) {
        if let Err(error) = reevaluate_groups(engine, organization, &groups).await {
            let mut asked = engine.asked.lock();
            for group in groups {
                asked.group(organization, group);
            }
            outcome = Err(error);
        }
    }
    for (organization, user) in asked.users() {
        if let Err(error) = reevaluate_user(engine, organization, user).await {
            engine.asked.lock().user(organization, user);
            outcome = Err(error);
        }
    }
    let due = engine.directory.due(engine.now());
    let count = due.len();
    for (organization, ids) in by_organization(due) {
        outcome = outcome.and(settle_all(engine, organization, ids).await);
    }
    // After the looks: what has come right by now is not remediated.
    outcome = outcome.and(super::ladder::remediate(engine).await.map(drop));
    outcome.map(|()| count)
}

/// The clock was set back: what was found at a time that is still to come may not hold yet, and nothing else would
/// look at it before that time.
async fn look_again(engine: &Engine, now: Millis) -> Result<()> {
    let mut outcome = Ok(());
    for lock in engine.directory.all() {
        let (organization, devices) = {
            let org = lock.read();
            let ahead = org.devices.iter().filter(|device| device.verdict.at > now);
            (org.organization.id, ahead.cloned().collect::<Vec<_>>())
        };
        outcome = outcome.and(settle_stale(engine, organization, &lock, &devices).await);
    }
    outcome
}

fn by_organization<T>(
    all: impl IntoIterator<Item = (OrganizationId, T)>,
) -> BTreeMap<OrganizationId, Vec<T>> {
    let mut map = BTreeMap::<OrganizationId, Vec<T>>::new();
    for (organization, id) in all {
        map.entry(organization).or_default().push(id);
    }
    map
}
