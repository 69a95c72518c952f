//! Reports that are sent by mail.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx};
use domain::model::{ReportMail, ReportMailId};

entity!(ReportMail, constraint::REPORT_MAIL_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO report_mail (organization_id, rev, doc, id, name_lower, next_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
    update: "UPDATE report_mail SET rev = $2, doc = $3, name_lower = $5, next_at = $6 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The mail, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: ReportMailId) -> Result<Option<ReportMail>> {
    let sql = "SELECT doc FROM report_mail WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// All of the unit's organization, by name.
pub async fn list(tx: &mut Tx) -> Result<Vec<ReportMail>> {
    let sql = "SELECT doc FROM report_mail WHERE organization_id = $1 ORDER BY name_lower, id";
    entity::all(&tx.fetch(sql, &[tx.organization().into()]).await?)
}

/// Inserts or updates. Conflicts: [`constraint::REPORT_MAIL_CHANGED`], [`constraint::REPORT_MAIL_NAME`].
pub async fn put(tx: &mut Tx, mail: &mut ReportMail) -> Result<()> {
    let rest = [mail.id.into(), text::lower(&mail.name), mail.next_at.into()];
    entity::put(tx, mail, &STATEMENTS, &rest).await
}

/// Removes it; false if there was none.
pub async fn remove(tx: &mut Tx, id: ReportMailId) -> Result<bool> {
    let sql = "DELETE FROM report_mail WHERE organization_id = $1 AND id = $2";
    Ok(tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0)
}
