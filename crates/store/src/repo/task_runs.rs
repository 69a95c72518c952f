//! How the last run of each task went.

use super::entity;
use crate::{Result, Tx};
use domain::model::TaskOutcome;

/// The tasks of the unit's organization that ever ran, by their keys.
pub async fn all(tx: &mut Tx) -> Result<Vec<(String, TaskOutcome)>> {
    let sql = "SELECT task, doc FROM task_run WHERE organization_id = $1 ORDER BY task";
    let rows = tx.fetch(sql, &[tx.organization().into()]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.json(1)?))).collect()
}

/// Keeps how a run went, in place of the one before.
pub async fn put(tx: &mut Tx, task: &str, outcome: &TaskOutcome) -> Result<()> {
    let sql = "INSERT INTO task_run (organization_id, task, doc) VALUES ($1, $2, $3) \
               ON CONFLICT (organization_id, task) DO UPDATE SET doc = $3";
    let doc = entity::document(outcome)?;
    tx.execute(sql, &[tx.organization().into(), task.into(), doc.into()]).await.map(drop)
}
