//! A mail server ready to be asked: TLS settings and origin made once, redirects guarded.

use std::sync::{Arc, OnceLock};

use domain::model::{ActiveSyncServer, ServerTrust};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use transport::Origin;

use super::address::{Address, is_public};
use super::{MailError, login};

/// Where requests go.
#[derive(Debug, Clone)]
pub struct Place {
    /// The address as text.
    pub url: String,
    /// Scheme, host, port and trust.
    pub origin: Origin,
    /// Path without query.
    pub path: String,
}

/// A mail server.
#[derive(Debug)]
pub struct MailServer {
    server: Arc<ActiveSyncServer>,
    tls: Arc<ClientConfig>,
    address: Address,
    home: Place,
}

/// What an address is to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The server's own host, or one that is listed by its full name.
    Known,
    /// Beneath a listed `*.domain`.
    Pattern,
    Foreign,
}

impl MailServer {
    /// Prepares a server.
    ///
    /// # Errors
    /// [`MailError::Address`] and [`MailError::Roots`].
    pub fn new(server: Arc<ActiveSyncServer>) -> Result<MailServer, MailError> {
        let address = Address::parse(&server.url)?;
        let tls = match &server.trust {
            ServerTrust::Roots(pem) => client_config(pinned(pem)?)?,
            ServerTrust::Public | ServerTrust::Plain => public()?,
        };
        let home = place(&server.url, &address, &tls)?;
        Ok(MailServer { server, tls, address, home })
    }

    /// The configured server.
    pub fn server(&self) -> &Arc<ActiveSyncServer> {
        &self.server
    }
    /// Its own address.
    pub fn home(&self) -> &Place {
        &self.home
    }
    /// Its own address, taken apart.
    pub fn address(&self) -> &Address {
        &self.address
    }
    /// TLS settings towards it.
    pub fn tls(&self) -> &Arc<ClientConfig> {
        &self.tls
    }

    /// The name of a user in the form that the server wants. `presented` is what the device sent, `username` the part
    /// without any domain.
    pub fn login_name(&self, presented: &str, username: &str) -> String {
        login::name(self.server.login_form, &self.server.login_domain, presented, username)
    }

    /// Another address of the same service, if its host is allowed by name. For addresses that were guarded when they
    /// were learnt.
    ///
    /// # Errors
    /// [`MailError::NotAllowed`], [`MailError::Address`].
    pub fn place(&self, url: &str) -> Result<Place, MailError> {
        if url == self.home.url {
            return Ok(self.home.clone());
        }
        let address = Address::parse(url)?;
        self.check(&address)?;
        place(url, &address, &self.tls)
    }

    /// An address that the server leads to: allowed by name, by TLS, and, where only a pattern allows it, outside
    /// private networks.
    ///
    /// # Errors
    /// [`MailError::NotAllowed`], [`MailError::Private`], [`MailError::Address`].
    pub async fn guarded(&self, url: &str) -> Result<Place, MailError> {
        let address = Address::parse(url)?;
        if self.check(&address)? == Standing::Pattern {
            let found = tokio::net::lookup_host((address.host.as_str(), address.port)).await;
            let found = found.map_err(|error| MailError::Answer(format!("{}: {error}", address.host)))?;
            if let Some(inside) = found.map(|a| a.ip()).find(|ip| !is_public(*ip)) {
                return Err(MailError::Private(format!("{} ({inside})", address.host)));
            }
        }
        place(url, &address, &self.tls)
    }

    fn check(&self, address: &Address) -> Result<Standing, MailError> {
        let standing = self.standing(&address.host);
        let plain = self.server.trust == ServerTrust::Plain && standing == Standing::Known;
        if standing == Standing::Foreign || !(address.tls || plain) {
            return Err(MailError::NotAllowed(format!("{}:{}", address.host, address.port)));
        }
        Ok(standing)
    }

    fn standing(&self, host: &str) -> Standing {
        if host == self.address.host || self.server.redirect_hosts.iter().any(|listed| listed == host) {
            return Standing::Known;
        }
        let covers = |listed: &String| {
            listed.strip_prefix('*').is_some_and(|end| host.len() > end.len() && host.ends_with(end))
        };
        if self.server.redirect_hosts.iter().any(covers) { Standing::Pattern } else { Standing::Foreign }
    }
}

fn place(url: &str, address: &Address, tls: &Arc<ClientConfig>) -> Result<Place, MailError> {
    let origin = if address.tls {
        Origin::tls(address.host.clone(), address.port, Arc::clone(tls))?
    } else {
        Origin::plain(address.host.clone(), address.port)
    };
    Ok(Place { url: url.to_owned(), origin, path: address.path.clone() })
}

fn client_config(roots: RootCertStore) -> Result<Arc<ClientConfig>, MailError> {
    transport::tls::client_config(roots).map_err(|error| MailError::Roots(error.to_string()))
}

/// The public certificate authorities; one configuration for all, so that connections are shared.
fn public() -> Result<Arc<ClientConfig>, MailError> {
    static PUBLIC: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(known) = PUBLIC.get() {
        return Ok(Arc::clone(known));
    }
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let made = client_config(roots)?;
    Ok(Arc::clone(PUBLIC.get_or_init(|| made)))
}

/// Only these roots.
fn pinned(pem: &str) -> Result<RootCertStore, MailError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| MailError::Roots(error.to_string()))?;
        roots.add(certificate).map_err(|error| MailError::Roots(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(MailError::Roots("there is no certificate in the text".into()));
    }
    Ok(roots)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use domain::Id;
    use domain::model::{BlockForm, LoginForm, WipeAckStatus};

    pub(crate) fn server(url: &str, trust: ServerTrust, redirect_hosts: &[&str]) -> Arc<ActiveSyncServer> {
        Arc::new(ActiveSyncServer {
            organization: Id::new(1, &[0; 10]),
            id: Id::new(1, &[1; 10]),
            rev: 1,
            name: "Mail".into(),
            url: url.into(),
            trust,
            login_form: LoginForm::AsSent,
            login_domain: String::new(),
            mail_domains: Vec::new(),
            use_autodiscover: false,
            autodiscover_url: String::new(),
            redirect_hosts: redirect_hosts.iter().map(|h| (*h).to_owned()).collect(),
            hands_off: false,
            quarantine: false,
            versions: ("12.1".into(), "16.1".into()),
            block_form: BlockForm::Http403,
            acknowledge: WipeAckStatus::Full,
            bearer: true,
            max_body: 1 << 20,
            enabled: true,
        })
    }

    const HOME: &str = "https://mail.example.com/Microsoft-Server-ActiveSync";

    #[tokio::test]
    async fn redirects_go_only_where_they_may() {
        let mail = MailServer::new(server(HOME, ServerTrust::Public, &["other.test", "*.office.test"]))
            .expect("good");
        let eas = |host: &str| format!("https://{host}/Microsoft-Server-ActiveSync");
        assert!(mail.guarded(&eas("MAIL.example.com")).await.is_ok());
        assert!(mail.guarded(&eas("other.test")).await.is_ok());
        assert!(mail.place(&eas("eu.office.test")).is_ok());
        for bad in ["evil.test", "office.test", "evil-office.test", "other.test.evil.test", "169.254.169.254"]
        {
            assert!(matches!(mail.guarded(&eas(bad)).await, Err(MailError::NotAllowed(_))), "{bad}");
        }
        let plain = "http://mail.example.com/Microsoft-Server-ActiveSync";
        assert!(matches!(mail.guarded(plain).await, Err(MailError::NotAllowed(_))), "never without TLS");
    }

    #[tokio::test]
    async fn a_pattern_never_leads_into_a_private_network() {
        let mail =
            MailServer::new(server(HOME, ServerTrust::Public, &["*.localhost", "*.0.0.1"])).expect("good");
        let inside = mail.guarded("https://127.0.0.1/Microsoft-Server-ActiveSync").await;
        assert!(matches!(inside, Err(MailError::Private(_))), "{inside:?}");
    }

    #[test]
    fn roots_must_be_certificates() {
        let roots = ServerTrust::Roots("nothing".into());
        assert!(matches!(MailServer::new(server(HOME, roots, &[])), Err(MailError::Roots(_))));
    }
}
