//! The self-test: every row of ISE's *Test Connection* table, produced on purpose by a real TLS client that trusts
//! nothing but the exported root.
//!
//! The test makes two accounts for itself, one with the ISE mark and one without, and removes them afterwards. Their
//! passwords never leave this function.

mod accounts;
mod cases;

use std::future::Future;

use catalog::Permission;
use clients::ise_probe::{Check, IseProbe, Seen};
use domain::model::JournalEntry;
use serde_json::json;

use accounts::{make_account, remove_accounts};
use cases::{cases, shown};

use crate::{Engine, Error, Result, Scope};

/// Where a probe goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// The server's own listener.
    Server,
    /// A port of the same machine where nobody listens.
    Closed,
}

/// Which roots a probe trusts, and what it calls the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The root that is exported for ISE.
    ExportedRoot,
    /// No root: as an ISE into which it was not imported.
    Nothing,
    /// The exported root, but the server under a name that it does not have.
    WrongName,
}

/// A user name and password.
#[derive(Clone)]
pub struct Credentials {
    /// Name.
    pub user: String,
    /// Password.
    pub password: String,
}

/// One request.
pub struct ProbeRequest {
    /// Where to.
    pub port: Port,
    /// Whom to trust.
    pub trust: Trust,
    /// Sent as HTTP Basic.
    pub credentials: Option<Credentials>,
    /// Path and query of a GET.
    pub target: String,
}

/// What a real client saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeAnswer {
    /// No connection: why.
    Unreachable(String),
    /// No trust: why.
    Untrusted(String),
    /// An answer.
    Answered {
        /// HTTP status.
        status: u16,
        /// A `WWW-Authenticate: Basic` header came.
        challenged: bool,
        /// The body.
        body: String,
    },
}

/// A real HTTPS client.
pub trait Probe: Sync {
    /// Sends one request on a connection of its own.
    fn call(&self, request: ProbeRequest) -> impl Future<Output = ProbeAnswer> + Send;
}

impl Probe for IseProbe {
    async fn call(&self, request: ProbeRequest) -> ProbeAnswer {
        let check = match request.trust {
            Trust::ExportedRoot => Check::Right,
            Trust::Nothing => Check::NoRoot,
            Trust::WrongName => Check::WrongName,
        };
        let credentials = request.credentials.as_ref().map(|c| (c.user.as_str(), c.password.as_str()));
        let seen = match request.port {
            Port::Server => self.get(check, credentials, &request.target).await,
            Port::Closed => self.get_from_nobody(&request.target).await,
        };
        match seen {
            Seen::Unreachable(why) => ProbeAnswer::Unreachable(why),
            Seen::Untrusted(why) => ProbeAnswer::Untrusted(why),
            Seen::Answer { status, challenged, body } => ProbeAnswer::Answered { status, challenged, body },
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SelfTestRow {
    /// What was tried.
    pub name: &'static str,
    /// What ISE shows when the server does as it should.
    pub expected: &'static str,
    /// What ISE would have shown.
    pub shown: String,
    /// Whether the server did as it should.
    pub passed: bool,
    /// What to do when it did not.
    pub hint: &'static str,
}

/// Runs the table through a real client. `own` adds a row with an account's own credentials.
///
/// # Errors
/// [`Error::Denied`], storage errors. What the client sees is a row, never an error.
pub async fn self_test(
    engine: &Engine,
    scope: &Scope,
    probe: &impl Probe,
    own: Option<Credentials>,
) -> Result<Vec<SelfTestRow>> {
    scope.require(Permission::IseEdit)?;
    let organization = {
        let org =
            engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
        std::sync::Arc::clone(&org.read().organization)
    };
    remove_accounts(engine, scope).await?;
    let marked = make_account(engine, scope, true).await?;
    let unmarked = make_account(engine, scope, false).await?;
    let mut rows = Vec::new();
    for case in cases(engine, &organization, &marked, &unmarked, own) {
        let shown = shown(&case, probe.call(case.request()).await);
        rows.push(SelfTestRow {
            name: case.name,
            expected: case.expected,
            passed: shown == case.expected,
            shown,
            hint: case.hint,
        });
    }
    remove_accounts(engine, scope).await?;
    let failed: Vec<_> = rows.iter().filter(|row| !row.passed).map(|row| row.name).collect();
    let body = json!({ "rows": rows.len(), "failed": failed });
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            tx.journal(JournalEntry { event: "ise.self_tested", subject: String::new(), body: body.clone() });
            Ok::<_, Error>(())
        })
        .await?;
    Ok(rows)
}
