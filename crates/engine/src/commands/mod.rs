//! Commands: the one door through which every surface orders something for a device, destructive or not.
//!
//! The command rows are the truth; what a channel holds about a wipe is a projection of them, written in the same unit.
//! Above the organization's limit ([`crate::approvals`]) an order that destroys waits for a second administrator.

mod effects;
mod order;
mod project;

pub(crate) use effects::imagine;
pub(crate) use order::{EXPIRES, carry_out, order_by_backend, order_by_owner, order_by_rule};
pub use order::{Order, order, order_many};
pub(crate) use project::{finish_others, project};

use std::sync::Arc;

use catalog::Permission;
use domain::command::{CommandEvent, step};
use domain::model::{CommandId, CommandState, JournalEntry, OrderedCommand};
use serde_json::json;
use store::{Tx, repo};

use crate::settle::settle_and_put;
use crate::{Engine, Error, Result, Scope};

/// Commands of the organization that are not final, oldest first.
///
/// # Errors
/// [`Error::Denied`].
pub fn live(engine: &Engine, scope: &Scope) -> Result<Vec<Arc<OrderedCommand>>> {
    scope.require(Permission::DevicesView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let mut commands = org.read().live_commands();
    commands.retain(|c| !c.state.is_final());
    Ok(commands)
}

/// A command, live or former.
///
/// # Errors
/// [`Error::NotFound`] also for another organization's.
pub async fn get(engine: &Engine, scope: &Scope, id: CommandId) -> Result<OrderedCommand> {
    scope.require(Permission::DevicesView)?;
    engine
        .store
        .read(scope.organization(), async move |tx| {
            repo::commands::get(tx, id).await?.ok_or(Error::NotFound("command"))
        })
        .await
}

/// Takes a command back; possible until the device has been told.
///
/// # Errors
/// [`Error::Conflict`] with the reason when it is too late.
pub async fn cancel(engine: &Engine, scope: &Scope, id: CommandId) -> Result<()> {
    let command = get(engine, scope, id).await?;
    scope.require(command.kind.entry().permission)?;
    move_on(engine, scope, id, CommandEvent::Cancel, None).await
}

/// Applies an event to a command and its projection, in one unit.
pub(crate) async fn move_on(
    engine: &Engine,
    scope: &Scope,
    id: CommandId,
    event: CommandEvent,
    approved_by: Option<domain::model::Actor>,
) -> Result<()> {
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut command = repo::commands::get(tx, id).await?.ok_or(Error::NotFound("command"))?;
            let transition =
                step(command.kind, command.state, &event).map_err(|why| Error::conflict(why.0))?;
            if !transition.changed {
                return Ok(());
            }
            if event == CommandEvent::Approve {
                command.next_at = Some(tx.now() + EXPIRES);
            }
            command.approved_by = approved_by.clone().or(command.approved_by);
            apply(tx, &mut command, transition).await?;
            if let Some(mut device) = repo::devices::get(tx, command.device).await? {
                project(tx, &mut device).await?;
                settle_and_put(tx, &org, &mut device).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// Stores a transition and journals it.
pub(crate) async fn apply(
    tx: &mut Tx,
    command: &mut OrderedCommand,
    transition: domain::command::Transition,
) -> Result<()> {
    let now = tx.now();
    command.state = transition.state;
    command.reason = transition.reason;
    command.next = transition.next;
    if transition.state == CommandState::Sent {
        command.sent_at.get_or_insert(now);
    }
    if transition.state.is_final() {
        command.finished_at.get_or_insert(now);
        command.next_at = None;
    }
    repo::commands::put(tx, command).await?;
    let event = match transition.state {
        CommandState::AwaitingApproval => "command.awaiting_approval",
        CommandState::Queued if command.approved_by.is_some() => "command.approved",
        CommandState::Queued => "command.ordered",
        CommandState::Sent => "command.sent",
        CommandState::Acknowledged => "command.acknowledged",
        CommandState::Failed => "command.failed",
        CommandState::Expired => "command.expired",
        CommandState::Cancelled => "command.cancelled",
    };
    tx.journal(JournalEntry { event, subject: command.device.to_string(), body: journal_body(command) });
    Ok(())
}

pub(crate) fn journal_body(command: &OrderedCommand) -> serde_json::Value {
    json!({
        "command": command.id, "kind": command.kind, "state": command.state, "reason": command.reason,
        "note": command.note, "ordered_by": command.ordered_by.to_string(),
        "approved_by": command.approved_by.as_ref().map(ToString::to_string),
    })
}
