//! Firewall and Ports: every connection that this server takes or opens for an organization, as it is configured, and
//! how each went last.

mod export;
mod seen;
mod surroundings;

use catalog::{ConnectionKind, Permission, Transport};
use domain::Millis;
use domain::model::{DirectorySecurity, Organization, SmtpSecurity};

pub use export::csv;
pub(crate) use seen::Seen;
pub use surroundings::{Listening, Serves, Surroundings};

use crate::{Engine, Error, OrgIndex, Result, Scope};

/// Who may be at either end.
const ANYWHERE: &str = "anywhere";

/// A connection that a firewall must let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// What it is for.
    pub kind: ConnectionKind,
    /// Which of its kind, as administrators know it; empty when there is only one.
    pub name: String,
    /// Where it comes from: names, addresses, networks.
    pub source: Vec<String>,
    /// Where it goes.
    pub destination: Vec<String>,
    /// Port there.
    pub port: u16,
    /// Service, as firewalls name it: `HTTPS`, `SMTPS`.
    pub service: &'static str,
    /// When it last worked, as far as this node knows since it started.
    pub worked_at: Option<Millis>,
    /// When it last failed, and why; `None` also when it has worked since.
    pub failed: Option<(Millis, String)>,
}

impl Connection {
    fn new(kind: ConnectionKind, port: u16, service: &'static str) -> Self {
        Self {
            kind,
            name: String::new(),
            source: Vec::new(),
            destination: Vec::new(),
            port,
            service,
            worked_at: None,
            failed: None,
        }
    }
    /// TCP or UDP.
    pub fn transport(&self) -> Transport {
        self.kind.info().transport
    }
}

/// All connections of an organization, inbound first, in the order of the catalogue.
///
/// # Errors
/// [`Error::Denied`]; storage errors.
pub async fn list(engine: &Engine, scope: &Scope) -> Result<Vec<Connection>> {
    scope.require(Permission::OrganizationView)?;
    let org = engine.directory.organization(scope.organization()).ok_or(Error::NotFound("organization"))?;
    let around = engine.surroundings.read().clone();
    let ise_at = crate::ise::last_call(engine, scope.organization()).await?;
    let mut all = {
        let org = org.read();
        let mut all = inbound(&org, &around, ise_at, engine.now());
        all.extend(servers(engine, &org, &around));
        all
    };
    all.extend(messaging(engine, scope, &around));
    all.extend(identity_providers(engine, scope, &around));
    all.extend(authority(&around));
    all.sort_by_key(|connection| connection.kind as usize);
    Ok(all)
}

/// The addresses that outgoing connections come from, as the operator configured them.
pub fn egress(engine: &Engine) -> Vec<String> {
    engine.surroundings.read().egress()
}

/// `now`: whoever asks has reached the console, or REST beside it.
fn inbound(org: &OrgIndex, around: &Surroundings, ise_at: Option<Millis>, now: Millis) -> Vec<Connection> {
    let names = || around.names_for(&org.organization.host_names);
    let contact = org.devices.iter().filter_map(|device| device.last_contact_at).max();
    let mut all = Vec::new();
    for listening in &around.listening {
        let service = if listening.encrypted { "HTTPS" } else { "HTTP" };
        let here = |kind, worked_at| Connection {
            source: vec![ANYWHERE.into()],
            destination: names(),
            worked_at,
            ..Connection::new(kind, listening.port, service)
        };
        match listening.serves {
            Serves::Everything => {
                all.push(here(ConnectionKind::Devices, contact));
                all.push(here(ConnectionKind::CiscoIse, ise_at));
                all.push(Connection { source: Vec::new(), ..here(ConnectionKind::Console, Some(now)) });
            }
            Serves::Devices => {
                all.push(here(ConnectionKind::Devices, contact));
                all.push(here(ConnectionKind::CiscoIse, ise_at));
            }
            Serves::Console => {
                all.push(Connection { source: Vec::new(), ..here(ConnectionKind::Console, Some(now)) });
            }
            Serves::Proxy => all.push(Connection {
                source: around.proxies.iter().map(ToString::to_string).collect(),
                ..here(ConnectionKind::Proxy, contact)
            }),
            Serves::CertificateCheck => {
                // However the port is mapped inside, the authority comes to this one.
                all.push(Connection { port: 80, ..here(ConnectionKind::CertificateCheck, None) });
            }
        }
    }
    all
}

/// Mail servers, LDAP servers and RADIUS servers.
fn servers(engine: &Engine, org: &OrgIndex, around: &Surroundings) -> Vec<Connection> {
    let mut all = Vec::new();
    for server in org.servers().iter().filter(|server| server.enabled) {
        let further = server.redirect_hosts.iter().cloned();
        let urls = [&server.url, &server.autodiscover_url].into_iter().filter(|url| !url.is_empty());
        for (host, port, service) in
            urls.filter_map(|url| target(url)).collect::<std::collections::BTreeSet<_>>()
        {
            let connection = Connection {
                name: server.name.clone(),
                source: around.egress(),
                destination: std::iter::once(host).chain(further.clone()).collect(),
                ..Connection::new(ConnectionKind::Activesync, port, service)
            };
            all.push(engine.connections.told(server.id.uuid(), connection));
        }
    }
    for server in org.directories().iter().filter(|server| server.enabled) {
        let service = match server.security {
            DirectorySecurity::Tls => "LDAPS",
            DirectorySecurity::Starttls => "LDAP with StartTLS",
        };
        let connection = Connection {
            name: server.name.clone(),
            source: around.egress(),
            destination: vec![server.host.clone()],
            ..Connection::new(ConnectionKind::Ldap, server.port, service)
        };
        all.push(engine.connections.told(server.id.uuid(), connection));
    }
    for server in org.radius_servers().iter().filter(|server| server.enabled) {
        let connection = Connection {
            name: server.name.clone(),
            source: around.egress(),
            destination: vec![server.host.clone()],
            ..Connection::new(ConnectionKind::Radius, server.port, "RADIUS CoA")
        };
        all.push(engine.connections.told(server.id.uuid(), connection));
    }
    all
}

/// The SMTP server that serves the organization, its own or the installation's, and its webhooks.
fn messaging(engine: &Engine, scope: &Scope, around: &Surroundings) -> Vec<Connection> {
    let mut all = Vec::new();
    if let Some((owner, server)) = crate::mail::serving(engine, scope.organization()) {
        let service = match server.security {
            SmtpSecurity::Tls => "SMTPS",
            SmtpSecurity::Starttls => "SMTP with STARTTLS",
            SmtpSecurity::Plain => "SMTP",
        };
        let name = if owner == Organization::SYSTEM { "of the installation" } else { "" };
        let connection = Connection {
            name: name.into(),
            source: around.egress(),
            destination: vec![server.host],
            ..Connection::new(ConnectionKind::Smtp, server.port, service)
        };
        all.push(engine.connections.told(owner.uuid(), connection));
    }
    let own = engine.directory.messaging(scope.organization());
    for webhook in own.iter().flat_map(|m| &m.webhooks).filter(|webhook| webhook.on) {
        let Some((host, port, service)) = target(&webhook.url) else { continue };
        let connection = Connection {
            name: webhook.name.clone(),
            source: around.egress(),
            destination: vec![host],
            ..Connection::new(ConnectionKind::Webhook, port, service)
        };
        all.push(engine.connections.told(webhook.id.uuid(), connection));
    }
    all
}

/// Identity providers: one line for each of their ports, with all hosts there that are known.
fn identity_providers(engine: &Engine, scope: &Scope, around: &Surroundings) -> Vec<Connection> {
    let mut all = Vec::new();
    let settings = engine.directory.sign_in(scope.organization());
    for provider in settings.providers.iter().filter(|provider| provider.on) {
        let mut ports = std::collections::BTreeMap::<_, std::collections::BTreeSet<String>>::new();
        for (host, port, service) in engine.identity.addresses(provider).iter().filter_map(|url| target(url))
        {
            ports.entry((port, service)).or_default().insert(host);
        }
        for ((port, service), hosts) in ports {
            let connection = Connection {
                name: provider.name.clone(),
                source: around.egress(),
                destination: hosts.into_iter().collect(),
                ..Connection::new(ConnectionKind::IdentityProvider, port, service)
            };
            all.push(engine.connections.told(provider.id.uuid(), connection));
        }
    }
    all
}

fn authority(around: &Surroundings) -> Option<Connection> {
    let (host, port, service) = target(around.certificate_authority.as_deref()?)?;
    let kind = ConnectionKind::CertificateAuthority;
    Some(Connection {
        source: around.egress(),
        destination: vec![host],
        ..Connection::new(kind, port, service)
    })
}

/// Host, port and service of a URL.
fn target(url: &str) -> Option<(String, u16, &'static str)> {
    let url: http::Uri = url.parse().ok()?;
    let (service, usual) = if url.scheme_str() == Some("https") { ("HTTPS", 443) } else { ("HTTP", 80) };
    Some((url.host()?.to_owned(), url.port_u16().unwrap_or(usual), service))
}
