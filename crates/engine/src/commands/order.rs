//! Ordering.

use std::sync::Arc;

use catalog::{CommandKind, RuleId};
use domain::command::{CommandEvent, begin, step};
use domain::model::{
    Actor, Block, CommandState, Device, DeviceId, JournalEntry, OrderedCommand, OrganizationId, Origin,
};
use store::{Tx, repo};

use super::{apply, effects, journal_body, project};
use crate::approvals::{self, Edit, Pass};
use crate::compliance::ladder;
use crate::governor::{self, Gauge};
use crate::settle::settle_and_put;
use crate::{Engine, Error, Principal, Result, Scope, devices};

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// For which device.
    pub device: DeviceId,
    /// What.
    pub kind: CommandKind,
    /// Why, as entered (for a block the reason shown to the user). At most 500 characters are kept.
    pub note: String,
}

/// Commands nobody came for end after 90 days.
pub(crate) const EXPIRES: domain::Millis = 90 * 86_400_000;

/// Orders a command. What the server can do alone is done when this returns; what needs the device is queued.
/// An equal command that is still live is returned instead of a second one.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`] when the device's state makes it meaningless;
/// [`Error::Held`] when too many devices lost access within the hour already.
pub async fn order(engine: &Engine, scope: &Scope, order: Order) -> Result<Arc<OrderedCommand>> {
    authorise(scope, order.kind)?;
    devices::find(engine, scope, order.device)?;
    let pass = ask(engine, scope, order.kind, &[order.device], &order.note).await?;
    place(engine, scope.organization(), scope.actor().clone(), scope.origin(), order, pass).await
}

/// The same for the device's own user, who holds no permissions: [`crate::self_service`] has asked whose it is and what the
/// organization allows.
pub(crate) async fn order_by_owner(
    engine: &Engine,
    scope: &Scope,
    order: Order,
) -> Result<Arc<OrderedCommand>> {
    let pass = ask(engine, scope, order.kind, &[order.device], &order.note).await?;
    place(engine, scope.organization(), scope.actor().clone(), scope.origin(), order, pass).await
}

/// Orders the same for many devices; each has its own outcome.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Held`] when it would take access from too many of them: nothing is ordered then.
pub async fn order_many(
    engine: &Engine,
    scope: &Scope,
    devices: &[DeviceId],
    kind: CommandKind,
    note: &str,
) -> Result<Vec<(DeviceId, Result<Arc<OrderedCommand>>)>> {
    authorise(scope, kind)?;
    ask(engine, scope, kind, devices, note).await?.take_first(engine, scope).await?;
    Ok(place_many(engine, scope, devices, kind, note).await)
}

/// Orders what was held, and is approved.
pub(crate) async fn carry_out(
    engine: &Engine,
    scope: &Scope,
    kind: CommandKind,
    devices: &[DeviceId],
    note: &str,
    pass: Pass,
) -> Result<()> {
    pass.take_first(engine, scope).await?;
    for (_, outcome) in place_many(engine, scope, devices, kind, note).await {
        match outcome {
            // It is gone meanwhile, or somebody else was first.
            Ok(_) | Err(Error::NotFound(_) | Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn ask(
    engine: &Engine,
    scope: &Scope,
    kind: CommandKind,
    devices: &[DeviceId],
    note: &str,
) -> Result<Pass> {
    if !effects::takes_access(kind) {
        return Ok(Pass::PART);
    }
    let edit = Edit::Order { kind, devices: devices.to_vec(), note: note.to_owned() };
    approvals::ask(engine, scope, edit).await
}

async fn place_many(
    engine: &Engine,
    scope: &Scope,
    devices: &[DeviceId],
    kind: CommandKind,
    note: &str,
) -> Vec<(DeviceId, Result<Arc<OrderedCommand>>)> {
    let mut outcomes = Vec::with_capacity(devices.len());
    for id in devices {
        let order = Order { device: *id, kind, note: note.to_owned() };
        let outcome = match devices::find(engine, scope, *id) {
            Ok(_) => {
                let (organization, actor) = (scope.organization(), scope.actor().clone());
                place(engine, organization, actor, scope.origin(), order, Pass::PART).await
            }
            Err(error) => Err(error),
        };
        outcomes.push((*id, outcome));
    }
    outcomes
}

/// ISE's own rules are checked by its use case; everybody else needs the command's permission.
fn authorise(scope: &Scope, kind: CommandKind) -> Result<()> {
    match scope.principal() {
        Principal::Ise(admin) => {
            let allowed = match kind {
                CommandKind::AccountWipe => true,
                CommandKind::FullWipe => admin.ise_full_wipe,
                _ => false,
            };
            if allowed {
                Ok(())
            } else {
                Err(Error::Denied("This account may not order that from ISE.".into()))
            }
        }
        _ => scope.require(kind.entry().permission),
    }
}

/// The mail server announced a wipe. Relayed at once up to the limit, or always where the organization chose so; above
/// it held, and the device blocked meanwhile.
pub(crate) async fn order_by_backend(
    engine: &Engine,
    device: &Arc<Device>,
    kind: CommandKind,
    server: &str,
) -> Result<()> {
    let order = Order { device: device.id, kind, note: "Ordered at the mail server.".into() };
    let actor = Actor::Backend(server.to_owned());
    place(engine, device.organization, actor, Origin::Backend, order, Pass::PART).await.map(drop)
}

/// A rule was broken too long. Held back by the limit like anybody's order; nobody's permission is needed, since whoever
/// set the rule's ladder has decided it.
///
/// # Errors
/// [`Error::NotFound`] of `"remediation"` when nothing is due any more; [`Error::Conflict`] when it means nothing.
pub(crate) async fn order_by_rule(
    engine: &Engine,
    device: &Arc<Device>,
    rule: RuleId,
    kind: CommandKind,
    found: &str,
) -> Result<Arc<OrderedCommand>> {
    let note = format!("“{}” for too long: {found}", rule.entry().label);
    let order = Order { device: device.id, kind, note };
    place(engine, device.organization, Actor::Rule(rule), Origin::Compliance, order, Pass::PART).await
}

async fn place(
    engine: &Engine,
    organization: OrganizationId,
    actor: Actor,
    origin: Origin,
    order: Order,
    pass: Pass,
) -> Result<Arc<OrderedCommand>> {
    let org = engine.directory.organization(organization).ok_or(Error::NotFound("organization"))?;
    let now = engine.now();
    let gauge = Gauge::of(engine, &org.read());
    let rule = if let Actor::Rule(rule) = actor { Some(rule) } else { None };
    let new = assemble(engine, organization, &actor, origin, &order);
    engine
        .store
        .write(organization, actor, async move |tx| {
            let mut device = repo::devices::get(tx, order.device).await?.ok_or(Error::NotFound("device"))?;
            if let Some(rule) = rule {
                ladder::mark(tx, &mut device, rule, order.kind)?;
            }
            let live = repo::commands::live_of_device(tx, device.id).await?;
            // The mail server must be told how its own order ended, so that has a row of its own, whatever we have
            // recorded of the device.
            let ours = origin != Origin::Backend;
            if let Some(same) = live.iter().find(|c| c.kind == order.kind && (ours || c.origin == origin)) {
                if rule.is_some() {
                    settle_and_put(tx, &org, &mut device).await?;
                }
                return Ok(Arc::new(same.clone()));
            }
            if ours {
                effects::check(order.kind, &device)?;
            }
            pass.take(tx).await?;
            let relayed = !ours && gauge.always_relay;
            let by = &new.ordered_by;
            let waits = order.kind.is_destructive()
                && !relayed
                && !governor::admit(tx, &gauge, by, device.id).await?;
            let first = begin(order.kind, waits);
            let mut command = new.clone();
            (command.state, command.reason, command.next) = (first.state, first.reason, first.next);
            if waits {
                command.next_at = Some(now + gauge.held_for);
            }
            if waits && !ours {
                hold_back(tx, &mut device, &command, now);
            }
            let event = match (ours, waits) {
                (false, _) => "gateway.backend_wipe",
                (true, true) => "command.awaiting_approval",
                (true, false) => "command.ordered",
            };
            tx.journal(JournalEntry { event, subject: device.id.to_string(), body: journal_body(&command) });
            if order.kind.entry().needs_device {
                repo::commands::put(tx, &mut command).await?;
                project(tx, &mut device).await?;
            } else {
                if let Some(entry) = effects::apply(order.kind, &mut device, &command, now) {
                    tx.journal(entry);
                }
                let done = step(command.kind, CommandState::Queued, &CommandEvent::Acknowledge)
                    .map_err(|why| Error::conflict(why.0))?;
                apply(tx, &mut command, done).await?;
            }
            settle_and_put(tx, &org, &mut device).await?;
            Ok::<_, Error>(Arc::new(command))
        })
        .await
}

/// The mail server wants the device wiped and we do not relay it yet: until somebody has decided, it gets nothing. Who
/// recalls the wipe settles it at the mail server first and allows the device then, else it would be ordered anew.
fn hold_back(tx: &mut Tx, device: &mut Device, command: &OrderedCommand, now: domain::Millis) {
    let reason = "The mail server ordered a wipe, which waits for approval.".to_owned();
    device.block.get_or_insert(Block { since: now, reason, by: command.ordered_by.to_string() });
    tx.journal(JournalEntry {
        event: "command.awaiting_approval",
        subject: device.id.to_string(),
        body: journal_body(command),
    });
}

fn assemble(
    engine: &Engine,
    organization: OrganizationId,
    by: &Actor,
    origin: Origin,
    order: &Order,
) -> OrderedCommand {
    let now = engine.now();
    OrderedCommand {
        organization,
        id: engine.entropy.id(now),
        rev: 0,
        device: order.device,
        kind: order.kind,
        state: CommandState::Queued,
        reason: String::new(),
        next: String::new(),
        next_at: order.kind.entry().needs_device.then_some(now + EXPIRES),
        ordered_by: by.clone(),
        origin,
        note: order.note.trim().chars().take(500).collect(),
        ordered_at: now,
        approved_by: None,
        sent_at: None,
        finished_at: None,
        relay_back: None,
    }
}
