//! Changes that would withdraw much at once are not made but held: kept as data, counted again when they are approved.
//!
//! Every use case that can take mail or network from devices asks here first ([`ask`]) and gets a [`Pass`] for its
//! unit, or [`Error::Held`] for its caller.

use domain::model::{Actor, DeviceId, Governor, HeldChange, HeldChangeId, JournalEntry, OrganizationId};
use serde_json::json;
use store::{Tx, repo};

use super::edit::Edit;
use super::{carry_out::carry_out, organization};
use crate::compliance;
use crate::error::HeldNotice;
use crate::governor::{self, Gauge};
use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Changes that may wait at the same time: a list that somebody can still read.
const MOST: usize = 100;

/// Devices that a held change names.
const NAMED: usize = 100;

/// A change up to this size is written to the journal as a whole, bytes; of a larger one its hash.
const JOURNALED: usize = 16_384;

/// Leave to make a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass(Leave);

#[derive(Debug, Clone, Copy)]
enum Leave {
    /// It takes nothing from anybody, or is a part of something that was asked for as a whole.
    Free,
    /// It takes something from so many devices, which the limit allows: they are counted when it is made.
    Counted(Gauge, u32),
    /// It was held and is approved.
    Approved(HeldChangeId),
}

impl Pass {
    /// For a part of something that was asked for as a whole.
    pub const PART: Pass = Pass(Leave::Free);

    /// To be called in the unit that makes the change: what was held leaves the list in that moment, once, and what the
    /// limit allows is counted.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another change has used up the limit meanwhile; asked again, this one is held.
    pub async fn take(self, tx: &mut Tx) -> Result<()> {
        match self.0 {
            Leave::Free => Ok(()),
            Leave::Counted(gauge, devices) if governor::withdraw(tx, &gauge, devices).await? => Ok(()),
            Leave::Counted(..) => Err(Error::conflict(
                "Another change took mail or network from devices at the same moment. Nothing was changed; try again.",
            )),
            Leave::Approved(id) => end(tx, id, "governor.change_approved").await,
        }
    }
    /// The same before a change that takes many units.
    pub async fn take_first(self, engine: &Engine, scope: &Scope) -> Result<()> {
        if matches!(self.0, Leave::Free) {
            return Ok(());
        }
        let write = engine
            .store
            .write(scope.organization(), scope.actor().clone(), async move |tx| self.take(tx).await);
        write.await
    }
    /// Whether a second person has approved it: the permissions of who asked were looked at then.
    pub fn is_approved(self) -> bool {
        matches!(self.0, Leave::Approved(_))
    }
}

/// Asks to make a change in the scope's organization.
///
/// # Errors
/// [`Error::Held`] when it withdraws too much, alone or with what other changes withdrew within the hour: it waits now.
/// As the use case, when the change cannot be made.
pub(crate) async fn ask(engine: &Engine, scope: &Scope, edit: Edit) -> Result<Pass> {
    ask_in(engine, scope, scope.organization(), edit).await
}

/// The same in another organization, for who may act in all of them.
pub(crate) async fn ask_in(engine: &Engine, scope: &Scope, id: OrganizationId, edit: Edit) -> Result<Pass> {
    match judge(engine, id, &edit).await? {
        Judged::Leave(leave) => Ok(Pass(leave)),
        Judged::Waits(devices) => Err(hold(engine, scope, id, &edit, &devices).await?),
    }
}

/// Whether a change would be held.
pub(crate) async fn would_wait(engine: &Engine, id: OrganizationId, edit: &Edit) -> Result<bool> {
    Ok(matches!(judge(engine, id, edit).await?, Judged::Waits(_)))
}

enum Judged {
    Leave(Leave),
    /// The devices that it takes something from.
    Waits(Vec<DeviceId>),
}

async fn judge(engine: &Engine, id: OrganizationId, edit: &Edit) -> Result<Judged> {
    let lost = withdrawn(engine, id, edit).await?;
    let many = u32::try_from(lost.len()).unwrap_or(u32::MAX);
    if many == 0 {
        return Ok(Judged::Leave(Leave::Free));
    }
    let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    let org = org.read();
    let gauge = Gauge::of(engine, &org);
    let may = governor::may_withdraw(&gauge, &org, many);
    Ok(if may { Judged::Leave(Leave::Counted(gauge, many)) } else { Judged::Waits(lost) })
}

/// The devices that a change withdraws something from.
async fn withdrawn(engine: &Engine, id: OrganizationId, edit: &Edit) -> Result<Vec<DeviceId>> {
    let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
    let imagined = edit.imagine(&org.read())?;
    let Some(imagined) = imagined else { return Ok(Vec::new()) };
    let answer = compliance::look_at(engine, &org, &imagined).await?;
    Ok(answer.withdrawn(engine.now()).map(|outcome| outcome.device).collect())
}

/// Holds a change; the answer for the one who made it, an [`Error::Held`]. The same change twice is held once.
///
/// # Errors
/// [`Error::Conflict`] when too many wait already, and storage errors.
pub(super) async fn hold(
    engine: &Engine,
    scope: &Scope,
    id: OrganizationId,
    edit: &Edit,
    devices: &[DeviceId],
) -> Result<Error> {
    let now = engine.now();
    let text = serde_json::to_string(edit).map_err(Error::internal)?;
    let (change, earlier) = {
        let org = engine.directory.organization(id).ok_or(Error::NotFound("organization"))?;
        let org = org.read();
        let change = HeldChange {
            id: engine.entropy.id(now),
            digest: digest(engine, text.as_bytes()),
            summary: edit.words(&org),
            withdraws: u32::try_from(devices.len()).unwrap_or(u32::MAX),
            devices: devices.iter().copied().take(NAMED).collect(),
            base: base(engine, &org),
            held_at: now,
            expires_at: now + i64::from(org.organization.settings.governor.held_days) * 86_400_000,
            ordered_by: scope.actor().clone(),
            origin: scope.origin(),
        };
        (change, org.governor.withdrawn_by(engine.running()))
    };
    let words = said(&change, earlier);
    let write = engine.store.write(id, scope.actor().clone(), async move |tx| {
        let mut governor = repo::governor::lock(tx).await?;
        if let Some(same) = governor.held.iter().find(|held| held.digest == change.digest) {
            return Ok(same.id);
        }
        if governor.held.len() >= MOST {
            return Err(Error::conflict(
                "A hundred changes wait for approval already. Recall some of them first.",
            ));
        }
        tx.journal(entry("governor.change_held", &change, Some(&text)));
        governor.held.push(change.clone());
        repo::governor::put(tx, &mut governor).await?;
        repo::held_changes::put(tx, change.id, &text).await?;
        Ok(change.id)
    });
    Ok(Error::Held(HeldNotice { id: write.await?, words }))
}

/// What the one who made it is told. `earlier`: devices that other changes took something from within the hour.
fn said(change: &HeldChange, earlier: u64) -> String {
    let takes = match change.withdraws {
        0 => String::new(),
        1 => ". It would take mail or network from 1 device".into(),
        many => format!(". It would take mail or network from {many} devices"),
    };
    let counts = change.withdraws > 0 && earlier > 0;
    let after = if counts { format!(", after {earlier} in the last hour") } else { String::new() };
    format!(
        "{}{takes}{after}: this is held until a second administrator approves it on the page Approvals. Nothing was \
         changed yet.",
        change.summary
    )
}

fn digest(engine: &Engine, bytes: &[u8]) -> String {
    hex::encode(engine.secret_key.keyed_hash("approvals/change", bytes))
}

/// Hash of the revisions of all settings that decide who may reach what: another one means that somebody changed
/// something since.
fn base(engine: &Engine, org: &OrgIndex) -> String {
    let mut revisions = format!("{} {}", org.organization.rev, org.access.rev);
    let mut add = |id: String, rev: i64| revisions.push_str(&format!(" {id} {rev}"));
    org.suites().iter().for_each(|suite| add(suite.id.to_string(), suite.rev));
    org.groups().iter().for_each(|group| add(group.id.to_string(), group.rev));
    org.schedules().iter().for_each(|schedule| add(schedule.id.to_string(), schedule.rev));
    digest(engine, revisions.as_bytes())
}

fn entry(event: &'static str, change: &HeldChange, edit: Option<&str>) -> JournalEntry {
    let whole = edit.filter(|text| text.len() <= JOURNALED);
    let whole = whole.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let body = json!({
        "summary": change.summary, "withdraws": change.withdraws, "devices": change.devices,
        "ordered_by": change.ordered_by.to_string(), "digest": change.digest, "edit": whole,
    });
    JournalEntry { event, subject: change.id.to_string(), body }
}

/// Takes a held change out of the list, in the unit that carries it out or ends it.
async fn end(tx: &mut Tx, id: HeldChangeId, event: &'static str) -> Result<()> {
    let mut governor = repo::governor::lock(tx).await?;
    let at = position(&governor, id)?;
    let change = governor.held.remove(at);
    repo::governor::put(tx, &mut governor).await?;
    repo::held_changes::remove(tx, id).await?;
    tx.journal(entry(event, &change, None));
    Ok(())
}

fn position(governor: &Governor, id: HeldChangeId) -> Result<usize> {
    governor.held.iter().position(|held| held.id == id).ok_or(Error::NotFound("held change"))
}

/// A held change with what is needed to make it.
pub(super) async fn read(engine: &Engine, scope: &Scope, id: HeldChangeId) -> Result<(HeldChange, Edit)> {
    let held = {
        let org = organization(engine, scope)?;
        let org = org.read();
        let at = position(&org.governor, id)?;
        org.governor.held[at].clone()
    };
    let text = engine
        .store
        .read(scope.organization(), async move |tx| {
            repo::held_changes::get(tx, id).await?.ok_or(Error::NotFound("held change"))
        })
        .await?;
    Ok((held, serde_json::from_str(&text).map_err(Error::internal)?))
}

/// Makes an approved change, if what it was counted against is still so and no more devices lose something than were
/// shown, but for as many as need no second person; else it is counted anew and must be looked at again.
pub(super) async fn approve(engine: &Engine, scope: &Scope, id: HeldChangeId) -> Result<()> {
    let (held, edit) = read(engine, scope, id).await?;
    let (base, limit) = {
        let org = organization(engine, scope)?;
        let org = org.read();
        (base(engine, &org), governor::limit(&org))
    };
    let devices = withdrawn(engine, scope.organization(), &edit).await?;
    let moved = base != held.base;
    if moved || devices.len() > held.withdraws.saturating_add(limit) as usize {
        recount(engine, scope, id, &devices, base).await?;
        let why = if moved { "Settings were changed meanwhile" } else { "More devices are concerned by now" };
        return Err(Error::conflict(format!(
            "{why}. Counted anew, it would withdraw something from {} devices. Look at it again, and approve it once \
             more.",
            devices.len()
        )));
    }
    carry_out(engine, scope, edit, Pass(Leave::Approved(id))).await
}

async fn recount(
    engine: &Engine,
    scope: &Scope,
    id: HeldChangeId,
    devices: &[DeviceId],
    base: String,
) -> Result<()> {
    let (count, named) = (devices.len(), devices.iter().copied().take(NAMED).collect::<Vec<_>>());
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut governor = repo::governor::lock(tx).await?;
            let at = position(&governor, id)?;
            let held = &mut governor.held[at];
            held.withdraws = u32::try_from(count).unwrap_or(u32::MAX);
            held.devices.clone_from(&named);
            held.base.clone_from(&base);
            tx.journal(entry("governor.change_counted_anew", held, None));
            repo::governor::put(tx, &mut governor).await?;
            Ok::<_, Error>(())
        })
        .await
}

/// Recalls a held change.
pub(super) async fn recall(engine: &Engine, scope: &Scope, id: HeldChangeId) -> Result<()> {
    let write = engine.store.write(scope.organization(), scope.actor().clone(), async move |tx| {
        end(tx, id, "governor.change_recalled").await
    });
    write.await
}

/// Ends held changes whose time is over.
///
/// # Errors
/// Storage errors.
pub(crate) async fn expire(engine: &Engine, organization: OrganizationId) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let now = engine.now();
    let due: Vec<_> = org.read().governor.held.iter().filter(|h| h.expires_at <= now).map(|h| h.id).collect();
    for id in due {
        let ended = engine
            .store
            .write(organization, Actor::System, async move |tx| end(tx, id, "governor.change_expired").await);
        match ended.await {
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
