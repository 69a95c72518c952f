//! ActiveSync servers: the mail servers that the gateway stands in front of.

use std::sync::Arc;

use axum::{Extension, Json};
use catalog::Permission;
use domain::model::{ActiveSyncServer, BlockForm, LoginForm, ServerTrust, WipeAckStatus};
use door::{Access, Path};
use engine::servers::{self, ServerInput};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, Page, Versioned};
use super::endpoint::{Family, endpoint};
use super::host::{CheckOutcome, Host, ServerCheck};
use super::input::{Body, Call, Seen};
use super::problem::Problem;
use super::words::{Ref, Word};

pub(super) fn family() -> Family {
    let (all, one) = ("/api/v1/servers", "/api/v1/servers/{server}");
    let (view, change) = (Access::Needs(Permission::ServersView), Access::Needs(Permission::ServersEdit));
    Family {
        name: "ActiveSync servers",
        about: "The mail servers that the gateway stands in front of.",
        endpoints: vec![
            endpoint(Method::GET, all, view, list, "List ActiveSync servers").gives::<Page<ServerInfo>>(),
            endpoint(Method::POST, all, change, create, "Add an ActiveSync server")
                .body::<ServerSettings>()
                .creates::<ServerInfo>(),
            endpoint(Method::GET, one, view, show, "Show an ActiveSync server").gives::<ServerInfo>().versioned(),
            endpoint(Method::PUT, one, change, replace, "Replace the settings of a server")
                .says("A field that is left out takes its default.")
                .body::<ServerSettings>()
                .gives::<ServerInfo>()
                .versioned(),
            endpoint(Method::DELETE, one, change, remove, "Remove a server that no user is assigned to"),
            endpoint(
                Method::POST,
                "/api/v1/servers/{server}/test",
                change,
                test,
                "Test the way to a server",
            )
            .says("Versions, Autodiscover, certificate, and whether the mail server can be reached around us.")
            .body::<Login>()
            .gives::<ServerTest>(),
        ],
    }
}

/// Which certificates of the mail server are accepted.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Trust {
    /// Public certificate authorities.
    Public,
    /// Only these roots, in PEM form.
    Roots(String),
    /// No TLS: for a mail server on the same host only.
    Plain,
}

impl From<&ServerTrust> for Trust {
    fn from(trust: &ServerTrust) -> Self {
        match trust {
            ServerTrust::Public => Self::Public,
            ServerTrust::Roots(pem) => Self::Roots(pem.clone()),
            ServerTrust::Plain => Self::Plain,
        }
    }
}

impl From<Trust> for ServerTrust {
    fn from(trust: Trust) -> Self {
        match trust {
            Trust::Public => Self::Public,
            Trust::Roots(pem) => Self::Roots(pem),
            Trust::Plain => Self::Plain,
        }
    }
}

/// Settings of an ActiveSync server.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct ServerSettings {
    /// Name, unique in the organization, 1 to 100 characters.
    name: String,
    /// `https://mail.example.com/Microsoft-Server-ActiveSync`; a bare host name is completed.
    url: String,
    /// Accepted certificates.
    trust: Trust,
    /// How the user name is sent.
    login_form: Word<LoginForm>,
    /// Domain for the forms that have one.
    login_domain: String,
    /// Mail domains whose unknown users belong here.
    mail_domains: Vec<String>,
    /// Learn each user's address by Autodiscover.
    use_autodiscover: bool,
    /// Address of Autodiscover; empty derives it.
    autodiscover_url: String,
    /// Hosts that redirects may lead to: exact names, or `*.example.com`.
    redirect_hosts: Vec<String>,
    /// Users are made for accounts that this server accepts.
    hands_off: bool,
    /// New devices wait in quarantine.
    quarantine: bool,
    /// Lowest ActiveSync version offered.
    lowest_version: String,
    /// Highest ActiveSync version offered.
    highest_version: String,
    /// How a blocked device is refused from 14.0 on.
    block_form: Word<BlockForm>,
    /// What the mail server is told about our policy.
    acknowledge: Word<WipeAckStatus>,
    /// Pass Bearer challenges and tokens through.
    bearer: bool,
    /// Largest request body in bytes: 1 MiB to 1 GiB.
    max_body: u64,
    /// Off: devices are told to come back later.
    enabled: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        let s = ServerInput::default();
        Self {
            name: s.name,
            url: s.url,
            trust: (&s.trust).into(),
            login_form: Word(s.login_form),
            login_domain: s.login_domain,
            mail_domains: s.mail_domains,
            use_autodiscover: s.use_autodiscover,
            autodiscover_url: s.autodiscover_url,
            redirect_hosts: s.redirect_hosts,
            hands_off: s.hands_off,
            quarantine: s.quarantine,
            lowest_version: s.versions.0,
            highest_version: s.versions.1,
            block_form: Word(s.block_form),
            acknowledge: Word(s.acknowledge),
            bearer: s.bearer,
            max_body: s.max_body,
            enabled: s.enabled,
        }
    }
}

impl From<ServerSettings> for ServerInput {
    fn from(s: ServerSettings) -> Self {
        Self {
            name: s.name,
            url: s.url,
            trust: s.trust.into(),
            login_form: s.login_form.0,
            login_domain: s.login_domain,
            mail_domains: s.mail_domains,
            use_autodiscover: s.use_autodiscover,
            autodiscover_url: s.autodiscover_url,
            redirect_hosts: s.redirect_hosts,
            hands_off: s.hands_off,
            quarantine: s.quarantine,
            versions: (s.lowest_version, s.highest_version),
            block_form: s.block_form.0,
            acknowledge: s.acknowledge.0,
            bearer: s.bearer,
            max_body: s.max_body,
            enabled: s.enabled,
        }
    }
}

/// An ActiveSync server.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ActiveSyncServer")]
struct ServerInfo {
    /// Its id.
    id: Ref<ActiveSyncServer>,
    /// Settings.
    #[serde(flatten)]
    settings: ServerSettings,
    /// Grows with every change; the ETag.
    rev: i64,
}

impl From<&ActiveSyncServer> for ServerInfo {
    fn from(s: &ActiveSyncServer) -> Self {
        let settings = ServerSettings {
            name: s.name.clone(),
            url: s.url.clone(),
            trust: (&s.trust).into(),
            login_form: Word(s.login_form),
            login_domain: s.login_domain.clone(),
            mail_domains: s.mail_domains.clone(),
            use_autodiscover: s.use_autodiscover,
            autodiscover_url: s.autodiscover_url.clone(),
            redirect_hosts: s.redirect_hosts.clone(),
            hands_off: s.hands_off,
            quarantine: s.quarantine,
            lowest_version: s.versions.0.clone(),
            highest_version: s.versions.1.clone(),
            block_form: Word(s.block_form),
            acknowledge: Word(s.acknowledge),
            bearer: s.bearer,
            max_body: s.max_body,
            enabled: s.enabled,
        };
        Self { id: s.id.into(), settings, rev: s.rev }
    }
}

/// A user's name and password to test with; without them only what needs no sign-in is tested.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ServerTestLogin")]
struct Login {
    /// Name as the mail server knows it.
    username: String,
    /// Password; used for this test and forgotten.
    password: String,
}

/// What a test of a mail server found.
#[derive(Serialize, JsonSchema)]
struct ServerTest {
    /// Nothing is in the way of mail.
    ok: bool,
    /// Everything that was looked at, in order.
    checks: Vec<ServerCheck>,
}

fn read(call: &Call, id: Ref<ActiveSyncServer>) -> Result<ServerInfo, Problem> {
    Ok(servers::get(&call.engine, &call.scope, id.0)?.as_ref().into())
}

async fn list(call: Call) -> Result<Json<Page<ServerInfo>>, Problem> {
    let all = servers::list(&call.engine, &call.scope)?;
    Ok(Page::whole(all.iter().map(|s| s.as_ref().into()).collect()))
}

async fn create(call: Call, Body(input): Body<ServerSettings>) -> Result<Created<ServerInfo>, Problem> {
    let id = servers::create(&call.engine, &call.scope, input.into()).await?;
    Ok(Created(format!("/api/v1/servers/{id}"), read(&call, id.into())?))
}

async fn show(call: Call, Path(id): Path<Ref<ActiveSyncServer>>) -> Result<Versioned<ServerInfo>, Problem> {
    let info = read(&call, id)?;
    Ok(Versioned(info.rev, info))
}

async fn replace(
    call: Call,
    Path(id): Path<Ref<ActiveSyncServer>>,
    seen: Seen,
    Body(input): Body<ServerSettings>,
) -> Result<Versioned<ServerInfo>, Problem> {
    seen.expect(read(&call, id)?.rev)?;
    servers::edit_seen(&call.engine, &call.scope, id.0, seen.0, input.into()).await?;
    show(call, Path(id)).await
}

async fn remove(call: Call, Path(id): Path<Ref<ActiveSyncServer>>) -> Result<Done, Problem> {
    servers::remove(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}

async fn test(
    call: Call,
    Extension(host): Extension<Arc<dyn Host>>,
    Path(id): Path<Ref<ActiveSyncServer>>,
    Body(input): Body<Login>,
) -> Result<Json<ServerTest>, Problem> {
    let server = servers::get(&call.engine, &call.scope, id.0)?;
    let login = (!input.username.is_empty()).then_some((input.username.as_str(), input.password.as_str()));
    let checks = host.check_server(&server, login).await;
    let failed: Vec<_> =
        checks.iter().filter(|c| c.outcome == CheckOutcome::Bad).map(|c| c.what.as_str()).collect();
    servers::tested(&call.engine, &call.scope, &server, &failed).await?;
    Ok(Json(ServerTest { ok: failed.is_empty(), checks }))
}
