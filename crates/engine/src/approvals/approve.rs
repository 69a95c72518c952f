//! Approving.

use domain::command::CommandEvent;
use domain::model::CommandState;

use super::{HeldId, hold, may_approve, organization, recovery_code};
use crate::{Engine, Error, Result, Scope, commands, second_factor};

/// What an approver shows.
#[derive(Debug, Default, Clone)]
pub struct Witness {
    /// A code of the approver's second factor.
    pub code: String,
    /// The organization's sealed recovery code, which stands for the second person; empty: somebody else ordered it.
    pub recovery_code: String,
}

/// Approves what is held, each with its own outcome. One code is enough for all; none is used up if nothing of it may
/// be approved.
///
/// # Errors
/// [`Error::Denied`] without permission or second factor, [`Error::Invalid`] on `code` or `recovery_code`.
pub async fn approve(
    engine: &Engine,
    scope: &Scope,
    items: &[HeldId],
    witness: &Witness,
) -> Result<Vec<(HeldId, Result<()>)>> {
    scope.require(catalog::Permission::DevicesWipeOverride)?;
    let id = scope.administrator().ok_or(Error::Unauthenticated)?.id;
    let alone = !witness.recovery_code.trim().is_empty();
    if alone {
        recovery_code::check(engine, scope, &witness.recovery_code)?;
    }
    let mut outcomes: Vec<_> =
        items.iter().map(|item| (*item, eligible(engine, scope, *item, alone))).collect();
    if outcomes.iter().any(|(_, outcome)| outcome.is_ok()) {
        let admin = engine.directory.administrator(id).ok_or(Error::Unauthenticated)?;
        second_factor::prove(engine, &admin, &witness.code).await?;
        if alone {
            recovery_code::use_up(engine, scope, &witness.recovery_code).await?;
        }
    }
    // Changes one after the other: each may move what the next one was counted against.
    for (item, outcome) in outcomes.iter_mut().filter(|(item, _)| matches!(item, HeldId::Change(_))) {
        if outcome.is_ok() {
            *outcome = carry_out(engine, scope, *item).await;
        }
    }
    outcomes.sort_by_key(|(item, _)| matches!(item, HeldId::Command(_)));
    let commands = outcomes.partition_point(|(item, _)| matches!(item, HeldId::Change(_)));
    // Commands some at a time: they share the flush of their batch.
    for some in outcomes[commands..].chunks_mut(64) {
        let carried = some.iter().map(|(item, eligible)| async {
            match eligible {
                Ok(()) => carry_out(engine, scope, *item).await,
                Err(why) => Err(why.clone()),
            }
        });
        let carried = futures_util::future::join_all(carried).await;
        some.iter_mut().zip(carried).for_each(|((_, outcome), new)| *outcome = new);
    }
    Ok(outcomes)
}

/// Whether it waits, and the reader may approve it. `alone`: a recovery code stands for the second person.
fn eligible(engine: &Engine, scope: &Scope, item: HeldId, alone: bool) -> Result<()> {
    let org = organization(engine, scope)?;
    let ordered_by = {
        let org = org.read();
        match item {
            HeldId::Command(id) => {
                let command = org.command(id).ok_or(Error::NotFound("command"))?;
                if command.state != CommandState::AwaitingApproval {
                    return Err(Error::conflict("It does not wait for approval any more."));
                }
                command.ordered_by.clone()
            }
            HeldId::Change(id) => {
                let held = org.governor.held.iter().find(|held| held.id == id);
                held.ok_or(Error::NotFound("held change"))?.ordered_by.clone()
            }
        }
    };
    if alone { Ok(()) } else { may_approve(engine, scope, &ordered_by) }
}

async fn carry_out(engine: &Engine, scope: &Scope, item: HeldId) -> Result<()> {
    match item {
        HeldId::Command(id) => {
            commands::move_on(engine, scope, id, CommandEvent::Approve, Some(scope.actor().clone())).await
        }
        HeldId::Change(id) => hold::approve(engine, scope, id).await,
    }
}
