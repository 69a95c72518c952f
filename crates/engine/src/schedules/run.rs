//! The scheduler at work: every second it calls who is due, no more than a set number of devices.

use std::collections::HashMap;
use std::sync::Arc;

use domain::Millis;
use domain::model::{Actor, Device, DeviceId, Organization, OrganizationId};
use store::{lease, repo};

use super::plan::{Plan, expected, heard};
use super::queue::Judged;
use crate::{Engine, Error, OrgIndex, Result};

/// Devices worked out under one lock of their organization.
const STEP: usize = 256;
/// Calls are spread over a tenth of the interval, at most over this.
const WINDOW: Millis = 60_000;
/// Who calls for the whole installation, and for how long it stays so without a word.
const LEASE: (&str, Millis) = ("schedules", 30_000);

/// A device is due and was not heard of.
#[derive(Debug, Clone)]
pub struct Due {
    /// The device.
    pub device: Arc<Device>,
    /// What waits for it may be pushed: its schedule asks for direct push now.
    pub pushed: bool,
    /// This node calls for the whole installation: who reaches devices through a service (and not over a connection
    /// that this node holds) calls only then.
    pub leads: bool,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// A connection of the device is open: it is in contact.
    Connected,
    /// It was called by a service and may come.
    Called,
    /// There is no way to call it from here.
    NotReachable,
}

/// Told of every device that is due. Must be quick; work goes elsewhere.
pub type OnDue = Arc<dyn Fn(&Due) -> Reach + Send + Sync>;

/// Hangs a platform in.
pub fn on_due(engine: &Engine, listener: OnDue) {
    engine.on_due.write().push(listener);
}

/// Sets how many devices are called to a second, at least one; 100 unless set.
pub fn set_rate(engine: &Engine, calls: u32) {
    engine.check_ins.set_rate(calls);
}

/// Calls who is due. Returns how many devices were called.
///
/// # Errors
/// Storage errors, where several nodes tell each other through it whom they heard of.
pub async fn tick(engine: &Engine) -> Result<usize> {
    let now = engine.now();
    let (allowed, set_back) = engine.check_ins.allowance(now);
    if set_back {
        for organization in engine.directory.organizations() {
            engine.check_ins.note_all(organization.id);
        }
    }
    settle_changed(engine, now).await;
    let judge = |organization, device| judge_called(engine, organization, device, now);
    let mut due = engine.check_ins.due(now, allowed, judge);
    if !engine.is_alone() && !due.is_empty() {
        // The others may have heard of them; what they flushed moves the next call.
        learn(engine, &due).await?;
        due.retain(|(organization, device)| matches!(judge(*organization, *device), Judged::Now { .. }));
    }
    for (organization, device) in &due {
        call(engine, *organization, *device, now);
    }
    Ok(due.len())
}

/// Works out anew what a change may have moved.
async fn settle_changed(engine: &Engine, now: Millis) {
    let changed = engine.check_ins.take_changed();
    let mut wanted: HashMap<OrganizationId, Vec<Arc<Device>>> = HashMap::new();
    for id in &changed.organizations {
        if let Some(org) = engine.directory.organization(*id) {
            wanted.insert(*id, org.read().devices.iter().cloned().collect());
        }
    }
    let fresh = |id: &OrganizationId| !changed.organizations.contains(id);
    for (id, user) in changed.users.iter().filter(|(id, _)| fresh(id)) {
        if let Some(org) = engine.directory.organization(*id) {
            wanted.entry(*id).or_default().extend(org.read().devices.of_user(*user).into_iter().cloned());
        }
    }
    for (id, device) in changed.devices.iter().filter(|(id, _)| fresh(id)) {
        if let Some(org) = engine.directory.organization(*id) {
            wanted.entry(*id).or_default().extend(org.read().devices.get(*device).cloned());
        }
    }
    for (id, devices) in wanted {
        let Some(org) = engine.directory.organization(id) else { continue };
        for chunk in devices.chunks(STEP) {
            {
                let org = org.read();
                for device in chunk {
                    engine.check_ins.settle(id, device.id, judge(engine, &org, device, now), now);
                }
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Judges a device whose time has come.
fn judge_called(engine: &Engine, organization: OrganizationId, id: DeviceId, now: Millis) -> Judged {
    let Some(org) = engine.directory.organization(organization) else { return Judged::Never };
    let org = org.read();
    let Some(device) = org.devices.get(id) else { return Judged::Never };
    match judge(engine, &org, device, now) {
        // Its contact lies ahead of a clock that was set back: then only its place in the queue counts.
        Judged::Later { due, window, after_contact: false } => Judged::Now { next: Some((due, window)) },
        judged => judged,
    }
}

/// Judges a device by its last contact; one that lies in the future counts as now.
fn judge(engine: &Engine, org: &OrgIndex, device: &Device, now: Millis) -> Judged {
    let Some(plan) = expected(device).then(|| Plan::of(org, device)).flatten() else { return Judged::Never };
    let course = plan.course();
    let contact = heard(engine, device, now);
    let last = contact.unwrap_or(now);
    let with_window = |due| (due, course.interval(due).map_or(0, |interval| interval / 10).min(WINDOW));
    match course.nth_due(last, 1).map(with_window) {
        None => Judged::Never,
        Some((due, window)) if due > now => Judged::Later { due, window, after_contact: contact.is_some() },
        Some(_) => Judged::Now { next: course.next_due(last, now).map(with_window) },
    }
}

/// Brings in what other nodes heard of these devices.
async fn learn(engine: &Engine, due: &[(OrganizationId, DeviceId)]) -> Result<()> {
    let mut by_organization: HashMap<OrganizationId, Vec<DeviceId>> = HashMap::new();
    for (organization, device) in due {
        by_organization.entry(*organization).or_default().push(*device);
    }
    for (organization, devices) in by_organization {
        let heard = engine
            .store
            .read(organization, async move |tx| {
                let mut heard = Vec::with_capacity(devices.len());
                for device in &devices {
                    heard.extend(repo::presence::get(tx, *device).await?.map(|at| (*device, at)));
                }
                Ok::<_, Error>(heard)
            })
            .await?;
        for (device, at) in heard {
            engine.presence.loaded(device, at);
        }
    }
    Ok(())
}

fn call(engine: &Engine, organization: OrganizationId, id: DeviceId, now: Millis) {
    let Some(org) = engine.directory.organization(organization) else { return };
    let (device, pushed) = {
        let org = org.read();
        let Some(device) = org.devices.get(id).cloned() else { return };
        let pushed = super::pushes(&org, &device, now);
        (device, pushed)
    };
    let due = Due { device, pushed, leads: engine.is_alone() || engine.check_ins.leads() };
    let listeners = engine.on_due.read().clone();
    // Every listener is told: one that holds a connection may have something to deliver over it.
    let reached: Vec<_> = listeners.iter().map(|listener| listener(&due)).collect();
    if reached.contains(&Reach::Connected) {
        engine.presence.seen(organization, id, now);
        engine.check_ins.note(organization, &domain::Change::Device(due.device));
    }
}

/// Stores the queue, on the node that calls for all. Called every few seconds and at shutdown.
///
/// # Errors
/// Storage errors; what could not be stored is stored the next time.
pub async fn flush(engine: &Engine) -> Result<()> {
    let holder = engine.node.clone();
    let leads = engine
        .store
        .write(Organization::SYSTEM, Actor::System, async move |tx| {
            Ok::<_, Error>(lease::acquire(tx, LEASE.0, &holder, LEASE.1).await?)
        })
        .await?;
    engine.check_ins.set_leads(leads);
    let unsaved = engine.check_ins.take_unsaved();
    if !leads {
        return Ok(());
    }
    let mut outcome = Ok(());
    for (organization, rows) in unsaved {
        let kept = rows.clone();
        let written = engine
            .store
            .write(organization, Actor::System, async move |tx| {
                repo::check_ins::flush(tx, &rows).await?;
                Ok::<_, Error>(())
            })
            .await;
        if let Err(error) = written {
            engine.check_ins.put_back(organization, kept);
            outcome = Err(error);
        }
    }
    outcome
}

/// A call as it was stored.
pub(crate) fn restore(engine: &Engine, organization: OrganizationId, device: DeviceId, at: Millis) {
    engine.check_ins.restore(organization, device, at, engine.now());
}
