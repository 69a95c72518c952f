//! The wipe dance: told, done or failed. The command row and the channel move together.

use std::sync::Arc;

use domain::command::{CommandEvent, step};
use domain::model::{CommandState, Device, DeviceState, EasState, JournalEntry, Origin, WipeKind};
use serde_json::json;
use store::repo;

use super::heard::device_actor;
use crate::commands::{apply, finish_others, project};
use crate::settle::settle_and_put;
use crate::{Engine, Error, Result};

/// The directive is about to be sent: recorded before it goes out, so that nobody cancels what was told.
///
/// # Errors
/// [`Error::Conflict`] when the wipe was taken back or became another one meanwhile, and storage errors: then the
/// directive is not sent.
pub async fn wipe_sent(engine: &Engine, device: &Arc<Device>) -> Result<()> {
    let seen = device.eas().and_then(|c| c.eas.wipe.as_ref()).map(|wipe| wipe.kind);
    match step_wipe(engine, device, seen, CommandEvent::Deliver).await? {
        Some(_) => Ok(()),
        None => Err(Error::conflict("The wipe was taken back.")),
    }
}

/// The device acknowledged: `status` 1 done, anything else failed (MS-ASPROV 2.2.2.45). Returns whether the wipe is
/// over. After a failure the directive is sent again on the next contact.
///
/// # Errors
/// Storage errors: then the device is answered 503 and says it again.
pub async fn wipe_acknowledged(
    engine: &Engine,
    device: &Arc<Device>,
    kind: WipeKind,
    status: u8,
) -> Result<bool> {
    let event = match status {
        1 => CommandEvent::Acknowledge,
        other => CommandEvent::Fail(format!("status {other}")),
    };
    Ok(step_wipe(engine, device, Some(kind), event).await?.unwrap_or(false))
}

/// Moves the wipe in force, if it is of this kind; `None` if it is not. Says whether it is over.
async fn step_wipe(
    engine: &Engine,
    device: &Arc<Device>,
    kind: Option<WipeKind>,
    event: CommandEvent,
) -> Result<Option<bool>> {
    let org = engine.directory.organization(device.organization).ok_or(Error::NotFound("organization"))?;
    let id = device.id;
    engine
        .store
        .write(device.organization, device_actor(device), async move |tx| {
            let mut device = repo::devices::get(tx, id).await?.ok_or(Error::NotFound("device"))?;
            let wipe = device.eas().and_then(|c| c.eas.wipe.clone());
            let Some(wipe) = wipe.filter(|wipe| Some(wipe.kind) == kind) else { return Ok(None) };
            let mut command =
                repo::commands::get(tx, wipe.command).await?.ok_or(Error::NotFound("command"))?;
            let transition =
                step(command.kind, command.state, &event).map_err(|why| Error::conflict(why.0))?;
            let over = transition.state == CommandState::Acknowledged;
            if transition.changed {
                if command.origin == Origin::Backend
                    && matches!(event, CommandEvent::Acknowledge | CommandEvent::Fail(_))
                {
                    command.relay_back = Some((wipe.kind, if over { 1 } else { 2 }));
                }
                apply(tx, &mut command, transition).await?;
            }
            if over {
                finish_others(tx, &device, &command).await?;
                wiped(&mut device, tx.now());
                tx.journal(JournalEntry {
                    event: "device.wiped",
                    subject: id.to_string(),
                    body: json!({ "kind": wipe.kind, "command": command.id, "name": device.name }),
                });
            }
            project(tx, &mut device).await?;
            settle_and_put(tx, &org, &mut device).await?;
            Ok::<_, Error>(Some(over))
        })
        .await
}

/// The device is wiped: keys are forgotten, and it is refused until somebody re-admits it.
fn wiped(device: &mut Device, now: domain::Millis) {
    device.state = DeviceState::Wiped;
    device.state_since = now;
    if let Some(channel) = device.eas_mut() {
        let old = std::mem::take(&mut channel.eas);
        channel.eas = EasState {
            device_type: old.device_type,
            user_agent: old.user_agent,
            version: old.version,
            // A lost answer makes the device acknowledge again; its credential must still be known then.
            last_credential: old.last_credential,
            quirk_449: old.quirk_449,
            quirk_ping: old.quirk_ping,
            // The relay to the mail server still needs its key and address.
            backend: old.backend,
            ..EasState::default()
        };
    }
}
