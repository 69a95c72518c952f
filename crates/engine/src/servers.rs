//! ActiveSync servers: the mail servers that the gateway stands in front of.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{
    ActiveSyncServer, BlockForm, JournalEntry, LoginForm, ServerId, ServerTrust, WipeAckStatus,
};
use serde_json::json;
use store::repo;

use crate::issues::{Issues, unchanged};
use crate::{Engine, Error, Result, Scope};

/// What an administrator enters.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerInput {
    /// Name, unique in the organization.
    pub name: String,
    /// `https://mail.example.com/Microsoft-Server-ActiveSync`; a bare host name is completed.
    pub url: String,
    /// Accepted certificates.
    pub trust: ServerTrust,
    /// Form of the user name towards the server.
    pub login_form: LoginForm,
    /// Domain for that form.
    pub login_domain: String,
    /// Mail domains of hands-off users.
    pub mail_domains: Vec<String>,
    /// Learn each user's address by Autodiscover.
    pub use_autodiscover: bool,
    /// Address of Autodiscover, empty derives it.
    pub autodiscover_url: String,
    /// Hosts that redirects may lead to.
    pub redirect_hosts: Vec<String>,
    /// Hands-off enrolment.
    pub hands_off: bool,
    /// New devices wait in quarantine.
    pub quarantine: bool,
    /// Lowest and highest version.
    pub versions: (String, String),
    /// Refusal form from 14.0.
    pub block_form: BlockForm,
    /// Acknowledgement to the backend.
    pub acknowledge: WipeAckStatus,
    /// Pass Bearer through.
    pub bearer: bool,
    /// Largest body, bytes: 1 MiB to 1 GiB.
    pub max_body: u64,
    /// In use.
    pub enabled: bool,
}

impl Default for ServerInput {
    fn default() -> Self {
        Self {
            name: String::new(),
            url: String::new(),
            trust: ServerTrust::Public,
            login_form: LoginForm::AsSent,
            login_domain: String::new(),
            mail_domains: Vec::new(),
            use_autodiscover: false,
            autodiscover_url: String::new(),
            redirect_hosts: Vec::new(),
            hands_off: false,
            quarantine: true,
            versions: ("12.1".into(), "16.1".into()),
            block_form: BlockForm::Http403,
            acknowledge: WipeAckStatus::Full,
            bearer: true,
            max_body: 64 << 20,
            enabled: true,
        }
    }
}

/// Versions that can be offered.
pub const VERSIONS: [&str; 7] = ["2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1"];

/// The organization's servers, by name.
///
/// # Errors
/// [`Error::Denied`].
pub fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Arc<ActiveSyncServer>>> {
    scope.require(Permission::ServersView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let servers = org.read().servers();
    Ok(servers)
}

/// One server.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(engine: &Engine, scope: &Scope, id: ServerId) -> Result<Arc<ActiveSyncServer>> {
    scope.require(Permission::ServersView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let server = org.read().server(id).cloned();
    server.ok_or(Error::NotFound("ActiveSync server"))
}

/// Makes a server.
///
/// # Errors
/// [`Error::Invalid`] by field.
pub async fn create(engine: &Engine, scope: &Scope, input: ServerInput) -> Result<ServerId> {
    let id = engine.entropy.id(engine.now());
    put(engine, scope, id, 0, input, "server.created", serde_json::Value::Null).await?;
    Ok(id)
}

/// Replaces a server's settings.
///
/// # Errors
/// As [`create`].
pub async fn edit(engine: &Engine, scope: &Scope, id: ServerId, input: ServerInput) -> Result<()> {
    edit_seen(engine, scope, id, None, input).await
}

/// The same, only if the server is still at the `rev` that the author of the edit saw.
///
/// # Errors
/// As [`edit`]; [`Error::Conflict`] for another `rev`.
pub async fn edit_seen(
    engine: &Engine,
    scope: &Scope,
    id: ServerId,
    seen: Option<i64>,
    input: ServerInput,
) -> Result<()> {
    let old = get(engine, scope, id)?;
    unchanged(seen, old.rev)?;
    put(engine, scope, id, old.rev, input, "server.updated", json!(*old)).await
}

async fn put(
    engine: &Engine,
    scope: &Scope,
    id: ServerId,
    rev: i64,
    input: ServerInput,
    event: &'static str,
    before: serde_json::Value,
) -> Result<()> {
    scope.require(Permission::ServersEdit)?;
    let server = assemble(scope, id, rev, input)?;
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            let mut server = server.clone();
            repo::servers::put(tx, &mut server).await?;
            let after = json!(server);
            tx.journal(JournalEntry {
                event,
                subject: id.to_string(),
                body: json!({ "before": before, "after": after }),
            });
            Ok::<_, Error>(())
        })
        .await
}

/// Removes a server that no user is assigned to.
///
/// # Errors
/// [`Error::Conflict`] with the number of its users.
pub async fn remove(engine: &Engine, scope: &Scope, id: ServerId) -> Result<()> {
    scope.require(Permission::ServersEdit)?;
    let old = get(engine, scope, id)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let users = org.read().users().filter(|u| u.server == Some(id)).count();
    if users > 0 {
        return Err(Error::conflict(format!(
            "{users} users are assigned to this server. Assign them to another first."
        )));
    }
    engine
        .store
        .write(scope.organization(), scope.actor().clone(), async move |tx| {
            repo::servers::remove(tx, id).await?;
            let before = json!(*old);
            tx.journal(JournalEntry {
                event: "server.deleted",
                subject: id.to_string(),
                body: json!({ "before": before }),
            });
            Ok::<_, Error>(())
        })
        .await
}

fn assemble(scope: &Scope, id: ServerId, rev: i64, input: ServerInput) -> Result<ActiveSyncServer> {
    let mut issues = Issues::default();
    let name = input.name.trim().to_owned();
    issues.check((1..=100).contains(&name.chars().count()), "name", || {
        "Enter a name of 1 to 100 characters.".into()
    });
    let url = complete_url(&input.url, &input.trust);
    if let Err(why) = check_url(&url, &input.trust) {
        issues.add("url", why);
    }
    let (low, high) = &input.versions;
    let place = |v: &String| VERSIONS.iter().position(|known| known == v);
    issues.check(place(low).zip(place(high)).is_some_and(|(l, h)| l <= h), "versions", || {
        format!("Choose the lowest and the highest of {}.", VERSIONS.join(", "))
    });
    issues.check((1 << 20..=1 << 30).contains(&input.max_body), "max_body", || {
        "Enter 1 MiB to 1 GiB, in bytes.".into()
    });
    let needs_domain = matches!(input.login_form, LoginForm::UserAtDomain | LoginForm::DomainUser);
    issues.check(!needs_domain || !input.login_domain.trim().is_empty(), "login_domain", || {
        "This form of the user name needs a domain.".into()
    });
    if let ServerTrust::Roots(pem) = &input.trust {
        issues.check(pem.contains("-----BEGIN CERTIFICATE-----"), "trust", || {
            "Paste the root certificates in PEM form (-----BEGIN CERTIFICATE-----).".into()
        });
    }
    for host in &input.redirect_hosts {
        let bare = host.strip_prefix("*.").unwrap_or(host);
        issues.check(domain::names::domain_name(bare).is_ok(), "redirect_hosts", || {
            format!("{host} is not a host name. Write mail.example.com or *.example.com.")
        });
    }
    issues.done()?;
    let lower =
        |list: Vec<String>| list.iter().map(|d| d.trim().to_lowercase()).filter(|d| !d.is_empty()).collect();
    Ok(ActiveSyncServer {
        organization: scope.organization(),
        id,
        rev,
        name,
        url,
        trust: input.trust,
        login_form: input.login_form,
        login_domain: input.login_domain.trim().to_owned(),
        mail_domains: lower(input.mail_domains),
        use_autodiscover: input.use_autodiscover,
        autodiscover_url: input.autodiscover_url.trim().to_owned(),
        redirect_hosts: lower(input.redirect_hosts),
        hands_off: input.hands_off,
        quarantine: input.quarantine,
        versions: input.versions,
        block_form: input.block_form,
        acknowledge: input.acknowledge,
        bearer: input.bearer,
        max_body: input.max_body,
        enabled: input.enabled,
    })
}

/// `mail.example.com` becomes a full address.
fn complete_url(url: &str, trust: &ServerTrust) -> String {
    let url = url.trim();
    let scheme = if *trust == ServerTrust::Plain { "http" } else { "https" };
    let with_scheme = if url.contains("://") { url.to_owned() } else { format!("{scheme}://{url}") };
    let rest = with_scheme.split_once("://").map_or("", |(_, rest)| rest);
    if rest.contains('/') { with_scheme } else { format!("{with_scheme}/Microsoft-Server-ActiveSync") }
}

fn check_url(url: &str, trust: &ServerTrust) -> Result<(), String> {
    let (scheme, rest) = url.split_once("://").ok_or("Enter an address such as https://mail.example.com.")?;
    let plain = *trust == ServerTrust::Plain;
    match scheme {
        "https" if !plain => {}
        "http" if plain => {}
        "http" => return Err("Without TLS passwords travel in the clear. Use https://, or choose \u{201c}no TLS\u{201d} for a server on this host.".into()),
        "https" => return Err("The address says https:// but \u{201c}no TLS\u{201d} is chosen.".into()),
        _ => return Err("The address must begin with https://.".into()),
    }
    let host = rest.split('/').next().unwrap_or("");
    let bad = host.is_empty() || host.contains('@') || rest.contains(['?', '#', ' ', '\\']);
    if bad {
        Err("Enter an address such as https://mail.example.com/Microsoft-Server-ActiveSync.".into())
    } else {
        Ok(())
    }
}
