//! Keeping verdicts true after changes of many devices, and while time passes.

use std::sync::Arc;

use domain::Millis;
use domain::model::{Actor, Device, DeviceId, OrganizationId, UserId, Verdict};
use parking_lot::RwLock;

use crate::settle::{change_device, settle};
use crate::{Engine, Error, OrgIndex, Result};

/// Devices computed under one lock: a write that waits for the index waits for milliseconds at most.
const STEP: usize = 256;

/// Whether two verdicts say the same (when they were computed does not matter).
fn same(a: &Verdict, b: &Verdict) -> bool {
    a.findings == b.findings && a.access == b.access && a.next_look == b.next_look
}

/// Whether the stored verdict, or a fact of the server, is not what follows from the present settings.
fn is_stale(engine: &Engine, org: &OrgIndex, device: &Device, now: Millis) -> bool {
    let mut copy = device.clone();
    copy.last_contact_at = copy.last_contact_at.max(engine.presence.last(device.id));
    let verdict = settle(org, &mut copy, &device.verdict, now);
    let state = |d: &Device| d.facts.text("policy_state").map(str::to_owned);
    !same(&verdict, &device.verdict) || state(&copy) != state(device)
}

/// Settles these devices, a few hundred units in flight at a time. One that cannot be settled does not keep the
/// others from it; its error is returned in the end.
async fn settle_all(engine: &Engine, organization: OrganizationId, ids: &[DeviceId]) -> Result<()> {
    let mut outcome = Ok(());
    for chunk in ids.chunks(STEP) {
        let units =
            chunk.iter().map(|id| change_device(engine, organization, Actor::System, *id, |_| Ok(None)));
        for settled in futures_util::future::join_all(units).await {
            match settled {
                // Removed meanwhile, or changed by somebody else, who settled it.
                Ok(_) | Err(Error::NotFound(_) | Error::Conflict(_)) => {}
                Err(Error::Busy(seconds)) => return Err(Error::Busy(seconds)),
                Err(error) => outcome = Err(error),
            }
        }
    }
    outcome
}

/// Settles those of these devices whose verdict is not true any more.
async fn settle_stale(
    engine: &Engine,
    organization: OrganizationId,
    org: &RwLock<OrgIndex>,
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
    settle_all(engine, organization, &stale).await
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

/// Re-evaluates the devices of one user.
///
/// # Errors
/// Storage errors.
pub async fn reevaluate_user(engine: &Engine, organization: OrganizationId, user: UserId) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let devices: Vec<_> = org.read().devices.of_user(user).into_iter().cloned().collect();
    settle_stale(engine, organization, &org, &devices).await
}

/// Has the organization re-evaluated by the background job within a second.
pub fn reevaluate_soon(engine: &Engine, organization: OrganizationId) {
    engine.reevaluate.lock().insert(organization);
}

/// The background job: organizations that asked for it, then devices whose moment has come. Returns how many
/// devices were due.
///
/// # Errors
/// Storage errors; what was not done is still due the next time.
pub async fn tick(engine: &Engine) -> Result<usize> {
    let mut outcome = Ok(());
    let asked: Vec<_> = engine.reevaluate.lock().drain().collect();
    for organization in asked {
        if let Err(error) = reevaluate(engine, organization).await {
            reevaluate_soon(engine, organization);
            outcome = Err(error);
        }
    }
    let due = engine.directory.due(engine.now());
    let count = due.len();
    for (organization, ids) in due_by_organization(due) {
        outcome = outcome.and(settle_all(engine, organization, &ids).await);
    }
    outcome.map(|()| count)
}

fn due_by_organization(due: Vec<(OrganizationId, DeviceId)>) -> Vec<(OrganizationId, Vec<DeviceId>)> {
    let mut map = std::collections::BTreeMap::<OrganizationId, Vec<DeviceId>>::new();
    for (organization, id) in due {
        map.entry(organization).or_default().push(id);
    }
    map.into_iter().collect()
}
