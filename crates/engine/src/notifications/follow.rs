//! Reading the journal for notifications, and telling again.

use std::sync::Arc;

use catalog::TARGETS;
use domain::Millis;
use domain::model::{Actor, Device, DeviceId, DeviceState, JournalRow, Organization, OrganizationId};
use domain::notification::Occasion;
use futures_util::future::BoxFuture;
use store::{Tx, repo};

use super::cause::Cause;
use super::letter_of;
use crate::followers::{Batch, Cursor, Follower};
use crate::mail::{self, Letter};
use crate::{Directory, Engine, Error, OrgIndex, Result};

const HOUR: Millis = 3_600_000;
/// Devices of an organization told again in one unit.
const AT_ONCE: u32 = 200;

/// Tells users as the journal grows.
pub struct NotificationFollower;

impl Follower for NotificationFollower {
    fn name(&self) -> &'static str {
        "notifications"
    }

    // Also while users are not written to: whoever is no longer restricted must not be told again later.
    fn wants(&self, _: &Directory, _: OrganizationId, event: &str) -> bool {
        Occasion::of(event).is_some()
    }

    fn follow<'a>(&'a self, engine: &'a Arc<Engine>, batch: Batch) -> BoxFuture<'a, Result<Cursor>> {
        Box::pin(async move {
            let organization = batch.organization;
            let Some(org) = engine.directory.organization(organization) else { return Ok(Cursor::Behind) };
            let (told, again) = {
                let org = org.read();
                let repeat = i64::from(org.messaging.notifications.repeat_hours) * HOUR;
                (told(&org, &batch.entries), repeat)
            };
            let told: Arc<[_]> = told.into();
            let unit = async move |tx: &mut Tx| {
                for one in told.iter() {
                    tell(tx, one, again).await?;
                }
                batch.done(tx).await?;
                Ok::<_, Error>(())
            };
            engine.store.write(organization, Actor::System, unit).await?;
            mail::wake(engine);
            Ok(Cursor::Moved)
        })
    }
}

/// What is told of a device, with the mail if somebody reads it.
struct Told {
    device: DeviceId,
    occasion: Occasion,
    letter: Option<Letter>,
}

async fn tell(tx: &mut Tx, told: &Told, again: Millis) -> Result<()> {
    if let Some(letter) = &told.letter {
        mail::queue(tx, letter).await?;
    }
    match told.occasion {
        Occasion::Restricted if again > 0 && told.letter.is_some() => {
            let at = tx.now() + again;
            repo::notices::put(tx, told.device, at).await?;
        }
        Occasion::Restored => repo::notices::remove(tx, told.device).await?,
        Occasion::Restricted | Occasion::Announced => {}
    }
    Ok(())
}

/// One mail for each device and occasion, though several targets close at once.
fn told(org: &OrgIndex, rows: &[JournalRow]) -> Vec<Told> {
    let mut causes: Vec<(DeviceId, Cause)> = Vec::new();
    for row in rows {
        let (Some(cause), Ok(id)) = (Cause::of(row), row.subject.parse::<DeviceId>()) else { continue };
        let last = causes.iter_mut().rev().find(|(device, _)| *device == id);
        match last.filter(|(_, last)| last.occasion == cause.occasion && last.deadline == cause.deadline) {
            Some((_, last)) => last.join(cause),
            None => causes.push((id, cause)),
        }
    }
    let told = |(id, cause): (DeviceId, Cause)| {
        let device = org.devices.get(id)?;
        // Nobody is told "nothing is left to do" while another target is still closed.
        if cause.occasion == Occasion::Restored && !is_free(device) {
            return None;
        }
        let reader = Some(device).filter(|device| is_enrolled(device));
        let letter = reader.and_then(|device| letter_of(org, device, &cause));
        Some(Told { device: id, occasion: cause.occasion, letter })
    };
    causes.into_iter().filter_map(told).collect()
}

/// Everything that a device can have is open.
fn is_free(device: &Device) -> bool {
    TARGETS.iter().filter(|info| info.carried).all(|info| device.verdict.allows(info.target))
}

/// Of a phone that was wiped or left nobody needs to hear.
fn is_enrolled(device: &Device) -> bool {
    device.state == DeviceState::Enrolled
}

/// Tells those again whose access is still restricted. Safe to run twice and on several nodes.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn tick(engine: &Engine) -> Result<()> {
    let read = async |tx: &mut Tx| repo::installation::entities::with_due_notices(tx).await;
    let due = engine.store.read(Organization::SYSTEM, read).await.map_err(Error::from)?;
    for organization in due {
        tell_again(engine, organization).await?;
    }
    Ok(())
}

async fn tell_again(engine: &Engine, organization: OrganizationId) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let read = async |tx: &mut Tx| repo::notices::due(tx, AT_ONCE).await;
    let ids = engine.store.read(organization, read).await.map_err(Error::from)?;
    let (letters, repeat) = {
        let org = org.read();
        let repeat = i64::from(org.messaging.notifications.repeat_hours) * HOUR;
        let again = |id: &DeviceId| {
            let device = org.devices.get(*id).filter(|device| repeat > 0 && is_enrolled(device))?;
            letter_of(&org, device, &Cause::in_force(device)?)
        };
        let letters: Arc<[_]> = ids.iter().map(|id| (*id, again(id))).collect();
        (letters, repeat)
    };
    let unit = async move |tx: &mut Tx| {
        for (id, letter) in letters.iter() {
            // Another node may have told meanwhile.
            if !repo::notices::is_due(tx, *id).await? {
                continue;
            }
            let Some(letter) = letter else {
                repo::notices::remove(tx, *id).await?;
                continue;
            };
            mail::queue(tx, letter).await?;
            let at = tx.now() + repeat;
            repo::notices::put(tx, *id, at).await?;
        }
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::System, unit).await?;
    mail::wake(engine);
    Ok(())
}
