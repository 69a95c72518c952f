//! One held change, with what it would do now: the exact devices, and why each of them.

use catalog::{Permission, RuleId, Target, TargetSet};
use domain::Millis;
use domain::model::{Device, DeviceId, HeldChangeId, Verdict};

use super::{Held, Line, held_change, hold, organization};
use crate::compliance::{self, Outcome, Risk};
use crate::{Engine, Result, Scope};

/// A held change, looked at.
#[derive(Debug, Clone)]
pub struct Detail {
    /// What the list says of it.
    pub held: Held,
    /// What it makes different, with what is now.
    pub lines: Vec<Line>,
    /// Devices that would lose something now, in the order of their ids, from the asked one on.
    pub losing: Vec<Losing>,
    /// How many there are in all.
    pub total: usize,
    /// Why it cannot be made any more; empty: it can.
    pub impossible: String,
}

/// What one device would lose, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Losing {
    /// The device.
    pub device: DeviceId,
    /// What.
    pub targets: TargetSet,
    /// When; `None`: at once.
    pub at: Option<Millis>,
    /// The rules that close them, with what they found.
    pub because: Vec<(RuleId, String)>,
    /// Why it may lose its mail, if nothing takes it for certain.
    pub risk: Option<Risk>,
}

/// Looks at a held change: at most `most` devices behind `after`.
///
/// # Errors
/// [`Error::Denied`]; [`Error::NotFound`] also for another organization's.
pub async fn detail(
    engine: &Engine,
    scope: &Scope,
    id: HeldChangeId,
    after: Option<DeviceId>,
    most: usize,
) -> Result<Detail> {
    scope.require(Permission::DevicesView)?;
    let (change, edit) = hold::read(engine, scope, id).await?;
    let mut detail = Detail {
        held: held_change(engine, scope, &change),
        lines: edit.lines(&organization(engine, scope)?.read()),
        losing: Vec::new(),
        total: 0,
        impossible: String::new(),
    };
    let lock = organization(engine, scope)?;
    let imagined = edit.imagine(&lock.read());
    let imagined = match imagined {
        Ok(Some(imagined)) => imagined,
        Ok(None) => return Ok(detail),
        Err(why) => return Ok(Detail { impossible: why.to_string(), ..detail }),
    };
    let answer = compliance::look_at(engine, &lock, &imagined).await?;
    let (now, org) = (engine.now(), lock.read());
    detail.total = answer.withdrawn(now).count();
    let shown = answer.withdrawn(now).filter(|o| after.is_none_or(|after| o.device > after)).take(most);
    detail.losing = shown
        .filter_map(|outcome| {
            let device = org.devices.get(outcome.device)?;
            Some(losing(outcome, device, &imagined.verdict(engine, &org, device, now)))
        })
        .collect();
    Ok(detail)
}

fn losing(outcome: &Outcome, device: &Device, would: &Verdict) -> Losing {
    let (mut targets, at) = match (&outcome.coming, outcome.loses.is_empty()) {
        (Some((at, targets)), true) if outcome.risk.is_none() => (*targets, Some(*at)),
        _ => (outcome.loses, None),
    };
    if outcome.risk.is_some() {
        targets.insert(Target::ActivesyncConnections);
    }
    let closes = |closes: TargetSet| !closes.minus(closes.minus(targets)).is_empty();
    let because = would.findings.iter().filter(|finding| closes(finding.closes));
    Losing {
        device: device.id,
        targets,
        at,
        because: because.map(|finding| (finding.rule, finding.finding.detail.clone())).collect(),
        risk: outcome.risk,
    }
}
