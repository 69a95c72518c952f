//! Alerts. They are in no cache: pages and jobs read them here.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, Tx, filter::Select};
use catalog::Severity;
use domain::{
    Millis,
    model::{Alert, AlertId, AlertState},
};

entity!(Alert, constraint::ALERT_CHANGED);

/// What it is about never changes.
const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO alert (organization_id, rev, doc, id, kind, subject, severity, state, last_at, due_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    update: "UPDATE alert SET rev = $2, doc = $3, severity = $7, state = $8, last_at = $9, due_at = $10 \
             WHERE organization_id = $1 AND id = $4 AND kind = $5 AND subject = $6 AND rev + 1 = $2",
};

/// Which alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only in these states; empty is every state.
    pub states: Vec<AlertState>,
    /// Only of these severities; empty is every severity.
    pub severities: Vec<Severity>,
    /// Only of kinds that begin so.
    pub kind: Option<String>,
    /// Only about this subject.
    pub subject: Option<String>,
    /// Only those raised before this one.
    pub before: Option<AlertId>,
}

/// An alert.
pub async fn get(tx: &mut Tx, id: AlertId) -> Result<Option<Alert>> {
    let sql = "SELECT doc FROM alert WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// The newest alert of a kind about a subject.
pub async fn latest(tx: &mut Tx, kind: &str, subject: &str) -> Result<Option<Alert>> {
    let sql = "SELECT doc FROM alert WHERE organization_id = $1 AND kind = $2 AND subject = $3 \
               ORDER BY last_at DESC, id DESC LIMIT 1";
    let params = [tx.organization().into(), kind.into(), text::bounded(subject, 1024)];
    entity::one(tx.fetch_optional(sql, &params).await?)
}

/// Inserts or updates. Conflict: [`constraint::ALERT_CHANGED`].
pub async fn put(tx: &mut Tx, alert: &mut Alert) -> Result<()> {
    let rest = [
        alert.id.into(),
        alert.kind.as_str().into(),
        text::bounded(&alert.subject, 1024),
        entity::word(&alert.severity)?.into(),
        entity::word(&alert.state)?.into(),
        alert.last_at.into(),
        alert.due_at().into(),
    ];
    entity::put(tx, alert, &STATEMENTS, &rest).await
}

/// Alerts of the unit's organization, the newest first.
pub async fn list(tx: &mut Tx, filter: &Filter, limit: u32) -> Result<Vec<Alert>> {
    let mut select =
        Select::new("SELECT doc FROM alert WHERE organization_id = ?", vec![tx.organization().into()]);
    if !filter.states.is_empty() {
        let words = filter.states.iter().map(|s| Ok(entity::word(s)?.into())).collect::<Result<_>>()?;
        select.one_of("state", words);
    }
    if !filter.severities.is_empty() {
        let words = filter.severities.iter().map(|s| Ok(entity::word(s)?.into())).collect::<Result<_>>()?;
        select.one_of("severity", words);
    }
    if let Some(kind) = &filter.kind {
        let begin = text::bounded(kind, 200);
        let end = text::bounded(&format!("{kind}\u{10ffff}"), 210);
        select.and("kind >= ? AND kind < ?", vec![begin, end]);
    }
    if let Some(subject) = &filter.subject {
        select.and("subject = ?", vec![text::bounded(subject, 1024)]);
    }
    if let Some(before) = filter.before {
        select.and("id < ?", vec![before.into()]);
    }
    // Ids begin with their time.
    select.order("id", true);
    select.page(limit, 0);
    let (sql, params) = select.build();
    entity::all(&tx.fetch_dynamic(&sql, &params).await?)
}

/// How many alerts are not closed, by state and severity.
pub async fn open(tx: &mut Tx) -> Result<Vec<(AlertState, Severity, i64)>> {
    let sql = "SELECT state, severity, count(*) FROM alert WHERE organization_id = $1 AND state <> 'closed' \
               GROUP BY state, severity";
    let rows = tx.fetch(sql, &[tx.organization().into()]).await?;
    let word = |text: &str| serde_json::Value::from(text);
    let corrupt = |_| crate::StoreError::Corrupt("an alert has no state or severity".to_owned());
    rows.iter()
        .map(|row| {
            let state = serde_json::from_value(word(row.str(0)?)).map_err(corrupt)?;
            let severity = serde_json::from_value(word(row.str(1)?)).map_err(corrupt)?;
            Ok((state, severity, row.int(2)?))
        })
        .collect()
}

/// Alerts of the unit's organization about which time alone does something now.
pub async fn due(tx: &mut Tx, limit: u32) -> Result<Vec<Alert>> {
    let now = tx.now();
    let sql =
        "SELECT doc FROM alert WHERE organization_id = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3";
    entity::all(&tx.fetch(sql, &[tx.organization().into(), now.into(), limit.into()]).await?)
}

/// Forgets alerts that were closed and last raised before `before`; answers how many.
pub async fn purge(tx: &mut Tx, before: Millis, limit: u32) -> Result<u64> {
    let sql = "DELETE FROM alert WHERE organization_id = $1 AND id IN (SELECT id FROM alert \
               WHERE organization_id = $1 AND state = 'closed' AND last_at < $2 LIMIT $3)";
    tx.execute(sql, &[tx.organization().into(), before.into(), limit.into()]).await
}
