//! Reading the journal.

use catalog::Permission;
use domain::model::JournalRow;

use crate::{Engine, Error, Result, Scope};

/// Which rows.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct JournalQuery {
    /// Only rows before this sequence number (paging backwards in time).
    pub before: Option<i64>,
    /// Only events that begin with this, e.g. `device.`.
    pub event: String,
    /// Only this subject (an id in text form).
    pub subject: String,
    /// How many, 1 to 500.
    pub limit: Option<u32>,
}

/// A page of the journal, newest first.
///
/// # Errors
/// [`Error::Denied`].
pub async fn page(engine: &Engine, scope: &Scope, query: JournalQuery) -> Result<Vec<JournalRow>> {
    scope.require(Permission::JournalView)?;
    rows(engine, scope, query).await
}

/// The rows about one subject, for the timeline of a page that the scope may see already.
pub(crate) async fn about(
    engine: &Engine,
    scope: &Scope,
    subject: String,
    limit: u32,
) -> Result<Vec<JournalRow>> {
    rows(engine, scope, JournalQuery { subject, limit: Some(limit), ..JournalQuery::default() }).await
}

async fn rows(engine: &Engine, scope: &Scope, query: JournalQuery) -> Result<Vec<JournalRow>> {
    let limit = query.limit.unwrap_or(50).clamp(1, 500);
    let subject = (!query.subject.is_empty()).then_some(query.subject);
    let filter = store::repo::journal::Filter { event: query.event, subject };
    engine
        .store
        .read(scope.organization(), async move |tx| {
            let rows = store::repo::journal::page(tx, query.before, &filter, limit).await?;
            Ok::<_, Error>(rows)
        })
        .await
}
