//! The end of a rule's ladder: a command that is ordered when a violation lasts too long.
//!
//! Devices stand in the index by the time at which their next remediation is due, so nothing is searched for. The
//! order passes the same door as everybody's, limit included; the finding keeps that it was ordered, in the same unit,
//! so that it happens once however often this runs and on however many nodes.

use catalog::RuleId;
use domain::Millis;
use domain::model::{Actor, Device, DeviceId, JournalEntry, OrganizationId};
use serde_json::json;
use store::Tx;

use crate::settle::change_device;
use crate::{Engine, Error, Result, commands};

/// Orders what is due, and answers how many orders that were. One device does not keep the others from it.
pub(super) async fn remediate(engine: &Engine) -> Result<usize> {
    let mut outcome = Ok(());
    let mut ordered = 0;
    for (organization, device) in engine.directory.remediations_due(engine.now()) {
        match remediate_one(engine, organization, device).await {
            Ok(count) => ordered += count,
            // Removed meanwhile, or changed by somebody else; it is due again if it still is.
            Err(Error::NotFound(_)) => {}
            Err(Error::Busy(seconds)) => return Err(Error::Busy(seconds)),
            Err(error) => outcome = Err(error),
        }
    }
    outcome.map(|()| ordered)
}

async fn remediate_one(engine: &Engine, organization: OrganizationId, id: DeviceId) -> Result<usize> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(0) };
    let device = org.read().devices.get(id).cloned().ok_or(Error::NotFound("device"))?;
    let Some((rule, due)) = device.verdict.remediation() else { return Ok(0) };
    let found = device.verdict.finding(rule).map(|f| f.finding.detail.clone()).unwrap_or_default();
    match commands::order_by_rule(engine, &device, rule, due.command, &found).await {
        Ok(_) => Ok(1),
        // The verdict in memory was older than the one stored: nothing is due any more.
        Err(Error::NotFound("remediation")) => Ok(0),
        Err(Error::Conflict(why)) => {
            let give_up = move |device: &mut Device| Ok(impossible(device, rule, &why));
            change_device(engine, organization, Actor::System, id, give_up).await.map(|_| 0)
        }
        Err(error) => Err(error),
    }
}

/// Inside the unit that orders: the remediation must still be due for the device as stored, and it is marked as
/// ordered.
pub(crate) fn mark(tx: &mut Tx, device: &mut Device, rule: RuleId, kind: catalog::CommandKind) -> Result<()> {
    let now = tx.now();
    let finding = device.verdict.findings.iter_mut().find(|f| f.rule == rule);
    let due = finding.and_then(|f| f.remediation.as_mut());
    let due = due.filter(|due| due.ordered_at.is_none() && due.at <= now && due.command == kind);
    let Some(due) = due else { return Err(Error::NotFound("remediation")) };
    due.ordered_at = Some(now);
    let body = json!({ "rule": rule, "command": kind, "due_at": due.at });
    tx.journal(JournalEntry {
        event: "restriction.remediation_ordered",
        subject: device.id.to_string(),
        body,
    });
    Ok(())
}

/// What cannot be ordered is not tried again and again; the journal says why.
fn impossible(device: &mut Device, rule: RuleId, why: &str) -> Option<JournalEntry> {
    let at: Millis = device.verdict.at;
    let subject = device.id.to_string();
    let finding = device.verdict.findings.iter_mut().find(|f| f.rule == rule)?;
    let due = finding.remediation.as_mut().filter(|due| due.ordered_at.is_none())?;
    due.ordered_at = Some(at.max(due.at));
    let body = json!({ "rule": rule, "command": due.command, "reason": why });
    Some(JournalEntry { event: "restriction.remediation_impossible", subject, body })
}
