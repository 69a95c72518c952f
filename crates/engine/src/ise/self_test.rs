//! The self-test: every row of ISE's *Test Connection* table, produced on purpose by a real TLS client that trusts
//! nothing but the exported root.
//!
//! The test makes two accounts for itself, one with the ISE mark and one without, and removes them afterwards. Their
//! passwords never leave this function.

use std::future::Future;

use catalog::Permission;
use clients::ise_probe::{Check, IseProbe, Seen};
use domain::model::{AdminKind, Administrator, AdministratorId, JournalEntry, Organization, OrganizationId};
use serde_json::json;
use store::repo;

use crate::{Engine, Error, Result, Scope, passwords};

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

const SUCCESS: &str = "The MDM Server details are valid and the connectivity was successful.";
const UNREACHABLE: &str = "Connection failed: Please check connection parameters";
const UNTRUSTED: &str =
    "Connection Failed: There is a problem with the server Certificate or ISE trust store.";
const UNAUTHORIZED: &str = "Connection Failed 401: Unauthorized";
const FORBIDDEN: &str = "Connection Failed 403: Forbidden";
const NOT_FOUND: &str = "Connection Failed 404: Not Found";
/// Not a message of ISE's: there is none, the device simply counts as not registered.
const NOBODY: &str = "The device is not registered.";

/// Names of the test's accounts begin so; a leftover of an interrupted test is removed by the next.
const ACCOUNT: &str = "ise-self-test-";

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

/// A row before it is run.
struct Case {
    name: &'static str,
    expected: &'static str,
    hint: &'static str,
    port: Port,
    trust: Trust,
    credentials: Option<Credentials>,
    target: String,
}

impl Case {
    fn request(&self) -> ProbeRequest {
        ProbeRequest {
            port: self.port,
            trust: self.trust,
            credentials: self.credentials.clone(),
            target: self.target.clone(),
        }
    }
}

fn cases(
    engine: &Engine,
    organization: &Organization,
    marked: &Credentials,
    unmarked: &Credentials,
    own: Option<Credentials>,
) -> Vec<Case> {
    let info =
        |instance: &str, version: u32| format!("{instance}/ciscoise/mdminfo/?ise_api_version={version}");
    let instance = format!("/{}", organization.slug);
    let case = |name, expected, hint, credentials: Option<&Credentials>, target| Case {
        name,
        expected,
        hint,
        port: Port::Server,
        trust: Trust::ExportedRoot,
        credentials: credentials.cloned(),
        target,
    };
    let wrong = Credentials { user: marked.user.clone(), password: format!("{}x", marked.password) };
    let mut cases = vec![
        Case {
            port: Port::Closed,
            ..case(
                "Nobody listens",
                UNREACHABLE,
                "Something answers on a port that should be closed.",
                None,
                info("", 3),
            )
        },
        Case {
            trust: Trust::Nothing,
            ..case(
                "Root not imported",
                UNTRUSTED,
                "The server answered without TLS, or to a client that trusts nobody.",
                Some(marked),
                info("", 3),
            )
        },
        Case {
            trust: Trust::WrongName,
            ..case(
                "Wrong host name",
                UNTRUSTED,
                "The certificate is valid for names it should not have.",
                Some(marked),
                info("", 3),
            )
        },
        case(
            "No credentials yet",
            UNAUTHORIZED,
            "A challenge must come with the refusal; a proxy may have removed it.",
            None,
            info("", 3),
        ),
        case(
            "Wrong password",
            UNAUTHORIZED,
            "A proxy in front may answer instead of this server.",
            Some(&wrong),
            info("", 3),
        ),
        case(
            "Account without the ISE Admin mark",
            FORBIDDEN,
            "Tell the maker: an unmarked account got through.",
            Some(unmarked),
            info("", 3),
        ),
        case(
            "Instance that does not exist",
            NOT_FOUND,
            "A proxy in front may rewrite paths.",
            None,
            info("/no-such-instance", 3),
        ),
        case(
            "Without an instance",
            SUCCESS,
            "Import the exported root; enter the host name that is in the certificate.",
            Some(marked),
            info("", 3),
        ),
        case(
            "With the organization as instance",
            SUCCESS,
            "A proxy in front may rewrite paths.",
            Some(marked),
            info(&instance, 3),
        ),
        case(
            "ISE before 3.1 (version 2)",
            SUCCESS,
            "A proxy in front may remove the query.",
            Some(marked),
            info("", 2),
        ),
        case(
            "The oldest ISE (version 1)",
            SUCCESS,
            "A proxy in front may rewrite paths.",
            Some(marked),
            "/ciscoise/mdminfo".into(),
        ),
        case(
            "Look-up of an unknown device",
            NOBODY,
            "A proxy in front may rewrite paths.",
            Some(marked),
            // A documentation address (RFC 7042 2.1.1): no device has it.
            "/ciscoise/mdmapi/v3/devices/?paging=0&querycriteria=macaddress&value=00005E005300&filter=all"
                .into(),
        ),
    ];
    let others = engine.directory().organizations();
    if let Some(other) = others.iter().find(|other| other.id != organization.id) {
        let target = info(&format!("/{}", other.slug), 3);
        cases.push(case(
            "Instance of somebody else",
            NOT_FOUND,
            "Tell the maker: tenants are not kept apart.",
            Some(marked),
            target,
        ));
    }
    if let Some(own) = own {
        cases.push(case(
            "Your account",
            SUCCESS,
            "Check name, password, mark and allowed networks of the account.",
            Some(&own),
            info("", 3),
        ));
    }
    cases
}

/// The message that ISE would show.
fn shown(case: &Case, answer: ProbeAnswer) -> String {
    match answer {
        ProbeAnswer::Unreachable(_) => UNREACHABLE.into(),
        ProbeAnswer::Untrusted(_) => UNTRUSTED.into(),
        ProbeAnswer::Answered { status: 200, body, .. } if case.expected == NOBODY => {
            if body.contains("<name>attributes</name>") && body.contains("<deviceList></deviceList>") {
                NOBODY.into()
            } else {
                "The answer is not an empty list of devices.".into()
            }
        }
        ProbeAnswer::Answered { status: 200, body, .. } => {
            if body.contains("<name>mdminfo</name>") {
                SUCCESS.into()
            } else {
                "The answer is not mdminfo.".into()
            }
        }
        ProbeAnswer::Answered { status: 401, challenged: false, .. } => {
            format!("{UNAUTHORIZED} (without WWW-Authenticate)")
        }
        ProbeAnswer::Answered { status, .. } => {
            let reason = match status {
                401 => "Unauthorized",
                403 => "Forbidden",
                404 => "Not Found",
                503 => "Service Unavailable",
                _ => "",
            };
            format!("Connection Failed {status}: {reason}").trim_end_matches([':', ' ']).to_owned()
        }
    }
}

async fn make_account(engine: &Engine, scope: &Scope, mark: bool) -> Result<Credentials> {
    let now = engine.now();
    let id: AdministratorId = engine.entropy.id(now);
    let password = engine.entropy.password();
    let admin = Administrator {
        organization: scope.organization(),
        id,
        rev: 0,
        username: format!("{ACCOUNT}{}", hex::encode(engine.entropy.bytes::<6>())),
        display_name: "ISE self-test".into(),
        email: String::new(),
        kind: AdminKind::Organization,
        role: None,
        ise_admin: mark,
        ise_full_wipe: false,
        allowed_networks: Vec::new(),
        password_hash: passwords::hash(engine.entropy, &password).await?,
        credential_epoch: 1,
        enabled: true,
        must_change_password: false,
        second_factor: None,
        created_at: now,
        last_sign_in_at: None,
    };
    let user = admin.username.clone();
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            repo::administrators::put(tx, &mut admin.clone()).await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(Credentials { user, password })
}

async fn remove_accounts(engine: &Engine, scope: &Scope) -> Result<()> {
    let organization: OrganizationId = scope.organization();
    let accounts = engine.directory.administrators(organization);
    for account in accounts.into_iter().filter(|a| a.role.is_none() && a.username.starts_with(ACCOUNT)) {
        engine
            .store
            .write(organization, scope.actor().clone(), async move |tx| {
                repo::administrators::remove(tx, account.id).await?;
                Ok::<_, Error>(())
            })
            .await?;
    }
    Ok(())
}
