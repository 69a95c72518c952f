//! Changing a device: every write of a device goes through here, so that facts of the server and the verdict are
//! always those that follow from what is stored.

use std::collections::HashMap;
use std::sync::Arc;

use catalog::{FactValue, KnownFact, Liability, RuleId, Source};
use domain::Millis;
use domain::compliance::{Input, Observed, Subject, evaluate, refresh_server_facts, rule_config};
use domain::model::{
    AccessConfig, Actor, Device, DeviceId, GroupId, JournalEntry, OrganizationId, UserState, Verdict,
    VerdictRecord,
};
use store::{Tx, repo};

use crate::compliance::changes;
use crate::policy::Document;
use crate::schedules::Plan;
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
            Ok::<_, Error>(Arc::new(store_settled(tx, &org, &before, device).await?))
        })
        .await
}

/// Settles devices in one unit and stores those of which there is news. What the index knows is not read again: only
/// the revision tells whether it is still what is stored. Devices that are gone are passed over.
pub(crate) async fn settle_many(
    engine: &Engine,
    organization: OrganizationId,
    ids: Vec<DeviceId>,
) -> Result<()> {
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let heard: HashMap<DeviceId, Option<Millis>> =
        ids.iter().map(|id| (*id, engine.presence.last(*id))).collect();
    engine
        .store
        .write(organization, Actor::System, async move |tx| {
            for stored in repo::devices::standing(tx, &ids).await? {
                let known = org.read().devices.get(stored.id).filter(|d| d.rev == stored.rev).cloned();
                let before = match known {
                    Some(known) => known,
                    None => match repo::devices::get(tx, stored.id).await? {
                        Some(device) => Arc::new(device),
                        None => continue,
                    },
                };
                let mut device = Device::clone(&before);
                let last = heard.get(&stored.id).copied().flatten().max(stored.last_contact_at);
                device.last_contact_at = device.last_contact_at.max(last);
                store_settled(tx, &org, &before, device).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// Settles a device and stores it, unless another node has settled it a moment ago or it says what was said before.
/// Answers the device as it is stored now.
async fn store_settled(tx: &mut Tx, org: &OrgLock, before: &Device, mut device: Device) -> Result<Device> {
    let kept = settle_in(tx, org, &mut device);
    if is_news(before, &mut device) {
        repo::devices::put(tx, &mut device).await?;
        keep(tx, &before.verdict, kept).await?;
    }
    Ok(device)
}

/// Settles and stores a device inside a unit; a change of what it may reach is journaled with its evidence.
pub(crate) async fn settle_and_put(tx: &mut Tx, org: &OrgLock, device: &mut Device) -> Result<()> {
    let before = device.verdict.clone();
    let kept = settle_in(tx, org, device);
    repo::devices::put(tx, device).await?;
    keep(tx, &before, kept).await
}

/// Settles a device and journals what began, ended, opened or closed. Answers what is to be kept of its verdict.
fn settle_in(tx: &mut Tx, org: &OrgLock, device: &mut Device) -> Option<VerdictRecord> {
    let before = std::mem::take(&mut device.verdict);
    // The lock is held for the computation only, never while the database works.
    let enabled = {
        let org = org.read();
        device.verdict = settle(&org, device, &before, tx.now());
        org.organization.enabled
    };
    for entry in changes::entries(&before, device, enabled) {
        tx.journal(entry);
    }
    changes::is_worth_keeping(&before, device).then(|| VerdictRecord::of(device))
}

/// Keeps a verdict that is different from the one before, once its device is stored.
async fn keep(tx: &mut Tx, before: &Verdict, record: Option<VerdictRecord>) -> Result<()> {
    let Some(record) = record else { return Ok(()) };
    if before.at > record.at {
        // The clock was set back: what was kept of a time that is still to come would hide what is true by then.
        repo::verdicts::forget_after(tx, record.device, record.at).await?;
    }
    Ok(repo::verdicts::put(tx, &record).await?)
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

/// What a verdict depends on besides the device: the settings, and what its user and groups give it.
pub(crate) struct Around<'a> {
    /// Rules, ticks and exceptions.
    pub config: &'a AccessConfig,
    /// The document that the device should have.
    pub wanted: Arc<Document>,
    /// The groups of its user, the most important one first.
    pub groups: Vec<GroupId>,
    /// When too many check-ins of its schedule were missed; `None` while nobody counts them.
    pub check_in_limit: Option<Millis>,
    /// The liability that counts.
    pub liability: Option<Liability>,
    /// Its user is disabled.
    pub user_disabled: bool,
    /// Its user has accepted the terms of use; `None`: need not.
    pub terms_accepted: Option<bool>,
    /// Name of the site where it was last seen.
    pub site: Option<String>,
}

impl<'a> Around<'a> {
    /// As it is now, with these access settings.
    pub fn now(org: &OrgIndex, config: &'a AccessConfig, device: &Device) -> Self {
        let user = org.user(device.user);
        let liability = user.map(|user| crate::assignment::liability_of(org, user, Some(device)).value);
        Around {
            config,
            wanted: crate::policy::document_for(org, device, device.eas().map_or("", |c| &c.eas.version)),
            groups: user.map(|user| org.ranked_groups(user)).unwrap_or_default(),
            check_in_limit: crate::schedules::check_in_limit(config, device, || Plan::of(org, device)),
            liability,
            user_disabled: user.is_some_and(|user| user.state == UserState::Disabled),
            terms_accepted: user
                .zip(liability)
                .and_then(|(user, liability)| org.organization.terms.as_ref()?.accepted_by(user, liability)),
            site: crate::groups::site_name(org, device),
        }
    }
}

/// Writes the server's own facts and computes the verdict.
pub(crate) fn settle(org: &OrgIndex, device: &mut Device, before: &Verdict, now: Millis) -> Verdict {
    let around = Around::now(org, &org.access, device);
    settle_with(around, device, before, now)
}

/// The same under other circumstances than those in force.
pub(crate) fn settle_with(around: Around<'_>, device: &mut Device, before: &Verdict, now: Millis) -> Verdict {
    let Around { config, wanted, groups, check_in_limit, liability, user_disabled, terms_accepted, site } =
        around;
    let observed = Observed {
        check_in_limit,
        wanted_digest: &wanted.digest,
        last_contact: None,
        auth_failures: u32::try_from(device.facts.int("auth_failures").unwrap_or(0)).unwrap_or(0),
        auth_failing_since: device.facts.int("auth_failing_since"),
        failure_window: catalog::auth_failure_window(
            &rule_config(config, RuleId::AuthFailures.entry()).params,
        ),
        user_disabled,
        liability,
        terms_accepted,
        site: site.as_deref(),
    };
    refresh_server_facts(device, &observed, now);
    let subject = Subject::new(device, groups);
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
