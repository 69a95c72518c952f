//! What a channel holds about a wipe: the projection of its command rows.

use catalog::CommandKind;
use domain::command::{CommandEvent, step};
use domain::model::{CommandState, Device, OrderedCommand, Origin, WipeKind, WipeState};
use store::{Tx, repo};

use super::apply;
use crate::{Error, Result};

/// Which wipe a command is.
pub(crate) fn wipe_kind(kind: CommandKind) -> Option<WipeKind> {
    match kind {
        CommandKind::FullWipe => Some(WipeKind::Device),
        CommandKind::AccountWipe => Some(WipeKind::Account),
        _ => None,
    }
}

/// Makes the channel show the wipe in force, if there is one. Every change of a wipe's row ends here, inside its
/// unit; the caller stores the device.
pub(crate) async fn project(tx: &mut Tx, device: &mut Device) -> Result<()> {
    let live = repo::commands::live_of_device(tx, device.id).await?;
    if let Some(channel) = device.eas_mut() {
        channel.eas.wipe = in_force(&live);
    }
    Ok(())
}

/// A full wipe goes before an account-only one, which it includes; else the oldest goes first.
fn in_force(live: &[OrderedCommand]) -> Option<WipeState> {
    let deliverable = |c: &&OrderedCommand| {
        matches!(c.state, CommandState::Queued | CommandState::Sent | CommandState::Failed)
    };
    live.iter()
        .filter(deliverable)
        .filter_map(|c| Some(WipeState { kind: wipe_kind(c.kind)?, command: c.id, sent_at: c.sent_at }))
        .min_by_key(|wipe| wipe.kind != WipeKind::Device)
}

/// A wipe is done: with it every other wipe of the device that was on its way. One that waited for approval is not
/// needed any more.
pub(crate) async fn finish_others(tx: &mut Tx, device: &Device, done: &OrderedCommand) -> Result<()> {
    for mut other in repo::commands::live_of_device(tx, device.id).await? {
        let Some(kind) = wipe_kind(other.kind).filter(|_| other.id != done.id) else { continue };
        let waits = other.state == CommandState::AwaitingApproval;
        let event = if waits { CommandEvent::Cancel } else { CommandEvent::Acknowledge };
        let mut transition = step(other.kind, other.state, &event).map_err(|why| Error::conflict(why.0))?;
        transition.reason = "Another wipe of the device was confirmed.".into();
        if other.origin == Origin::Backend && !waits {
            other.relay_back = Some((kind, 1));
        }
        apply(tx, &mut other, transition).await?;
    }
    Ok(())
}
