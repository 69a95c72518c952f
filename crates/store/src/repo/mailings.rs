//! Mail to many, with those it still has to be written to.

use super::{
    constraint,
    entity::{self, Statements, entity},
};
use crate::{Result, StoreError, Tx};
use domain::model::{Mailing, MailingId, MailingRecipient};

entity!(Mailing, constraint::MAILING_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO mailing (organization_id, rev, doc, id, ticket, running) \
             VALUES ($1, $2, $3, $4, $5, $6)",
    update: "UPDATE mailing SET rev = $2, doc = $3, running = $6 \
             WHERE organization_id = $1 AND id = $4 AND ticket = $5 AND rev + 1 = $2",
};

/// The mailing, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: MailingId) -> Result<Option<Mailing>> {
    let sql = "SELECT doc FROM mailing WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// The mailing that was ordered with this ticket.
pub async fn by_ticket(tx: &mut Tx, ticket: &str) -> Result<Option<Mailing>> {
    let sql = "SELECT doc FROM mailing WHERE organization_id = $1 AND ticket = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), ticket.into()]).await?)
}

/// Mailings of the unit's organization, newest first.
pub async fn list(tx: &mut Tx, limit: u32) -> Result<Vec<Mailing>> {
    let sql = "SELECT doc FROM mailing WHERE organization_id = $1 ORDER BY id DESC LIMIT $2";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), limit.into()]).await?)
}

/// Mailings of the unit's organization that are under way, oldest first.
pub async fn running(tx: &mut Tx) -> Result<Vec<Mailing>> {
    let sql = "SELECT doc FROM mailing WHERE organization_id = $1 AND running ORDER BY id";
    entity::all(&tx.fetch(sql, &[tx.organization().into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::MAILING_CHANGED`], `mailing_ticket` (ordered already).
pub async fn put(tx: &mut Tx, mailing: &mut Mailing) -> Result<()> {
    let running = mailing.finished_at.is_none();
    let rest = [mailing.id.into(), mailing.ticket.as_str().into(), running.into()];
    entity::put(tx, mailing, &STATEMENTS, &rest).await
}

/// Keeps a part of the recipients.
pub async fn put_part(tx: &mut Tx, id: MailingId, part: u32, recipients: &[MailingRecipient]) -> Result<()> {
    let sql =
        "INSERT INTO mailing_part (organization_id, mailing_id, part, recipients) VALUES ($1, $2, $3, $4)";
    let recipients =
        serde_json::to_string(recipients).map_err(|error| StoreError::Other(error.to_string()))?;
    tx.execute(sql, &[tx.organization().into(), id.into(), part.into(), recipients.into()]).await.map(drop)
}

/// Takes a part of the recipients; `None` if it was taken before.
pub async fn take_part(tx: &mut Tx, id: MailingId, part: u32) -> Result<Option<Vec<MailingRecipient>>> {
    let sql = "DELETE FROM mailing_part WHERE organization_id = $1 AND mailing_id = $2 AND part = $3 \
               RETURNING recipients";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), id.into(), part.into()]).await?;
    row.map(|row| row.json(0)).transpose()
}

/// Forgets mailings that were ordered before one with this id, and are over; answers how many.
pub async fn purge(tx: &mut Tx, before: MailingId) -> Result<u64> {
    let sql = "DELETE FROM mailing WHERE organization_id = $1 AND id < $2 AND NOT running";
    tx.execute(sql, &[tx.organization().into(), before.into()]).await
}
