//! What an administrator of ISE, or a user in its device portal, may order.
//!
//! A device is never wiped on an ambiguous name, and a request that a client repeats after a dropped connection is
//! the same order: (action, device) within a minute, or while the command is still on its way.

use std::collections::HashMap;
use std::sync::Arc;

use catalog::CommandKind;
use domain::Millis;
use domain::model::{CommandState, Device, DeviceId, DeviceState, JournalEntry, Liability, OrderedCommand};
use serde_json::json;

use super::lookup::{Key, find};
use crate::{Engine, Error, Principal, Result, Scope, commands};

/// What ISE can order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Erase the device.
    FullWipe,
    /// Remove what is the company's.
    CorporateWipe,
    /// Lock the screen.
    PinLock,
}

impl Action {
    /// ISE's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Action::FullWipe => "full_wipe",
            Action::CorporateWipe => "corporate_wipe",
            Action::PinLock => "pin_lock",
        }
    }

    fn command(self) -> Option<CommandKind> {
        match self {
            Action::FullWipe => Some(CommandKind::FullWipe),
            Action::CorporateWipe => Some(CommandKind::AccountWipe),
            Action::PinLock => None,
        }
    }
}

/// What became of an order for one device: accepted and queued, or why not.
pub type Outcome = Result<(), String>;

/// A repeated order within this time is the same order.
const SAME_ORDER: Millis = 60_000;
/// Devices of one request that are really ordered for; ISE names one, and a wipe of hundreds is a mistake.
const MAX_DEVICES: usize = 100;

/// Orders accepted in the last minute.
#[derive(Default)]
pub(super) struct RecentActions(HashMap<(Action, DeviceId), Millis>);

impl RecentActions {
    fn is_repeated(&mut self, action: Action, device: DeviceId, now: Millis) -> bool {
        self.0.retain(|_, at| (0..SAME_ORDER).contains(&(now - *at)));
        self.0.contains_key(&(action, device))
    }
}

/// Orders an action for some devices; one outcome for each, in order. `None` is a name that could not be read. Each
/// is journaled with account, address and outcome.
///
/// # Errors
/// [`Error::Denied`] for anybody but ISE; storage errors, after which the request may be repeated.
pub async fn action(
    engine: &Engine,
    scope: &Scope,
    action: Action,
    keys: &[Option<Key>],
) -> Result<Vec<Outcome>> {
    let Principal::Ise(_) = scope.principal() else {
        return Err(Error::Denied("Only an ISE Admin account may do this.".into()));
    };
    let desk = engine.ise.desk(scope.organization());
    let mut recent = desk.actions.lock().await;
    let (mut outcomes, mut entries) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
    for (at, key) in keys.iter().enumerate() {
        let device = if at < MAX_DEVICES {
            resolve(engine, scope, key.as_ref())
        } else {
            Err(format!("At most {MAX_DEVICES} devices can be named in one request."))
        };
        let subject = device.as_ref().ok().cloned();
        let outcome = match device {
            Ok(device) => order(engine, scope, action, &device, &mut recent).await,
            Err(why) => Err(why),
        };
        entries.push(entry(scope, action, key.as_ref(), subject.as_deref(), &outcome));
        outcomes.push(outcome);
    }
    drop(recent);
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            entries.iter().cloned().for_each(|entry| tx.journal(entry));
            Ok::<_, Error>(())
        })
        .await?;
    Ok(outcomes)
}

fn resolve(engine: &Engine, scope: &Scope, key: Option<&Key>) -> Result<Arc<Device>, String> {
    let found = key.map(|key| find(engine, scope, key)).unwrap_or_default();
    let live: Vec<_> = found.iter().filter(|d| d.state != DeviceState::Retired).collect();
    match (live.as_slice(), found.as_slice()) {
        ([one], _) => Ok(Arc::clone(one)),
        ([], []) => Err("No device of the organization has this identifier.".into()),
        ([], _) => Err("The device is retired.".into()),
        _ => Err("Several devices have this identifier. Name the device by its GUID.".into()),
    }
}

async fn order(
    engine: &Engine,
    scope: &Scope,
    action: Action,
    device: &Device,
    recent: &mut RecentActions,
) -> Outcome {
    let Some(kind) = action.command() else {
        return Err("The device is managed over ActiveSync, which cannot lock its screen.".into());
    };
    if device.state == DeviceState::Wiped {
        return Err("The device has been wiped already.".into());
    }
    if action == Action::FullWipe {
        full_wipe_allowed(engine, scope, device)?;
    }
    let now = engine.now();
    if recent.is_repeated(action, device.id, now) {
        return Ok(());
    }
    if let Some(waiting) = live_command(engine, scope, device.id, kind) {
        return accepted(&waiting);
    }
    let note = format!("Ordered in Cisco ISE ({}).", action.name());
    let ordered = commands::order(engine, scope, commands::Order { device: device.id, kind, note }).await;
    let command = ordered.map_err(|error| error.to_string())?;
    accepted(&command)?;
    recent.0.insert((action, device.id), now);
    Ok(())
}

/// A full wipe needs the account's own permission, and a device that belongs to the company.
fn full_wipe_allowed(engine: &Engine, scope: &Scope, device: &Device) -> Outcome {
    if !scope.administrator().is_some_and(|account| account.ise_full_wipe) {
        return Err("Full wipe from Cisco ISE is switched off for this account.".into());
    }
    let org = engine.directory.organization(scope.organization()).ok_or("The organization is gone.")?;
    let org = org.read();
    let user = org.user(device.user).ok_or("The owner of the device is not known.")?;
    match crate::assignment::liability_of(&org, user, Some(device)).value {
        Liability::Corporate => Ok(()),
        Liability::Individual => {
            Err("The device belongs to its user. Order a corporate wipe; only the console can erase it."
                .into())
        }
    }
}

/// The same command, if it is still on its way (also when another node took the order).
fn live_command(
    engine: &Engine,
    scope: &Scope,
    device: DeviceId,
    kind: CommandKind,
) -> Option<Arc<OrderedCommand>> {
    let org = engine.directory.organization(scope.organization())?;
    let commands = org.read().commands_of(device);
    commands.into_iter().find(|command| command.kind == kind && !command.state.is_final())
}

/// ISE cannot wait for a phone: queued is done. What waits for a second administrator is not queued.
fn accepted(command: &OrderedCommand) -> Outcome {
    match command.state {
        CommandState::AwaitingApproval => {
            Err(format!("{} {}", command.reason, command.next).trim().to_owned())
        }
        _ => Ok(()),
    }
}

fn entry(
    scope: &Scope,
    action: Action,
    key: Option<&Key>,
    device: Option<&Device>,
    outcome: &Outcome,
) -> JournalEntry {
    JournalEntry {
        event: if outcome.is_ok() { "ise.action" } else { "ise.action_refused" },
        subject: device.map(|d| d.id.to_string()).unwrap_or_default(),
        body: json!({
            "name": device.map(|d| d.name.as_str()),
            "command": action.name(),
            "asked": key.map(|key| format!("{key:?}")),
            "address": scope.address().map(|a| a.to_string()),
            "reason": outcome.as_ref().err(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_repeated_for_a_minute() {
        let device = DeviceId::from_uuid(uuid::Uuid::from_u128(7));
        let mut recent = RecentActions::default();
        recent.0.insert((Action::CorporateWipe, device), 1_000);
        assert!(recent.is_repeated(Action::CorporateWipe, device, 60_999));
        assert!(!recent.is_repeated(Action::FullWipe, device, 2_000));
        assert!(!recent.is_repeated(Action::CorporateWipe, device, 61_000));
        assert!(recent.0.is_empty());
    }
}
