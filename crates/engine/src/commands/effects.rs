//! What the commands do that need no device.

use catalog::CommandKind;
use domain::Millis;
use domain::model::{Block, Device, DeviceState, EasState, JournalEntry, OrderedCommand, Origin, WipeKind};
use serde_json::json;

use crate::{Error, Result};

/// Refuses an order that would mean nothing in the device's state.
pub(super) fn check(kind: CommandKind, device: &Device) -> Result<()> {
    let gone = matches!(device.state, DeviceState::Wiped | DeviceState::Retired);
    let no_mail = device.eas().is_none();
    match kind {
        CommandKind::FullWipe | CommandKind::AccountWipe if gone => {
            Err(Error::conflict("The device is wiped or retired already."))
        }
        CommandKind::FullWipe | CommandKind::AccountWipe if no_mail => {
            Err(Error::conflict("There is no channel to the device that could carry a wipe."))
        }
        CommandKind::AccountWipe if full_wipe_waits(device) => {
            Err(Error::conflict("A full wipe is on its way to the device already; it includes this."))
        }
        CommandKind::QuarantineRelease if device.state != DeviceState::Quarantined => {
            Err(Error::conflict("The device is not in quarantine."))
        }
        CommandKind::Block if device.block.is_some() => {
            Err(Error::conflict("The device is blocked already."))
        }
        CommandKind::Allow if device.block.is_none() && !gone => {
            Err(Error::conflict("The device is neither blocked nor wiped."))
        }
        _ => Ok(()),
    }
}

fn full_wipe_waits(device: &Device) -> bool {
    device.eas().and_then(|c| c.eas.wipe.as_ref()).is_some_and(|wipe| wipe.kind == WipeKind::Device)
}

/// Carries a command out on the record. Returns what the journal says of it besides the command itself.
pub(super) fn apply(
    kind: CommandKind,
    device: &mut Device,
    command: &OrderedCommand,
    now: Millis,
) -> Option<JournalEntry> {
    // A user blocks a device only to report it lost.
    let lost = command.origin == Origin::Portal;
    let event = match kind {
        CommandKind::Block => {
            device.block =
                Some(Block { since: now, reason: command.note.clone(), by: command.ordered_by.to_string() });
            if lost { "device.reported_lost" } else { "device.blocked" }
        }
        CommandKind::Allow => {
            let readmitted = matches!(device.state, DeviceState::Wiped | DeviceState::Retired);
            device.block = None;
            if readmitted {
                enrol(device, now);
                start_anew(device);
            }
            match (readmitted, lost) {
                (true, _) => "device.readmitted",
                (false, true) => "device.reported_found",
                (false, false) => "device.allowed",
            }
        }
        CommandKind::QuarantineRelease => {
            enrol(device, now);
            "device.released"
        }
        CommandKind::PolicyRefresh => {
            if let Some(channel) = device.eas_mut() {
                channel.eas.refresh_after = Some(now);
            }
            return None;
        }
        CommandKind::ForgetPartnership => {
            start_anew(device);
            "device.partnership_forgotten"
        }
        CommandKind::ClearAuthFailures => {
            crate::eas::clear_failures(device, now);
            "device.auth_failures_cleared"
        }
        CommandKind::FullWipe | CommandKind::AccountWipe => return None,
    };
    let body = json!({ "name": device.name, "reason": command.note });
    Some(JournalEntry { event, subject: device.id.to_string(), body })
}

/// Whether a command can take access from a device and destroys nothing: those are counted like other changes that take
/// access. What destroys has a limit of its own.
pub(super) fn takes_access(kind: CommandKind) -> bool {
    matches!(kind, CommandKind::Block | CommandKind::ForgetPartnership | CommandKind::PolicyRefresh)
}

/// The device as such a command would leave it, as far as anything depends on it.
pub(crate) fn imagine(kind: CommandKind, device: &mut Device) {
    match kind {
        CommandKind::Block => {
            device.block.get_or_insert(Block { since: 0, reason: String::new(), by: String::new() });
        }
        CommandKind::ForgetPartnership => start_anew(device),
        CommandKind::PolicyRefresh => {
            if let Some(channel) = device.eas_mut() {
                channel.eas.refresh_after = Some(Millis::MAX);
            }
        }
        _ => {}
    }
}

fn enrol(device: &mut Device, now: Millis) {
    device.state = DeviceState::Enrolled;
    device.state_since = now;
    device.enrolled_at.get_or_insert(now);
}

/// Keys and backend state go; what identifies the device and a pending wipe stay.
fn start_anew(device: &mut Device) {
    if let Some(channel) = device.eas_mut() {
        let old = std::mem::take(&mut channel.eas);
        channel.eas = EasState {
            device_type: old.device_type,
            user_agent: old.user_agent,
            version: old.version,
            wipe: old.wipe,
            last_credential: old.last_credential,
            quirk_449: old.quirk_449,
            quirk_ping: old.quirk_ping,
            ..EasState::default()
        };
    }
}
