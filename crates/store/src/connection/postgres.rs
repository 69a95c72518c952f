//! A connection to PostgreSQL, driven on the thread that owns it.
//!
//! Control statements (BEGIN, SAVEPOINT, RELEASE …) are only noted and then sent in one piece together with the
//! next real statement, without waiting in between; measured, this halves the cost of a unit.

use super::{Purpose, Trouble, postgres_value, tls::Target};
use crate::{Result, Row, StoreError, Value};
use postgres_value::Param;
use std::{cell::Cell, collections::HashMap, rc::Rc, sync::Arc};
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Statement, error::SqlState, types::ToSql};

/// Prepared statements kept per connection; a program has a few hundred.
const CACHED_STATEMENTS: usize = 512;

/// What every session is told. The commit must be durable whatever the database's default says, and nothing may
/// hang for ever: another node that died in the middle would else stop this one.
const SESSION: &str = "SET TIME ZONE 'UTC'; SET statement_timeout = '60s'; SET lock_timeout = '20s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// See the module.
pub(crate) struct PostgresConnection {
    target: Target,
    client: Option<Client>,
    statements: HashMap<String, Prepared>,
    /// Control statements that go out with the next real one.
    pending: String,
    /// The server has been told to begin.
    begun: bool,
    unit: Savepoint,
    trouble: Option<Trouble>,
    in_flight: Rc<Cell<bool>>,
}

#[derive(Clone)]
struct Prepared {
    statement: Statement,
    columns: Arc<[String]>,
}

/// The savepoint of the running unit, set before its first statement: any error would abort the transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    None,
    Wanted,
    Open,
}

/// Marks a statement as on its way, also when the waiting future is dropped.
struct InFlight(Rc<Cell<bool>>);

impl InFlight {
    fn new(flag: &Rc<Cell<bool>>) -> Self {
        flag.set(true);
        Self(flag.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Statements that are ready to be sent.
pub(crate) struct Pipeline<'c, const N: usize> {
    pub client: &'c Client,
    /// Control statements that must go ahead of them, through [`flush`]: else they would run inside the savepoint
    /// of the last unit, and be undone with it if that unit failed.
    pub control: String,
    pub statements: [Statement; N],
}

impl PostgresConnection {
    /// A connection that will be made at the first `begin`.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            client: None,
            statements: HashMap::new(),
            pending: String::new(),
            begun: false,
            unit: Savepoint::None,
            trouble: None,
            in_flight: Rc::default(),
        }
    }

    pub fn in_flight(&self) -> Rc<Cell<bool>> {
        self.in_flight.clone()
    }

    pub fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Connects if there is no live connection. Must be called inside a runtime of this thread.
    pub async fn connect(&mut self) -> Result<&Client> {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            self.statements.clear();
            self.client = Some(connect(&self.target).await?);
        }
        self.client.as_ref().ok_or_else(|| StoreError::Unavailable("not connected".to_owned()))
    }

    /// The driver's client, for copies inside this crate.
    pub fn raw(&self) -> Result<&Client> {
        self.client()
    }

    fn client(&self) -> Result<&Client> {
        self.client.as_ref().ok_or_else(|| StoreError::Unavailable("not connected".to_owned()))
    }

    pub async fn begin(&mut self, purpose: Purpose) -> Result<()> {
        self.trouble = None;
        self.unit = Savepoint::None;
        self.begun = false;
        self.pending.clear();
        self.connect().await?;
        self.pending.push_str(match purpose {
            Purpose::Write => "BEGIN",
            Purpose::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        });
        Ok(())
    }

    /// Several statements, inside the open transaction.
    pub async fn script(&mut self, sql: &str) -> Result<()> {
        let _flight = InFlight::new(&self.in_flight);
        let control = self.control();
        let client = self.client()?;
        let (before, outcome) = tokio::join!(flush(client, &control), client.batch_execute(sql));
        before.and(outcome).map_err(|error| self.failed(&error))
    }

    pub fn savepoint(&mut self) {
        self.unit = Savepoint::Wanted;
    }

    pub fn release(&mut self) {
        if self.unit == Savepoint::Open {
            self.later("RELEASE SAVEPOINT unit");
        }
        self.unit = Savepoint::None;
    }

    pub fn undo(&mut self) {
        if self.unit == Savepoint::Open {
            self.later("ROLLBACK TO SAVEPOINT unit;RELEASE SAVEPOINT unit");
        }
        self.unit = Savepoint::None;
    }

    fn later(&mut self, control: &str) {
        if !self.pending.is_empty() {
            self.pending.push(';');
        }
        self.pending.push_str(control);
    }

    pub async fn commit(&mut self, notify: bool) -> Result<()> {
        if !self.begun {
            self.pending.clear();
            return Ok(());
        }
        if notify {
            self.later("NOTIFY notifymdm_feed");
        }
        self.later("COMMIT");
        let control = std::mem::take(&mut self.pending);
        let outcome = self.client()?.batch_execute(&control).await;
        self.begun = false;
        outcome.map_err(|error| self.failed(&error))
    }

    pub async fn rollback(&mut self) {
        self.pending.clear();
        if std::mem::take(&mut self.begun)
            && let Some(client) = &self.client
            && client.batch_execute("ROLLBACK").await.is_err()
        {
            // Whatever state the session is in, no later batch may meet it.
            self.client = None;
        }
    }

    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let _flight = InFlight::new(&self.in_flight);
        let prepared = self.prepared(sql).await?;
        check_count(&prepared.statement, params, sql)?;
        let params: Vec<Param<'_>> = params.iter().map(Param).collect();
        let control = self.control();
        let client = self.client()?;
        let (before, outcome) = tokio::join!(
            flush(client, &control),
            client.execute_raw(&prepared.statement, params.iter().map(|p| p as &(dyn ToSql + Sync)))
        );
        before.and(outcome).map_err(|error| self.failed(&error))
    }

    pub async fn fetch(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let _flight = InFlight::new(&self.in_flight);
        let prepared = self.prepared(sql).await?;
        check_count(&prepared.statement, params, sql)?;
        let params: Vec<Param<'_>> = params.iter().map(Param).collect();
        let borrowed: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let control = self.control();
        let client = self.client()?;
        let (before, outcome) =
            tokio::join!(flush(client, &control), client.query(&prepared.statement, &borrowed));
        let rows = before.and(outcome).map_err(|error| self.failed(&error))?;
        rows.iter().map(|row| Ok(Row::new(prepared.columns.clone(), postgres_value::values(row)?))).collect()
    }

    /// The control statements to send now, with the savepoint of the unit if this is its first statement.
    fn control(&mut self) -> String {
        if self.unit == Savepoint::Wanted {
            self.later("SAVEPOINT unit");
            self.unit = Savepoint::Open;
        }
        self.begun = true;
        std::mem::take(&mut self.pending)
    }

    /// Prepares a statement or takes it from the cache. Preparing inside an aborted transaction is refused, so
    /// pending control statements (perhaps a ROLLBACK TO) go ahead of it.
    async fn prepared(&mut self, sql: &str) -> Result<Prepared> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let control = self.control();
        let client = self.client()?;
        let (before, outcome) = tokio::join!(flush(client, &control), client.prepare(sql));
        let statement = before.and(outcome).map_err(|error| self.failed(&error))?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        if self.statements.len() >= CACHED_STATEMENTS {
            self.statements.clear();
        }
        let prepared = Prepared { statement, columns };
        self.statements.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    /// Prepares several statements, for pipelining.
    pub async fn pipeline<const N: usize>(&mut self, sql: [&str; N]) -> Result<Pipeline<'_, N>> {
        let mut found = Vec::with_capacity(N);
        for text in sql {
            found.push(self.prepared(text).await?.statement);
        }
        let statements =
            found.try_into().map_err(|_| StoreError::Other("statements were lost".to_owned()))?;
        let control = self.control();
        Ok(Pipeline { client: self.client()?, control, statements })
    }

    /// Translates an error and notes what it means for the transaction.
    pub fn failed(&mut self, error: &tokio_postgres::Error) -> StoreError {
        let (translated, trouble) = translate(error);
        let closed = self.client.as_ref().is_none_or(Client::is_closed);
        let trouble = if closed { Some(Trouble::Lost) } else { trouble };
        if trouble == Some(Trouble::Lost) {
            self.client = None;
        }
        self.trouble = self.trouble.or(trouble);
        translated
    }
}

/// Sends control statements, if there are any.
pub(crate) async fn flush(client: &Client, control: &str) -> std::result::Result<(), tokio_postgres::Error> {
    if control.is_empty() { Ok(()) } else { client.batch_execute(control).await }
}

/// Opens a session and drives it on the current thread's runtime.
pub(crate) async fn connect(target: &Target) -> Result<Client> {
    let failed = |error: tokio_postgres::Error| match translate(&error) {
        (StoreError::Unavailable(why), _) => StoreError::Unavailable(why),
        (other, _) => StoreError::Refused(format!("the database refuses the connection: {other}")),
    };
    let (client, connection) = target.config.connect(target.tls.clone()).await.map_err(failed)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "a database connection broke");
        }
    });
    client.batch_execute(SESSION).await.map_err(failed)?;
    Ok(client)
}

/// Opens a session that listens to a channel and passes every notification on as a hint. The session lives as
/// long as the client.
pub(crate) async fn listen(target: &Target, channel: &str, hint: Arc<Notify>) -> Result<Client> {
    let failed = |error: tokio_postgres::Error| translate(&error).0;
    let (client, mut connection) = target.config.connect(target.tls.clone()).await.map_err(failed)?;
    tokio::spawn(async move {
        while let Some(Ok(message)) = std::future::poll_fn(|context| connection.poll_message(context)).await {
            if matches!(message, AsyncMessage::Notification(_)) {
                hint.notify_one();
            }
        }
        // The end of the session is news too: it must be opened again.
        hint.notify_one();
    });
    client.batch_execute(&format!("LISTEN {channel}")).await.map_err(failed)?;
    Ok(client)
}

fn check_count(statement: &Statement, params: &[Value], sql: &str) -> Result<()> {
    let wanted = statement.params().len();
    if wanted == params.len() {
        return Ok(());
    }
    Err(StoreError::Other(format!(
        "the statement has {wanted} parameters but {} were given: {sql}",
        params.len()
    )))
}

/// An error of the driver in the store's words, and what it means for the transaction.
pub(crate) fn translate(error: &tokio_postgres::Error) -> (StoreError, Option<Trouble>) {
    let Some(db) = error.as_db_error() else {
        let why = std::error::Error::source(error)
            .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        // A parameter that does not fit its column is our mistake; everything else is the network.
        let broken = error.is_closed() || !why.contains("serializing") && !why.contains("deserializing");
        return if broken {
            (StoreError::Unavailable(why), Some(Trouble::Lost))
        } else {
            (StoreError::Other(why), None)
        };
    };
    let constraint = || StoreError::Conflict { constraint: db.constraint().unwrap_or("unnamed").to_owned() };
    let code = db.code();
    match code {
        &SqlState::UNIQUE_VIOLATION | &SqlState::CHECK_VIOLATION => (constraint(), None),
        &SqlState::FOREIGN_KEY_VIOLATION => {
            (StoreError::Conflict { constraint: "foreign_key".to_owned() }, None)
        }
        &SqlState::T_R_DEADLOCK_DETECTED | &SqlState::T_R_SERIALIZATION_FAILURE => {
            (StoreError::Busy, Some(Trouble::Retry))
        }
        &SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED => (StoreError::Busy, None),
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => {
            (StoreError::Corrupt(db.message().to_owned()), None)
        }
        &SqlState::ADMIN_SHUTDOWN
        | &SqlState::CRASH_SHUTDOWN
        | &SqlState::CANNOT_CONNECT_NOW
        | &SqlState::TOO_MANY_CONNECTIONS
        | &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => {
            (StoreError::Unavailable(db.message().to_owned()), Some(Trouble::Lost))
        }
        &SqlState::DISK_FULL | &SqlState::OUT_OF_MEMORY => {
            (StoreError::Unavailable(db.message().to_owned()), None)
        }
        code if code.code().starts_with("08") => {
            (StoreError::Unavailable(db.message().to_owned()), Some(Trouble::Lost))
        }
        code => (StoreError::Other(format!("{} (SQLSTATE {})", db.message(), code.code())), None),
    }
}
