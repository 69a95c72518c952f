//! Reading the audit trail, for its page and for the timeline of a device or user. Rows are written by
//! [`Tx::journal`] alone.

use crate::{Result, Row, Tx, filter::Select};
use domain::model::JournalRow;

/// Which rows of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only events whose key begins with this, e.g. `device.`; empty is every event.
    pub event: String,
    /// Only rows about this subject (an id in text form).
    pub subject: Option<String>,
}

/// Rows of the unit's organization, the newest first; with `before`, those of a smaller sequence.
pub async fn page(tx: &mut Tx, before: Option<i64>, filter: &Filter, limit: u32) -> Result<Vec<JournalRow>> {
    let mut select = Select::new(
        "SELECT organization_id, sequence, at, actor, event, subject, body, hash FROM journal \
         WHERE organization_id = ? AND sequence < ?",
        vec![tx.organization().into(), before.unwrap_or(i64::MAX).into()],
    );
    if let Some(subject) = &filter.subject {
        select.and("subject = ?", vec![super::text::bounded(subject, 512)]);
    }
    if !filter.event.is_empty() {
        let prefix = super::text::bounded(&filter.event, 512);
        select
            .and("substr(event, 1, length(CAST(? AS TEXT))) = CAST(? AS TEXT)", vec![prefix.clone(), prefix]);
    }
    select.order("sequence", true);
    select.page(limit, 0);
    let (sql, params) = select.build();
    tx.fetch_dynamic(&sql, &params).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<JournalRow> {
    Ok(JournalRow {
        organization: row.id(0)?,
        sequence: row.int(1)?,
        at: row.int(2)?,
        actor: row.text(3)?,
        event: row.text(4)?,
        subject: row.text(5)?,
        body: row.opt_json(6)?,
        hash: hex::encode(row.blob(7)?),
    })
}
