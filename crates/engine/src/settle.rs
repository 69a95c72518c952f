//! Changing a device: every write of a device goes through here, so that facts of the server and the verdict are
//! always those that follow from what is stored.

use std::sync::Arc;

use catalog::{FactValue, KnownFact, RuleId, Source, Target};
use domain::Millis;
use domain::compliance::{Input, Observed, Subject, evaluate, refresh_server_facts, rule_config};
use domain::model::{
    Access, AccessConfig, Actor, Device, DeviceId, JournalEntry, OrganizationId, UserState, Verdict,
};
use serde_json::json;
use store::{Tx, repo};

use crate::{Engine, Error, OrgIndex, OrgLock, Result};

/// Reads a device, changes it, settles it, stores it, and journals what the change says, in one unit.
/// Returns the device as stored.
pub(crate) async fn change_device<F>(
    engine: &Engine,
    organization: OrganizationId,
    actor: Actor,
    id: DeviceId,
    change: F,
) -> Result<Arc<Device>>
where
    F: Fn(&mut Device) -> Result<Option<JournalEntry>> + Send + 'static,
{
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let presence = engine.presence.last(id);
    engine
        .store
        .write(organization, actor, async move |tx| {
            let mut device = repo::devices::get(tx, id).await?.ok_or(Error::NotFound("device"))?;
            let before = device.clone();
            if let Some(entry) = change(&mut device)? {
                tx.journal(entry);
            }
            // Other nodes flush what they heard; this node may know something newer still.
            let flushed = repo::presence::get(tx, id).await?;
            device.last_contact_at = device.last_contact_at.max(presence).max(flushed);
            settle_in(tx, &org, &mut device);
            // What another node has settled a moment ago, or what was said before, is not written again.
            if is_news(&before, &mut device) {
                repo::devices::put(tx, &mut device).await?;
            }
            Ok::<_, Error>(Arc::new(device))
        })
        .await
}

/// Settles and stores a device inside a unit; a change of what it may reach is journaled with its evidence.
pub(crate) async fn settle_and_put(tx: &mut Tx, org: &OrgLock, device: &mut Device) -> Result<()> {
    settle_in(tx, org, device);
    repo::devices::put(tx, device).await?;
    Ok(())
}

/// Settles a device and journals what opened or closed.
fn settle_in(tx: &mut Tx, org: &OrgLock, device: &mut Device) {
    let before = std::mem::take(&mut device.verdict);
    // The lock is held for the computation only, never while the database works.
    device.verdict = settle(&org.read(), device, &before, tx.now());
    for entry in access_changes(&before, device) {
        tx.journal(entry);
    }
}

/// Whether anything is different, but for the time of the look, which is put back if not.
fn is_news(before: &Device, device: &mut Device) -> bool {
    let at = std::mem::replace(&mut device.verdict.at, before.verdict.at);
    let news = before != device;
    if news {
        device.verdict.at = at;
    }
    news
}

/// Writes the server's own facts and computes the verdict.
pub(crate) fn settle(org: &OrgIndex, device: &mut Device, before: &Verdict, now: Millis) -> Verdict {
    settle_with(org, &org.access, device, before, now)
}

/// The same with other access settings than those in force, for a preview.
pub(crate) fn settle_with(
    org: &OrgIndex,
    config: &AccessConfig,
    device: &mut Device,
    before: &Verdict,
    now: Millis,
) -> Verdict {
    let version = device.eas().map(|c| c.eas.version.clone()).unwrap_or_default();
    let wanted = crate::policy::document_for(org, device, &version);
    let user = org.user(device.user);
    let check_in_limit = crate::schedules::check_in_limit(org, config, device);
    let observed = Observed {
        check_in_limit,
        wanted_digest: &wanted.digest,
        last_contact: None,
        auth_failures: u32::try_from(device.facts.int("auth_failures").unwrap_or(0)).unwrap_or(0),
        auth_failing_since: device.facts.int("auth_failing_since"),
        failure_window: catalog::auth_failure_window(
            &rule_config(config, RuleId::AuthFailures.entry()).params,
        ),
        user_disabled: user.is_some_and(|user| user.state == UserState::Disabled),
        liability: user.map(|user| crate::assignment::liability_of(org, user, Some(device)).value),
    };
    refresh_server_facts(device, &observed, now);
    let subject = Subject::new(device, user.map(|user| org.ranked_groups(user)).unwrap_or_default());
    let input = Input { subject, facts: &device.facts, config, previous: before };
    evaluate(&input, now)
}

pub(crate) fn put_fact(device: &mut Device, key: &str, value: Option<FactValue>, now: Millis) {
    let Some(id) = catalog::fact(key) else { return };
    match value {
        Some(value) if device.facts.get(id).is_some_and(|known| known.value == value) => {}
        Some(value) => drop(device.facts.set(id, KnownFact { value, source: Source::Server, at: now })),
        None => drop(device.facts.forget(id)),
    }
}

/// Journal entries for targets that opened or closed.
fn access_changes(before: &Verdict, device: &Device) -> Vec<JournalEntry> {
    catalog::TARGETS
        .iter()
        .filter_map(|info| {
            let (was, is) = (before.access(info.target), device.verdict.access(info.target));
            let event = match (was, is) {
                (Access::Allowed, Access::Restricted { .. }) => "device.restricted",
                (Access::Restricted { .. }, Access::Allowed) => "device.restored",
                _ => return None,
            };
            Some(JournalEntry { event, subject: device.id.to_string(), body: evidence(device, info.target) })
        })
        .collect()
}

fn evidence(device: &Device, target: Target) -> serde_json::Value {
    let findings: Vec<_> = device
        .verdict
        .findings
        .iter()
        .map(|f| {
            let facts: serde_json::Map<_, _> = f
                .finding
                .evidence
                .iter()
                .filter_map(|key| Some((key.clone(), json!(device.facts.by_key(key)?))))
                .collect();
            json!({ "rule": f.rule, "detail": f.finding.detail, "since": f.since, "facts": facts })
        })
        .collect();
    json!({ "target": target, "access": device.verdict.access(target), "findings": findings })
}
