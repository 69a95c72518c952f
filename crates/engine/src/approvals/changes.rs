//! Changes that are held: kept as data, counted again when they are approved.

use domain::model::{
    Actor, DeviceId, Governor, HeldChange, HeldChangeId, HeldEdit, JournalEntry, OrganizationId,
};
use serde_json::json;
use store::{Tx, repo};

use super::{limits::store_limits, organization};
use crate::{Engine, Error, Result, Scope, compliance};

/// Changes that may wait at the same time: a list that somebody can still read.
const MOST: usize = 100;

/// Devices that a held change names.
const NAMED: usize = 100;

/// Holds a change; the answer for the one who made it, an [`Error::Held`]. The same change twice is held once.
///
/// # Errors
/// [`Error::Conflict`] when too many wait already, and storage errors.
pub(crate) async fn hold(
    engine: &Engine,
    scope: &Scope,
    edit: HeldEdit,
    summary: String,
    devices: &[DeviceId],
    base: i64,
) -> Result<Error> {
    let now = engine.now();
    let days = organization(engine, scope)?.read().organization.settings.governor.held_days;
    let change = HeldChange {
        id: engine.entropy.id(now),
        edit,
        summary,
        withdraws: u32::try_from(devices.len()).unwrap_or(u32::MAX),
        devices: devices.iter().copied().take(NAMED).collect(),
        base,
        held_at: now,
        expires_at: now + i64::from(days) * 86_400_000,
        ordered_by: scope.actor().clone(),
        origin: scope.origin(),
    };
    let words = format!(
        "{}: this is held until a second administrator approves it on the page Approvals. Nothing was changed yet.",
        change.summary
    );
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut governor = repo::governor::lock(tx).await?;
            if governor.held.iter().any(|held| held.edit == change.edit) {
                return Ok(());
            }
            if governor.held.len() >= MOST {
                return Err(Error::conflict(
                    "A hundred changes wait for approval already. Recall some of them first.",
                ));
            }
            tx.journal(entry("governor.change_held", &change));
            governor.held.push(change.clone());
            repo::governor::put(tx, &mut governor).await?;
            Ok(())
        })
        .await?;
    Ok(Error::Held(words))
}

fn entry(event: &'static str, change: &HeldChange) -> JournalEntry {
    let body = json!({
        "summary": change.summary, "withdraws": change.withdraws, "devices": change.devices,
        "ordered_by": change.ordered_by.to_string(), "edit": change.edit,
    });
    JournalEntry { event, subject: change.id.to_string(), body }
}

/// Takes a held change out of the list, in the unit that carries it out or ends it.
fn take(governor: &mut Governor, id: HeldChangeId) -> Result<HeldChange> {
    let at = governor.held.iter().position(|held| held.id == id).ok_or(Error::NotFound("held change"))?;
    Ok(governor.held.remove(at))
}

/// Ends a held change in a unit.
pub(crate) async fn end(tx: &mut Tx, id: HeldChangeId, event: &'static str) -> Result<HeldChange> {
    let mut governor = repo::governor::lock(tx).await?;
    let change = take(&mut governor, id)?;
    repo::governor::put(tx, &mut governor).await?;
    tx.journal(entry(event, &change));
    Ok(change)
}

/// Carries an approved change out, if what it changes is still what it was counted against; else it is counted anew
/// and must be looked at again.
pub(super) async fn approve(engine: &Engine, scope: &Scope, id: HeldChangeId) -> Result<()> {
    let org = organization(engine, scope)?;
    let held = org.read().governor.held.iter().find(|held| held.id == id).cloned();
    let held = held.ok_or(Error::NotFound("held change"))?;
    match held.edit {
        HeldEdit::Limits(new) => {
            let organization = scope.organization();
            let write = engine.store.write(organization, scope.actor().clone(), async move |tx| {
                end(tx, id, "governor.change_approved").await?;
                store_limits(tx, organization, &new).await
            });
            write.await
        }
        HeldEdit::Access(edits) => {
            let edits: Vec<compliance::AccessEdit> =
                serde_json::from_value(edits).map_err(Error::internal)?;
            let base = org.read().access.rev;
            if base != held.base {
                let devices = compliance::withdrawn(engine, scope.organization(), &edits).await?;
                recount(engine, scope, id, &devices, base).await?;
                return Err(Error::conflict(format!(
                    "Access settings were changed meanwhile. Counted anew, it would withdraw something from {} devices. \
                     Look at it again, and approve it once more.",
                    devices.len()
                )));
            }
            compliance::carry_out_held(engine, scope, edits, id, base).await
        }
    }
}

async fn recount(
    engine: &Engine,
    scope: &Scope,
    id: HeldChangeId,
    devices: &[DeviceId],
    base: i64,
) -> Result<()> {
    let (count, named) = (devices.len(), devices.iter().copied().take(NAMED).collect::<Vec<_>>());
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut governor = repo::governor::lock(tx).await?;
            let held = governor.held.iter_mut().find(|held| held.id == id);
            let held = held.ok_or(Error::NotFound("held change"))?;
            held.withdraws = u32::try_from(count).unwrap_or(u32::MAX);
            held.devices.clone_from(&named);
            held.base = base;
            tx.journal(entry("governor.change_counted_anew", held));
            repo::governor::put(tx, &mut governor).await?;
            Ok::<_, Error>(())
        })
        .await
}

/// Recalls a held change.
pub(super) async fn recall(engine: &Engine, scope: &Scope, id: HeldChangeId) -> Result<()> {
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            end(tx, id, "governor.change_recalled").await.map(drop)
        })
        .await
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
        let ended = engine.store.write(organization, Actor::System, async move |tx| {
            end(tx, id, "governor.change_expired").await.map(drop)
        });
        match ended.await {
            Ok(()) | Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
