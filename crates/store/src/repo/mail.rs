//! The queue of outgoing mail, and the log of what became of it.

use super::{entity, text};
use crate::{Result, Row, StoreError, Tx};
use domain::{
    Millis,
    model::{Mail, MailFile, MailFileId, MailId, MailingId, Sealed},
};

const COLUMNS: usize = 17;

/// Longest text kept of what a server said, bytes.
const OUTCOME: usize = 500;

/// Adds a mail to the queue.
pub async fn insert(tx: &mut Tx, mail: &Mail) -> Result<()> {
    entity::own(tx, mail.organization)?;
    let sql = "INSERT INTO mail (organization_id, id, purpose, recipient, subject, text, state, attempts, outcome, \
               created_at, due_at, finished_at, sealed, user_id, mailing_id, report_mail_id, file_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let params: [_; COLUMNS] = [
        mail.organization.into(),
        mail.id.into(),
        mail.purpose.as_str().into(),
        mail.recipient.as_str().into(),
        mail.subject.as_str().into(),
        mail.text.as_deref().map(|text| text.replace('\0', " ")).into(),
        entity::word(&mail.state)?.into(),
        mail.attempts.into(),
        text::bounded(&mail.outcome, OUTCOME),
        mail.created_at.into(),
        mail.due_at.into(),
        mail.finished_at.into(),
        mail.sealed.as_ref().map(|sealed| sealed.0.clone()).into(),
        mail.user.into(),
        mail.mailing.into(),
        mail.report.into(),
        mail.file.into(),
    ];
    tx.execute(sql, &params).await.map(drop)
}

/// Writes down how an attempt went: state, attempts, outcome, times, and that text and body are gone once it is over.
/// `false` if the mail was over already.
pub async fn update(tx: &mut Tx, mail: &Mail) -> Result<bool> {
    let sql = "UPDATE mail SET state = $3, attempts = $4, outcome = $5, due_at = $6, finished_at = $7, \
               text = CASE WHEN CAST($6 AS BIGINT) IS NULL THEN NULL ELSE text END, \
               sealed = CASE WHEN CAST($6 AS BIGINT) IS NULL THEN NULL ELSE sealed END \
               WHERE organization_id = $1 AND id = $2 AND due_at IS NOT NULL";
    let params = [
        tx.organization().into(),
        mail.id.into(),
        entity::word(&mail.state)?.into(),
        mail.attempts.into(),
        text::bounded(&mail.outcome, OUTCOME),
        mail.due_at.into(),
        mail.finished_at.into(),
    ];
    Ok(tx.execute(sql, &params).await? > 0)
}

/// Keeps a file that goes out with mails of the unit.
pub async fn insert_file(tx: &mut Tx, file: &MailFile) -> Result<()> {
    entity::own(tx, file.organization)?;
    let sql = "INSERT INTO mail_file (organization_id, id, name, media, sealed) VALUES ($1, $2, $3, $4, $5)";
    let params = [
        file.organization.into(),
        file.id.into(),
        file.name.as_str().into(),
        file.media.as_str().into(),
        file.sealed.0.clone().into(),
    ];
    tx.execute(sql, &params).await.map(drop)
}

/// A file that goes out with mails; `None` if there is none of this id in the organization.
pub async fn file(tx: &mut Tx, id: MailFileId) -> Result<Option<MailFile>> {
    let sql = "SELECT organization_id, id, name, media, sealed FROM mail_file WHERE organization_id = $1 AND id = $2";
    let row = tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?;
    row.map(|row| {
        Ok(MailFile {
            organization: row.id(0)?,
            id: row.id(1)?,
            name: row.text(2)?,
            media: row.text(3)?,
            sealed: Sealed(row.blob(4)?),
        })
    })
    .transpose()
}

/// Forgets a file, unless a mail that waits has it.
pub async fn forget_file(tx: &mut Tx, id: MailFileId) -> Result<()> {
    let sql = "DELETE FROM mail_file WHERE organization_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM mail \
               WHERE organization_id = $1 AND file_id = $2 AND due_at IS NOT NULL)";
    tx.execute(sql, &[tx.organization().into(), id.into()]).await.map(drop)
}

/// Mails of the unit's organization that are due, those due longest first.
pub async fn due(tx: &mut Tx, limit: u32) -> Result<Vec<Mail>> {
    let sql = "SELECT organization_id, id, purpose, recipient, subject, text, state, attempts, outcome, created_at, \
               due_at, finished_at, sealed, user_id, mailing_id, report_mail_id, file_id FROM mail \
               WHERE organization_id = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3";
    let now = tx.now();
    let rows = tx.fetch(sql, &[tx.organization().into(), now.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// The log of the unit's organization, newest first; with `before`, what was queued before that mail.
pub async fn log(tx: &mut Tx, before: Option<MailId>, limit: u32) -> Result<Vec<Mail>> {
    let mut select = crate::filter::Select::new(LOG, vec![tx.organization().into()]);
    if let Some(before) = before {
        select.and("id < ?", vec![before.into()]);
    }
    // Ids begin with their time.
    select.order("id", true);
    select.page(limit, 0);
    let (sql, params) = select.build();
    tx.fetch_dynamic(&sql, &params).await?.iter().map(read).collect()
}

const LOG: &str = "SELECT organization_id, id, purpose, recipient, subject, text, state, attempts, outcome, \
                   created_at, due_at, finished_at, sealed, user_id, mailing_id, report_mail_id, \
                   file_id FROM mail WHERE organization_id = ?";

/// Mails of a mailing, in the order in which they were queued; with `after`, those behind that mail.
pub async fn of_mailing(
    tx: &mut Tx,
    mailing: MailingId,
    after: Option<MailId>,
    limit: u32,
) -> Result<Vec<Mail>> {
    let mut select = crate::filter::Select::new(LOG, vec![tx.organization().into()]);
    select.and("mailing_id = ?", vec![mailing.into()]);
    if let Some(after) = after {
        select.and("id > ?", vec![after.into()]);
    }
    select.order("id", false);
    select.page(limit, 0);
    let (sql, params) = select.build();
    tx.fetch_dynamic(&sql, &params).await?.iter().map(read).collect()
}

/// Mails that the SMTP server took since a moment.
pub async fn sent_since(tx: &mut Tx, since: Millis) -> Result<i64> {
    let sql = "SELECT count(*) FROM mail WHERE organization_id = $1 AND finished_at >= $2 AND state = 'sent'";
    tx.fetch_one(sql, &[tx.organization().into(), since.into()]).await?.int(0)
}

/// Waiting mails, and those given up since a moment.
pub async fn counts(tx: &mut Tx, since: Millis) -> Result<(i64, i64)> {
    let sql = "SELECT count(*) FROM mail WHERE organization_id = $1 AND due_at IS NOT NULL";
    let waiting = tx.fetch_one(sql, &[tx.organization().into()]).await?.int(0)?;
    let sql =
        "SELECT count(*) FROM mail WHERE organization_id = $1 AND finished_at >= $2 AND state = 'given_up'";
    let given_up = tx.fetch_one(sql, &[tx.organization().into(), since.into()]).await?.int(0)?;
    Ok((waiting, given_up))
}

/// Makes everything that waits due now, after the server was set up anew. Answers how many.
pub async fn retry_all(tx: &mut Tx) -> Result<u64> {
    let now = tx.now();
    let sql = "UPDATE mail SET due_at = $2 WHERE organization_id = $1 AND due_at > $2";
    tx.execute(sql, &[tx.organization().into(), now.into()]).await
}

/// Forgets mails that were over before `before`; answers how many.
pub async fn purge(tx: &mut Tx, before: Millis) -> Result<u64> {
    let sql = "DELETE FROM mail WHERE organization_id = $1 AND finished_at < $2";
    tx.execute(sql, &[tx.organization().into(), before.into()]).await
}

fn read(row: &Row) -> Result<Mail> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("a mail has no {what} that can be read"));
    Ok(Mail {
        organization: row.id(0)?,
        id: row.id(1)?,
        purpose: row.text(2)?,
        recipient: row.str(3)?.parse().map_err(|_| corrupt("recipient"))?,
        subject: row.str(4)?.into(),
        text: row.opt_text(5)?,
        state: serde_json::from_value(row.text(6)?.into()).map_err(|_| corrupt("state"))?,
        attempts: row.u32(7)?,
        outcome: row.text(8)?,
        created_at: row.int(9)?,
        due_at: row.opt_int(10)?,
        finished_at: row.opt_int(11)?,
        sealed: row.opt_blob(12)?.map(Sealed),
        user: row.opt_id(13)?,
        mailing: row.opt_id(14)?,
        report: row.opt_id(15)?,
        file: row.opt_id(16)?,
    })
}
