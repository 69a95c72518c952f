//! Recalling what is held.

use catalog::Permission;
use domain::command::CommandEvent;
use domain::model::CommandState;

use super::{HeldId, hold, organization};
use crate::{Engine, Error, Result, Scope, commands};

/// Recalls what is held, each with its own outcome. Whoever may approve may recall, whoever may order such a command or
/// edit the compliance manager, and who made the change.
pub async fn recall(engine: &Engine, scope: &Scope, items: &[HeldId]) -> Vec<(HeldId, Result<()>)> {
    let mut outcomes = Vec::with_capacity(items.len());
    for some in items.chunks(64) {
        let recalled = some.iter().map(|item| async { (*item, one(engine, scope, *item).await) });
        outcomes.extend(futures_util::future::join_all(recalled).await);
    }
    outcomes
}

async fn one(engine: &Engine, scope: &Scope, item: HeldId) -> Result<()> {
    let may = |other| if scope.has(Permission::DevicesWipeOverride) { Ok(()) } else { scope.require(other) };
    match item {
        HeldId::Command(id) => {
            let org = organization(engine, scope)?;
            let command = org.read().command(id).cloned().ok_or(Error::NotFound("command"))?;
            may(command.kind.entry().permission)?;
            if command.state != CommandState::AwaitingApproval {
                return Err(Error::conflict("It does not wait for approval any more."));
            }
            commands::move_on(engine, scope, id, CommandEvent::Cancel, None).await
        }
        HeldId::Change(id) => {
            let org = organization(engine, scope)?;
            let own = org.read().governor.held.iter().any(|h| h.id == id && h.ordered_by == *scope.actor());
            if !own {
                may(Permission::ComplianceEdit)?;
            }
            hold::recall(engine, scope, id).await
        }
    }
}
