//! The handle of a unit: statements, the time, the tenant, and the two records.

use crate::{Clock, Result, Row, Sql, StoreError, Value, connection::Connection, writer::records::Records};
use domain::{
    Change, Millis,
    model::{Actor, JournalEntry, Organization, OrganizationId},
};

/// Which engine a statement will run on, for the few places where dialects differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Who a unit acts for.
#[derive(Clone)]
pub(crate) struct Principal {
    /// The tenant of the unit.
    pub organization: OrganizationId,
    /// Who does it; `None` in a read.
    pub actor: Option<Actor>,
}

/// One unit's view of the database. It owns its connection and lives on that connection's thread.
///
/// After a statement has failed the unit is poisoned: every further statement is refused and nothing of the
/// unit is stored, on both engines alike (PostgreSQL aborts the transaction, SQLite would go on).
pub struct Tx {
    pub(crate) connection: Connection,
    principal: Principal,
    clock: Clock,
    now: Millis,
    failure: Option<StoreError>,
    pub(crate) records: Records,
}

impl Tx {
    pub(crate) fn new(connection: Connection, clock: Clock) -> Self {
        let principal = Principal { organization: Organization::SYSTEM, actor: None };
        Self { connection, principal, clock, now: 0, failure: None, records: Records::default() }
    }

    /// Makes the handle ready for the next unit.
    pub(crate) fn enter(&mut self, principal: Principal) {
        self.principal = principal;
        self.failure = None;
        self.now = (self.clock)();
    }

    /// The first failure of this unit, if a statement failed.
    pub(crate) fn failure(&self) -> Option<&StoreError> {
        self.failure.as_ref()
    }

    /// The tenant of the unit. Repositories bind it in every statement on a tenant table.
    pub fn organization(&self) -> OrganizationId {
        self.principal.organization
    }

    /// The time of this unit, in milliseconds since 1970; the same for the whole run of the unit.
    pub fn now(&self) -> Millis {
        self.now
    }

    /// Which engine this is, for the few statements that need a dialect of their own.
    pub fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// Runs a statement that returns no rows; answers how many rows it touched.
    pub async fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64> {
        self.check(params)?;
        let outcome = self.connection.execute(sql, params).await;
        self.note(outcome)
    }

    /// Runs a statement and answers all its rows. Bound the number with `LIMIT`.
    pub async fn fetch(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>> {
        self.check(params)?;
        let outcome = self.connection.fetch(sql, params).await;
        self.note(outcome)
    }

    /// The first row, if there is one.
    pub async fn fetch_optional(&mut self, sql: &'static str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.fetch(sql, params).await?.into_iter().next())
    }

    /// Exactly one row, as of an aggregate; no row is an error.
    pub async fn fetch_one(&mut self, sql: &'static str, params: &[Value]) -> Result<Row> {
        self.fetch_optional(sql, params)
            .await?
            .ok_or_else(|| StoreError::Corrupt("a statement that always answers gave no row".to_owned()))
    }

    /// Runs a statement put together from whitelisted fragments (the grids).
    pub async fn fetch_dynamic(&mut self, sql: &Sql, params: &[Value]) -> Result<Vec<Row>> {
        self.check(params)?;
        let outcome = self.connection.fetch(sql.text(), params).await;
        self.note(outcome)
    }

    /// Adds a change to the feed. The row is written at the end of the batch; the whole change goes to the
    /// commit hooks. A unit that fails adds nothing.
    pub fn changed(&mut self, change: Change) {
        if self.may_record() {
            self.records.change(self.principal.organization, self.now, change);
        }
    }

    /// Adds an entry to the audit trail, with the actor of the unit. A unit that fails adds nothing.
    pub fn journal(&mut self, entry: JournalEntry) {
        if self.may_record()
            && let Some(actor) = &self.principal.actor
        {
            self.records.journal(self.principal.organization, self.now, actor.to_string(), entry);
        }
    }

    /// Adds an entry to the audit trail of the installation, beside what the unit does in its own organization: that
    /// an organization was made or removed, that a system administrator switched into it.
    pub fn journal_installation(&mut self, entry: JournalEntry) {
        if self.may_record()
            && let Some(actor) = &self.principal.actor
        {
            self.records.journal(Organization::SYSTEM, self.now, actor.to_string(), entry);
        }
    }

    /// A read has no actor and must not record: that would silently be lost, so it fails the read.
    fn may_record(&mut self) -> bool {
        if self.principal.actor.is_none() && self.failure.is_none() {
            self.failure = Some(StoreError::Other("a read tried to record a change".to_owned()));
        }
        self.principal.actor.is_some()
    }

    /// Refuses what only one of the engines would refuse.
    fn check(&mut self, params: &[Value]) -> Result<()> {
        if let Some(first) = &self.failure {
            return Err(StoreError::Poisoned(first.to_string()));
        }
        let has_nul = |param: &Value| matches!(param, Value::Text(text) if text.contains('\0'));
        if params.iter().any(has_nul) {
            return self.note(Err(StoreError::Other("a text holds the character U+0000".to_owned())));
        }
        Ok(())
    }

    fn note<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if let Err(error) = &outcome {
            self.failure = Some(error.clone());
        }
        outcome
    }
}
