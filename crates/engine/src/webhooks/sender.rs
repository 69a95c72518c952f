//! Delivering: a task for each webhook with news, one batch after the other.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use clients::webhook::{self, WebhookError};
use domain::Millis;
use domain::model::{
    Actor, JournalEntry, JournalRow, OrganizationId, Webhook, WebhookDelivery, WebhookId, WebhookState,
};
use serde_json::{Value, json};
use store::{Tx, repo};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use super::{event, signature};
use crate::{Engine, Error, Result, lease};

const LEASE: &str = "webhooks";
/// Journals are looked at so often, besides when this process wrote something.
const LOOK: Duration = Duration::from_secs(2);
/// The least time between two looks: what happens meanwhile goes together.
const BREATH: Duration = Duration::from_millis(50);
const RENEWAL: Duration = Duration::from_secs(5);
/// Entries of the journal read at a time, and so the most events in a delivery.
const AT_ONCE: u32 = 100;
/// The pause after the first failure; it doubles up to [`LONGEST_PAUSE`]. Milliseconds.
const FIRST_PAUSE: Millis = 5_000;
const LONGEST_PAUSE: Millis = 3_600_000;
/// After so long without success a webhook is paused.
const PATIENCE: Millis = 3 * 86_400_000;

/// Delivers for ever, on one node at a time.
pub async fn run(engine: Arc<Engine>) {
    loop {
        match lease::hold(&engine, LEASE).await {
            Ok(true) => deliver_while_held(&engine).await,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "webhooks wait; will be tried again"),
        }
        sleep(RENEWAL).await;
    }
}

/// Lets another node go on.
///
/// # Errors
/// Storage errors; the lease then ends by itself.
pub async fn stop(engine: &Engine) -> Result<()> {
    lease::release(engine, LEASE).await
}

async fn deliver_while_held(engine: &Arc<Engine>) {
    engine.webhooks.seen.lock().clear();
    let mut tasks = JoinSet::new();
    let mut busy = HashSet::new();
    let mut ticks = interval(LOOK);
    let mut renewed = Instant::now();
    loop {
        tokio::select! {
            // Whatever has ended is known before anybody is begun.
            biased;
            Some(ended) = tasks.join_next() => {
                over(&mut busy, ended);
                continue;
            }
            () = engine.webhooks.woken.notified() => sleep(BREATH).await,
            _ = ticks.tick() => {}
        }
        for organization in engine.directory.organizations() {
            let Some(messaging) = engine.directory.messaging(organization.id) else { continue };
            for webhook in messaging.webhooks.iter().filter(|webhook| webhook.on) {
                let key = (organization.id, webhook.id);
                if busy.insert(key) {
                    let (engine, webhook) = (Arc::clone(engine), webhook.clone());
                    tasks.spawn(async move { (key, catch_up(&engine, key.0, &webhook).await) });
                }
            }
        }
        if renewed.elapsed() >= RENEWAL {
            renewed = Instant::now();
            if !lease::hold(engine, LEASE).await.unwrap_or(false) {
                return;
            }
        }
    }
}

type Ended = std::result::Result<((OrganizationId, WebhookId), Result<()>), tokio::task::JoinError>;

fn over(busy: &mut HashSet<(OrganizationId, WebhookId)>, ended: Ended) {
    match ended {
        Ok((key, outcome)) => {
            busy.remove(&key);
            if let Err(error) = outcome {
                tracing::warn!(organization = %key.0, webhook = %key.1, %error, "a webhook was not served; will be tried again");
            }
        }
        Err(error) => {
            tracing::error!(%error, "delivering to webhooks panicked");
            busy.clear();
        }
    }
}

/// Delivers everything there is, until the receiver takes nothing.
async fn catch_up(engine: &Engine, organization: OrganizationId, webhook: &Webhook) -> Result<()> {
    let id = webhook.id;
    loop {
        let seen = engine.webhooks.seen.lock().get(&(organization, id)).copied();
        let read = async move |tx: &mut Tx| {
            let Some(state) = repo::webhooks::state(tx, id).await? else { return Ok(None) };
            let from = state.sequence.max(seen.unwrap_or(0));
            let idle = state.paused_at.is_some()
                || state.due_at > tx.now()
                || repo::journal::head(tx).await? <= from;
            if idle {
                return Ok(None);
            }
            Ok::<_, Error>(Some((state, repo::journal::after(tx, from, AT_ONCE).await?)))
        };
        let Some((state, rows)) = engine.store.read(organization, read).await? else { return Ok(()) };
        let Some(last) = rows.last().map(|row| row.sequence) else { return Ok(()) };
        let wanted: Vec<&JournalRow> = rows.iter().filter(|row| is_for(webhook, row)).collect();
        let Some(first) = wanted.first().map(|row| row.sequence) else {
            pass(engine, organization, id, &state, last).await?;
            continue;
        };
        let events: Vec<_> = wanted.iter().map(|row| event(row)).collect();
        let outcome =
            post(engine, organization, webhook, body(organization, webhook, &events).into()).await?;
        let delivery = WebhookDelivery {
            at: engine.now(),
            first,
            last: wanted.last().map_or(first, |row| row.sequence),
            events: u32::try_from(events.len()).unwrap_or(u32::MAX),
            taken: outcome.is_ok(),
            outcome: outcome.as_ref().map_or_else(ToString::to_string, ToString::to_string),
        };
        match &outcome {
            Ok(_) => engine.connections.worked(id.uuid(), delivery.at),
            Err(_) => engine.connections.failed(id.uuid(), delivery.at, &delivery.outcome),
        }
        note(engine, organization, webhook, &state, last, delivery).await?;
        if outcome.is_err() {
            return Ok(());
        }
    }
}

/// Whether an entry is delivered: the webhook hears of such, or the settings of an alert name it.
fn is_for(webhook: &Webhook, row: &JournalRow) -> bool {
    let named = || {
        let named = row.body.as_ref()?.get("webhooks")?.as_array()?;
        Some(named.iter().any(|id| id.as_str() == Some(&webhook.id.to_string())))
    };
    webhook.hears(&row.event) || row.event.starts_with("alert.") && named().unwrap_or(false)
}

/// Nothing here was for it. The store is told now and then only: the journal would otherwise cost a write each.
async fn pass(
    engine: &Engine,
    organization: OrganizationId,
    id: WebhookId,
    state: &WebhookState,
    last: i64,
) -> Result<()> {
    engine.webhooks.seen.lock().insert((organization, id), last);
    if last - state.sequence < 1_000 {
        return Ok(());
    }
    let state = WebhookState { sequence: last, ..state.clone() };
    let unit = async move |tx: &mut Tx| Ok::<_, Error>(repo::webhooks::put_state(tx, id, &state).await?);
    engine.store.write(organization, Actor::System, unit).await
}

/// Writes down how a delivery went, and what follows.
async fn note(
    engine: &Engine,
    organization: OrganizationId,
    webhook: &Webhook,
    state: &WebhookState,
    last: i64,
    delivery: WebhookDelivery,
) -> Result<()> {
    let now = engine.now();
    let (id, old) = (webhook.id, state.clone());
    let mut new = WebhookState { sequence: last, ..WebhookState::default() };
    let mut said = None;
    if delivery.taken {
        said = old.failing_since.map(|_| "webhook.recovered");
    } else {
        let since = old.failing_since.unwrap_or(now);
        let attempts = old.attempts.saturating_add(1);
        let paused = now - since >= PATIENCE;
        new = WebhookState {
            sequence: old.sequence,
            attempts,
            failing_since: Some(since),
            due_at: now + wait(attempts, engine.entropy.bytes::<1>()[0]),
            paused_at: paused.then_some(now),
        };
        if paused {
            said = Some("webhook.paused");
        } else if attempts == 3 {
            said = Some("webhook.failed");
        }
    }
    let body = json!({ "name": webhook.name, "reason": delivery.outcome, "from": delivery.first });
    let unit = async move |tx: &mut Tx| {
        // Removed or resumed meanwhile: what was resumed counts.
        if repo::webhooks::state(tx, id).await?.as_ref() != Some(&old) {
            return Ok(());
        }
        repo::webhooks::put_state(tx, id, &new).await?;
        repo::webhooks::delivered(tx, id, &delivery).await?;
        if let Some(event) = said {
            tx.journal(JournalEntry { event, subject: id.to_string(), body: body.clone() });
        }
        Ok::<_, Error>(())
    };
    engine.store.write(organization, Actor::System, unit).await
}

/// The pause after the nth failure, up to a fifth longer, so that webhooks do not all come at once. Milliseconds.
fn wait(attempts: u32, random: u8) -> Millis {
    let wait = FIRST_PAUSE
        .checked_shl(attempts.saturating_sub(1).min(24))
        .unwrap_or(LONGEST_PAUSE)
        .min(LONGEST_PAUSE);
    wait + wait * i64::from(random) / 1_280
}

/// What is posted.
pub(super) fn body(organization: OrganizationId, webhook: &Webhook, events: &[Value]) -> Vec<u8> {
    json!({ "organization": organization, "webhook": webhook.id, "events": events }).to_string().into_bytes()
}

/// Posts a body with its signatures.
pub(super) async fn post(
    engine: &Engine,
    organization: OrganizationId,
    webhook: &Webhook,
    body: Bytes,
) -> Result<std::result::Result<u16, WebhookError>> {
    let context = super::settings::context(organization, webhook.id);
    let mut secrets = Vec::with_capacity(webhook.secrets.len());
    for sealed in &webhook.secrets {
        secrets.push(engine.secret_key.unseal(&context, &sealed.0)?);
    }
    let timestamp = (engine.now() / 1_000).to_string();
    let headers =
        [("notifymdm-signature", signature(&secrets, &timestamp, &body)), ("notifymdm-timestamp", timestamp)];
    let reach = crate::mail::reach(engine);
    let posted = webhook::post(&webhook.url, &reach, &headers, body, webhook::PATIENCE).await;
    Ok(posted.map(|status| status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_with_some_jitter() {
        assert_eq!((wait(1, 0), wait(2, 0), wait(30, 0)), (5_000, 10_000, LONGEST_PAUSE));
        assert!(wait(1, 255) > 5_000 && wait(1, 255) <= 6_000);
    }
}
