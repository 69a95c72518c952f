//! What if: the devices that would lose or regain something if a change were made, before it is made.
//!
//! The same functions that settle devices are asked, with the settings as they would be; nothing is stored.

use catalog::{Permission, Target, TargetSet};
use domain::Millis;
use domain::compliance::stopped;
use domain::model::{Device, DeviceId, DeviceState, DueRemediation, Verdict};

use super::imagined::Imagined;
use super::proposal;
use super::risk::Risk;
use crate::approvals::Edit;
use crate::settle::settle_with;
use crate::{Engine, Error, OrgIndex, OrgLock, Result, Scope};

/// What would become of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The device.
    pub device: DeviceId,
    /// It is enrolled: one that is not has nothing to lose.
    pub is_served: bool,
    /// What it would lose at once.
    pub loses: TargetSet,
    /// What it would get back at once.
    pub regains: TargetSet,
    /// What it would lose later if nothing else changes, and when; `None` if that is as it is now.
    pub coming: Option<(Millis, TargetSet)>,
    /// What would be ordered, and when, that is not planned now.
    pub remediation: Option<DueRemediation>,
    /// Why it may lose its mail though nothing takes it for certain.
    pub risk: Option<Risk>,
}

/// What a change would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Devices for which something would be different, in the order of their ids.
    pub outcomes: Vec<Outcome>,
    /// Devices that there are; those that the change cannot concern are known to stay as they are.
    pub looked_at: usize,
}

impl WhatIf {
    /// How many devices would lose a target.
    pub fn losing(&self, target: Target) -> usize {
        self.outcomes.iter().filter(|o| o.loses.contains(target)).count()
    }
    /// How many devices would get a target back.
    pub fn regaining(&self, target: Target) -> usize {
        self.outcomes.iter().filter(|o| o.regains.contains(target)).count()
    }
    /// Devices that would lose mail or network at once.
    pub fn cut_off(&self) -> usize {
        self.outcomes.iter().filter(|o| !o.loses.is_empty()).count()
    }
    /// What the limit on changes counts: devices that would lose mail or network now or within a day, or may lose their
    /// mail. A short grace must not lead around the limit, and a long one leaves time to step in.
    pub fn withdrawn(&self, now: Millis) -> impl Iterator<Item = &Outcome> {
        let soon = move |(at, _): &(Millis, TargetSet)| *at < now + SOON;
        let loses =
            move |o: &Outcome| !o.loses.is_empty() || o.risk.is_some() || o.coming.as_ref().is_some_and(soon);
        self.outcomes.iter().filter(move |o| o.is_served && loses(o))
    }
}

/// A restriction that comes within this time is as good as one at once: a day.
const SOON: Millis = 86_400_000;

/// Devices looked at under one lock.
const STEP: usize = 256;

/// Computes what a change would do to every device of the organization. Others get their turn meanwhile.
///
/// # Errors
/// As the use case that would make the change: [`Error::Invalid`], [`Error::NotFound`], [`Error::Denied`].
pub async fn what_if(engine: &Engine, scope: &Scope, edit: &Edit) -> Result<WhatIf> {
    scope.require(Permission::ComplianceView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let imagined = proposal::imagine(&org.read(), edit)?;
    match imagined {
        Some(imagined) => look_at(engine, &org, &imagined).await,
        None => Ok(WhatIf { outcomes: Vec::new(), looked_at: org.read().devices.len() }),
    }
}

/// The same of anything that can be imagined.
pub(crate) async fn look_at(engine: &Engine, lock: &OrgLock, imagined: &Imagined) -> Result<WhatIf> {
    let (devices, looked_at) = {
        let org = lock.read();
        (imagined.candidates(&org), org.devices.len())
    };
    let now = engine.now();
    let mut outcomes = Vec::new();
    for chunk in devices.chunks(STEP) {
        {
            let org = lock.read();
            outcomes.extend(chunk.iter().filter_map(|device| imagined.outcome(engine, &org, device, now)));
        }
        tokio::task::yield_now().await;
    }
    outcomes.sort_by_key(|outcome| outcome.device);
    Ok(WhatIf { outcomes, looked_at })
}

impl Imagined {
    /// How one device would stand.
    pub(crate) fn verdict(&self, engine: &Engine, org: &OrgIndex, device: &Device, now: Millis) -> Verdict {
        self.settled(engine, org, device, now).1
    }

    /// One device as it would be, with its verdict.
    fn settled(&self, engine: &Engine, org: &OrgIndex, device: &Device, now: Millis) -> (Device, Verdict) {
        let mut copy = self.device(device);
        copy.last_contact_at = copy.last_contact_at.max(engine.presence.last(device.id));
        let around = self.around(org, &copy);
        let verdict = settle_with(around, &mut copy, &device.verdict, now);
        (copy, verdict)
    }

    /// What would be different for one device; `None` for nothing.
    fn outcome(&self, engine: &Engine, org: &OrgIndex, device: &Device, now: Millis) -> Option<Outcome> {
        let is = &device.verdict;
        let (copy, would) = self.settled(engine, org, device, now);
        // What something else than rules stops, no edit of rules gives or takes.
        let enabled = org.organization.enabled;
        let (before, after) =
            (stopped(device, is, enabled).carried(), stopped(&copy, &would, enabled).carried());
        let coming = |v: &Verdict| v.announced().map(|(f, targets)| (f.restricts_at, targets));
        let planned = |v: &Verdict| v.remediation().map(|(_, due)| due);
        let mail = Target::ActivesyncConnections;
        let may_lose = self.touches_mail() && !before.contains(mail) && !after.contains(mail);
        let outcome = Outcome {
            device: device.id,
            is_served: device.state == DeviceState::Enrolled,
            loses: after.minus(before),
            regains: before.minus(after),
            coming: coming(&would).filter(|next| coming(is).as_ref() != Some(next)),
            remediation: planned(&would).filter(|due| planned(is).as_ref() != Some(due)),
            risk: may_lose.then(|| self.risk(org, device)).flatten(),
        };
        let nothing = outcome.loses.is_empty()
            && outcome.regains.is_empty()
            && outcome.coming.is_none()
            && outcome.remediation.is_none()
            && outcome.risk.is_none();
        (!nothing).then_some(outcome)
    }
}
