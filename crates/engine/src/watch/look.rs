//! Looking at devices whose time has come.

use std::sync::Arc;

use domain::Millis;
use domain::model::{
    Actor, Device, DeviceId, DeviceState, Look, Organization, OrganizationId, WATCH_MINUTES_MAX,
};
use store::{Tx, repo};

use super::entry;
use crate::{Engine, Error, Result};

const MINUTE: Millis = 60_000;
/// Devices of an organization looked at in one unit.
const AT_ONCE: u32 = 200;
/// No look lies farther ahead, but for a clock that was set back.
const FARTHEST: Millis = (WATCH_MINUTES_MAX as Millis + 60) * MINUTE;

/// Whether contacts are expected of a device at all.
pub(super) fn is_watchable(device: &Device) -> bool {
    matches!(device.state, DeviceState::Enrolled | DeviceState::Quarantined)
}

/// Looks at every device whose time has come. Safe to run twice and on several nodes: whoever is second finds that the
/// time is another.
///
/// # Errors
/// Storage errors; what was not done is done the next time.
pub async fn tick(engine: &Engine) -> Result<()> {
    let farthest = engine.now() + FARTHEST;
    let read = async move |tx: &mut Tx| repo::installation::entities::with_due_watches(tx, farthest).await;
    let due = engine.store.read(Organization::SYSTEM, read).await.map_err(Error::from)?;
    for organization in due {
        look(engine, organization, farthest).await?;
    }
    Ok(())
}

/// A device as memory has it.
struct Known {
    id: DeviceId,
    device: Option<Arc<Device>>,
    heard: Option<Millis>,
}

async fn look(engine: &Engine, organization: OrganizationId, farthest: Millis) -> Result<()> {
    let Some(org) = engine.directory.organization(organization) else { return Ok(()) };
    let read = async move |tx: &mut Tx| repo::watch::due(tx, farthest, AT_ONCE).await;
    let ids = engine.store.read(organization, read).await.map_err(Error::from)?;
    let known: Arc<[Known]> = {
        let org = org.read();
        let known = |id: &DeviceId| Known {
            id: *id,
            device: org.devices.get(*id).cloned(),
            heard: engine.presence.last(*id),
        };
        ids.iter().map(known).collect()
    };
    let unit = async move |tx: &mut Tx| {
        for known in known.iter() {
            look_at(tx, known, farthest).await?;
        }
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::System, unit).await
}

async fn look_at(tx: &mut Tx, known: &Known, farthest: Millis) -> Result<()> {
    let now = tx.now();
    let Some(mut watched) = repo::watch::get(tx, known.id).await? else { return Ok(()) };
    // Another node may have looked meanwhile. One that is silent has no time of its own: somebody heard of it.
    let is_due = watched.due_at.is_none_or(|at| at <= now || at > farthest);
    let Some(device) = known.device.as_ref().filter(|_| is_due) else { return Ok(()) };
    if !is_watchable(device) {
        repo::watch::remove(tx, known.id).await?;
        tx.journal(entry("watch.removed", &watched, &device.name, "The device is not managed any more."));
        return Ok(());
    }
    // Other nodes flush what they heard.
    let heard = repo::presence::get(tx, known.id).await?.max(known.heard);
    match watched.look(heard, now) {
        Look::Silent => {
            let silent = now - watched.silent_since.unwrap_or(now);
            let allowed = span(watched.limit());
            let detail = format!("Nothing was heard for {}; {allowed} are allowed.", span(silent));
            tx.journal(entry("device.silent", &watched, &device.name, &detail));
        }
        Look::Back(silent) => {
            let detail = format!("It had been silent for {}.", span(silent));
            tx.journal(entry("device.heard_again", &watched, &device.name, &detail));
        }
        Look::Nothing => {}
    }
    if watched.is_done() {
        repo::watch::remove(tx, known.id).await?;
        let detail = format!("It was heard of in time {} times in a row.", watched.good);
        tx.journal(entry("watch.removed", &watched, &device.name, &detail));
        return Ok(());
    }
    repo::watch::put(tx, &mut watched).await.map_err(Error::from)
}

/// A span of time in words.
fn span(millis: Millis) -> String {
    let minutes = millis / MINUTE;
    match minutes {
        1 => "1 minute".to_owned(),
        ..120 => format!("{minutes} minutes"),
        120..2_880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_a_unit_that_fits() {
        let said = |minutes: i64| span(minutes * MINUTE);
        assert_eq!(
            (said(1), said(0), said(90)),
            ("1 minute".into(), "0 minutes".into(), "90 minutes".into())
        );
        assert_eq!((said(150), said(2_880)), ("2 hours".into(), "2 days".into()));
    }
}
