//! How far webhooks have come, and their last deliveries.

use super::text;
use crate::{Result, Tx};
use domain::model::{WebhookDelivery, WebhookId, WebhookState};

/// Deliveries kept of each webhook.
const KEPT: i64 = 100;

/// Where a webhook stands; `None` if it is not known.
pub async fn state(tx: &mut Tx, id: WebhookId) -> Result<Option<WebhookState>> {
    let sql = "SELECT sequence, attempts, failing_since, due_at, paused_at FROM webhook_state \
               WHERE organization_id = $1 AND webhook_id = $2";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?;
    row.map(|row| {
        Ok(WebhookState {
            sequence: row.int(0)?,
            attempts: row.u32(1)?,
            failing_since: row.opt_int(2)?,
            due_at: row.int(3)?,
            paused_at: row.opt_int(4)?,
        })
    })
    .transpose()
}

/// Writes down where a webhook stands.
pub async fn put_state(tx: &mut Tx, id: WebhookId, state: &WebhookState) -> Result<()> {
    let sql = "INSERT INTO webhook_state (organization_id, webhook_id, sequence, attempts, failing_since, due_at, \
               paused_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organization_id, webhook_id) DO UPDATE \
               SET sequence = excluded.sequence, attempts = excluded.attempts, \
               failing_since = excluded.failing_since, due_at = excluded.due_at, paused_at = excluded.paused_at";
    let params = [
        tx.organization().into(),
        id.into(),
        state.sequence.into(),
        state.attempts.into(),
        state.failing_since.into(),
        state.due_at.into(),
        state.paused_at.into(),
    ];
    tx.execute(sql, &params).await.map(drop)
}

/// The entry up to which every webhook of the organization that is not paused has read; `None` without any.
pub async fn slowest(tx: &mut Tx) -> Result<Option<i64>> {
    let sql = "SELECT min(sequence) FROM webhook_state WHERE organization_id = $1 AND paused_at IS NULL";
    tx.fetch_one(sql, &[tx.organization().into()]).await?.opt_int(0)
}

/// Notes a delivery; the oldest ones go.
pub async fn delivered(tx: &mut Tx, id: WebhookId, delivery: &WebhookDelivery) -> Result<()> {
    let sql = "SELECT max(number) FROM webhook_delivery WHERE organization_id = $1 AND webhook_id = $2";
    let params = [tx.organization().into(), id.into()];
    let number = tx.fetch_one(sql, &params).await?.opt_int(0)?.unwrap_or(0) + 1;
    let sql = "INSERT INTO webhook_delivery (organization_id, webhook_id, at, number, first, last, events, taken, \
               outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let params = [
        tx.organization().into(),
        id.into(),
        delivery.at.into(),
        number.into(),
        delivery.first.into(),
        delivery.last.into(),
        delivery.events.into(),
        delivery.taken.into(),
        text::bounded(&delivery.outcome, 500),
    ];
    tx.execute(sql, &params).await?;
    let sql = "DELETE FROM webhook_delivery WHERE organization_id = $1 AND webhook_id = $2 AND number <= $3";
    tx.execute(sql, &[tx.organization().into(), id.into(), (number - KEPT).into()]).await.map(drop)
}

/// The last deliveries of a webhook, newest first.
pub async fn deliveries(tx: &mut Tx, id: WebhookId, limit: u32) -> Result<Vec<WebhookDelivery>> {
    let sql = "SELECT at, first, last, events, taken, outcome FROM webhook_delivery \
               WHERE organization_id = $1 AND webhook_id = $2 ORDER BY number DESC LIMIT $3";
    let rows = tx.fetch(sql, &[tx.organization().into(), id.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(WebhookDelivery {
                at: row.int(0)?,
                first: row.int(1)?,
                last: row.int(2)?,
                events: row.u32(3)?,
                taken: row.bool(4)?,
                outcome: row.text(5)?,
            })
        })
        .collect()
}

/// Forgets a webhook.
pub async fn forget(tx: &mut Tx, id: WebhookId) -> Result<()> {
    let params = [tx.organization().into(), id.into()];
    tx.execute("DELETE FROM webhook_delivery WHERE organization_id = $1 AND webhook_id = $2", &params)
        .await?;
    tx.execute("DELETE FROM webhook_state WHERE organization_id = $1 AND webhook_id = $2", &params)
        .await
        .map(drop)
}
