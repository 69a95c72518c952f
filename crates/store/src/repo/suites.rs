//! Policy suites and their revisions.
//!
//! A suite carries the revision in force; `policy_revision` keeps every revision that ever was in force.
//! Revisions are immutable: there is no statement that updates one.

use super::{
    constraint,
    entity::{self, Statements, entity},
    text,
};
use crate::{Result, StoreError, Tx};
use domain::{
    Change,
    model::{PolicyRevision, PolicySuite, PolicySuiteId},
};
use std::sync::Arc;

entity!(PolicySuite, constraint::SUITE_CHANGED);

const STATEMENTS: Statements = Statements {
    insert: "INSERT INTO policy_suite (organization_id, rev, doc, id, name_lower) \
             VALUES ($1, $2, $3, $4, $5)",
    update: "UPDATE policy_suite SET rev = $2, doc = $3, name_lower = $5 \
             WHERE organization_id = $1 AND id = $4 AND rev + 1 = $2",
};

/// The suite, if there is one of this id in the organization.
pub async fn get(tx: &mut Tx, id: PolicySuiteId) -> Result<Option<PolicySuite>> {
    let sql = "SELECT doc FROM policy_suite WHERE organization_id = $1 AND id = $2";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), id.into()]).await?)
}

/// Inserts or updates; a published revision that is new goes into the history. Conflicts:
/// [`constraint::SUITE_NAME`] (compared in lower case), [`constraint::SUITE_REVISION`] (the history has other
/// content under this number), [`constraint::SUITE_CHANGED`].
pub async fn put(tx: &mut Tx, suite: &mut PolicySuite) -> Result<()> {
    // Before the suite itself is written: a refused revision must leave nothing behind.
    let new = match &suite.published {
        Some(published) => is_new(tx, suite.id, published).await?,
        None => false,
    };
    let rest = [suite.id.into(), text::lower(&suite.name)];
    entity::put(tx, suite, &STATEMENTS, &rest).await?;
    if let Some(published) = &suite.published
        && new
    {
        let sql = "INSERT INTO policy_revision (organization_id, suite_id, number, doc) \
                   VALUES ($1, $2, $3, $4)";
        let doc = entity::document(published)?;
        tx.execute(sql, &[tx.organization().into(), suite.id.into(), published.number.into(), doc.into()])
            .await?;
    }
    tx.changed(Change::Suite(Arc::new(suite.clone())));
    Ok(())
}

/// Is the revision not in the history yet? Other content under its number is a conflict.
async fn is_new(tx: &mut Tx, suite: PolicySuiteId, published: &PolicyRevision) -> Result<bool> {
    match revision(tx, suite, published.number).await? {
        None => Ok(true),
        Some(stored) if stored == *published => Ok(false),
        Some(_) => Err(StoreError::Conflict { constraint: constraint::SUITE_REVISION.to_owned() }),
    }
}

/// One revision of a suite.
pub async fn revision(tx: &mut Tx, suite: PolicySuiteId, number: i64) -> Result<Option<PolicyRevision>> {
    let sql = "SELECT doc FROM policy_revision WHERE organization_id = $1 AND suite_id = $2 AND number = $3";
    entity::one(tx.fetch_optional(sql, &[tx.organization().into(), suite.into(), number.into()]).await?)
}

/// The revisions of a suite, the newest first; with `before`, those of a smaller number.
pub async fn revisions(
    tx: &mut Tx,
    suite: PolicySuiteId,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<PolicyRevision>> {
    let sql = "SELECT doc FROM policy_revision WHERE organization_id = $1 AND suite_id = $2 AND number < $3 \
               ORDER BY number DESC LIMIT $4";
    let params = [tx.organization().into(), suite.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    entity::all(&tx.fetch(sql, &params).await?)
}

/// Removes the suite with its revisions; false if there was none. A user or device that has it makes this the
/// conflict [`constraint::FOREIGN_KEY`]; the organization's default suite is the caller's to look after.
pub async fn remove(tx: &mut Tx, id: PolicySuiteId) -> Result<bool> {
    let sql = "DELETE FROM policy_suite WHERE organization_id = $1 AND id = $2";
    let removed = tx.execute(sql, &[tx.organization().into(), id.into()]).await? > 0;
    if removed {
        tx.changed(Change::SuiteRemoved(id));
    }
    Ok(removed)
}
