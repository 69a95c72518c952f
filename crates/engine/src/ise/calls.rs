//! The last calls of ISE, as raw request lines, for the ISE page: what a Test Connection really asked, from where,
//! and what it was told.

use std::collections::VecDeque;

use catalog::Permission;
use domain::Millis;
use domain::model::{Actor, OrganizationId};
use store::repo::ise_calls::{self, IseCall};

use super::desk::Desk;
use crate::{Engine, Error, Result, Scope};

/// Calls kept in memory, and shown, of one organization.
pub const MAX_CALLS: usize = 200;
/// Bytes kept of the request's target; enough for any look-up.
const MAX_TARGET: usize = 2_048;
/// Bytes kept of the other texts.
const MAX_TEXT: usize = 200;
/// Unproven calls are kept at most so often, so that a stranger cannot push the real ones out.
const REFUSAL_PAUSE: Millis = 1_000;

/// A call of the API.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Call {
    /// When it came.
    pub at: Millis,
    /// Account the caller named, perhaps not a known one.
    pub account: String,
    /// Address of the caller.
    pub address: String,
    /// Method.
    pub method: String,
    /// Target as in the request line.
    pub target: String,
    /// Status answered.
    pub status: u16,
    /// Microseconds until the answer was complete.
    pub duration_us: i64,
    /// What was odd about it, one sentence, or empty.
    pub note: String,
}

/// Calls that are not written yet, oldest first.
#[derive(Default)]
pub(super) struct CallLog {
    waiting: VecDeque<Call>,
    refused_at: Option<Millis>,
}

/// Keeps a call of a proven account.
pub fn record_call(engine: &Engine, organization: OrganizationId, call: Call) {
    engine.ise.desk(organization).calls.lock().add(call);
}

/// Keeps a call that was refused before its account was proven, at most one a second. `instance` is the
/// organization that the address names; without one it is that of the named account, else nobody's.
pub fn record_refusal(engine: &Engine, instance: Option<OrganizationId>, call: Call) {
    let named = || engine.directory.administrator_by_name(&call.account).map(|a| a.organization);
    let Some(organization) = instance.or_else(named) else { return };
    let desk = engine.ise.desk(organization);
    let mut log = desk.calls.lock();
    if log.refused_at.is_none_or(|last| (call.at - last).abs() >= REFUSAL_PAUSE) {
        log.refused_at = Some(call.at);
        log.add(call);
    }
}

impl CallLog {
    fn add(&mut self, mut call: Call) {
        cut(&mut call.target, MAX_TARGET);
        for text in [&mut call.account, &mut call.address, &mut call.method, &mut call.note] {
            cut(text, MAX_TEXT);
        }
        if self.waiting.len() == MAX_CALLS {
            self.waiting.pop_front();
        }
        self.waiting.push_back(call);
    }
}

fn cut(text: &mut String, bytes: usize) {
    text.truncate(text.floor_char_boundary(bytes));
}

/// The last calls, newest first: those in memory, before them what was written.
///
/// # Errors
/// [`Error::Denied`]. A store that does not answer only shortens the list.
pub async fn calls(engine: &Engine, scope: &Scope) -> Result<Vec<Call>> {
    scope.require(Permission::IseView)?;
    let desk = engine.ise.desk(scope.organization());
    let mut all: Vec<Call> = desk.calls.lock().waiting.iter().rev().cloned().collect();
    let stored = engine
        .store
        .read(scope.organization(), async move |tx| {
            Ok::<_, Error>(ise_calls::page(tx, None, MAX_CALLS as u32).await?)
        })
        .await;
    match stored {
        Ok(stored) => all.extend(stored.into_iter().map(from_stored)),
        Err(error) => tracing::warn!(%error, "earlier calls of ISE cannot be read"),
    }
    // Other nodes write too. The sort is stable: calls of one millisecond keep their order.
    all.sort_by_key(|call| std::cmp::Reverse(call.at));
    all.truncate(MAX_CALLS);
    Ok(all)
}

/// When the last call of a proven account came: in memory, else as it was written.
///
/// # Errors
/// Storage errors.
pub(crate) async fn last_call(engine: &Engine, organization: OrganizationId) -> Result<Option<Millis>> {
    let desk = engine.ise.desk(organization);
    let waiting = desk.calls.lock().waiting.back().map(|call| call.at);
    if waiting.is_some() {
        return Ok(waiting);
    }
    let read = async |tx: &mut store::Tx| Ok::<_, Error>(ise_calls::page(tx, None, 1).await?);
    Ok(engine.store.read(organization, read).await?.first().map(|call| call.at))
}

/// Writes calls and misses that wait, and lets go of shared pages. Called every few seconds and at shutdown.
///
/// # Errors
/// Storage errors; what was not written stays for the next time, within its bounds.
pub async fn flush(engine: &Engine) -> Result<()> {
    let mut outcome = Ok(());
    for (organization, desk) in engine.ise.desks() {
        desk.pages.lock().forget(engine.now());
        let written = match flush_calls(engine, organization, &desk).await {
            Ok(()) => super::unknown_macs::flush(engine, organization, &desk).await,
            Err(error) => Err(error),
        };
        outcome = outcome.and(written);
    }
    outcome
}

async fn flush_calls(engine: &Engine, organization: OrganizationId, desk: &Desk) -> Result<()> {
    let waiting: Vec<Call> = desk.calls.lock().waiting.drain(..).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = waiting.iter().map(to_stored).collect();
    let written = engine
        .store
        .write(organization, Actor::System, async move |tx| {
            Ok::<_, Error>(ise_calls::append(tx, &rows).await?)
        })
        .await;
    if written.is_err() {
        let mut log = desk.calls.lock();
        for call in waiting.into_iter().rev() {
            if log.waiting.len() < MAX_CALLS {
                log.waiting.push_front(call);
            }
        }
    }
    written
}

fn to_stored(call: &Call) -> IseCall {
    let Call { at, account, address, method, target, status, duration_us, note } = call.clone();
    IseCall { sequence: 0, at, account, address, method, target, status, duration_us, note }
}

fn from_stored(call: IseCall) -> Call {
    let IseCall { sequence: _, at, account, address, method, target, status, duration_us, note } = call;
    Call { at, account, address, method, target, status, duration_us, note }
}
