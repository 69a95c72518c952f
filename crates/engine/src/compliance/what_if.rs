//! What if: the devices that would lose or regain something if a change were made, before it is made.
//!
//! The same functions that settle devices are asked, with the settings as they would be; nothing is stored.

use catalog::{Permission, Target, TargetSet};
use domain::Millis;
use domain::model::{Device, DeviceId, DueRemediation, OrganizationId, Verdict};

use super::imagined::{Imagined, Proposal};
use crate::settle::settle_with;
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// What would become of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The device.
    pub device: DeviceId,
    /// What it would lose at once.
    pub loses: TargetSet,
    /// What it would get back at once.
    pub regains: TargetSet,
    /// What it would lose later if nothing else changes, and when; `None` if that is as it is now.
    pub coming: Option<(Millis, TargetSet)>,
    /// What would be ordered, and when, that is not planned now.
    pub remediation: Option<DueRemediation>,
}

/// What a change would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Devices for which something would be different, in the order of their ids.
    pub outcomes: Vec<Outcome>,
    /// Devices that were looked at.
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
    /// Devices that would lose mail or network at once: what a limit on changes counts.
    pub fn cut_off(&self) -> usize {
        self.outcomes.iter().filter(|o| !o.loses.is_empty()).count()
    }
}

/// Devices looked at under one lock.
const STEP: usize = 256;

/// Computes what a change would do to every device of the organization. Others get their turn meanwhile.
///
/// # Errors
/// As the use case that would make the change: [`Error::Invalid`], [`Error::NotFound`], [`Error::Denied`].
pub async fn what_if(engine: &Engine, scope: &Scope, proposal: &Proposal) -> Result<WhatIf> {
    scope.require(Permission::ComplianceView)?;
    imagine(engine, scope.organization(), proposal).await
}

/// The same for the limit on changes, which asks for everybody.
pub(super) async fn imagine(
    engine: &Engine,
    organization: OrganizationId,
    proposal: &Proposal,
) -> Result<WhatIf> {
    let lock = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let (imagined, devices) = {
        let org = lock.read();
        (Imagined::from(&org, proposal)?, org.devices.iter().cloned().collect::<Vec<_>>())
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
    Ok(WhatIf { outcomes, looked_at: devices.len() })
}

impl Imagined {
    /// How one device would stand; `None` if as it stands now.
    fn outcome(&self, engine: &Engine, org: &OrgIndex, device: &Device, now: Millis) -> Option<Outcome> {
        let mut copy = device.clone();
        copy.last_contact_at = copy.last_contact_at.max(engine.presence.last(device.id));
        let is = &device.verdict;
        let around = self.around(org, &copy);
        let would = settle_with(org, around, &mut copy, is, now);
        let (before, after) = (is.closed_targets().carried(), would.closed_targets().carried());
        let coming = |v: &Verdict| v.announced().map(|(f, targets)| (f.restricts_at, targets));
        let planned = |v: &Verdict| v.remediation().map(|(_, due)| due);
        let outcome = Outcome {
            device: device.id,
            loses: after.minus(before),
            regains: before.minus(after),
            coming: coming(&would).filter(|next| coming(is).as_ref() != Some(next)),
            remediation: planned(&would).filter(|due| planned(is).as_ref() != Some(due)),
        };
        let nothing = outcome.loses.is_empty()
            && outcome.regains.is_empty()
            && outcome.coming.is_none()
            && outcome.remediation.is_none();
        (!nothing).then_some(outcome)
    }
}
