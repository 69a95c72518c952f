//! A mail server ready to be asked: TLS settings and origin made once, redirects guarded.

use std::sync::Arc;

use domain::model::{ActiveSyncServer, ServerTrust};
use rustls::ClientConfig;
use transport::upstream::is_public;
use transport::{Origin, Reach};

use super::address::Address;
use super::{MailError, login};
use crate::trust;

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
            ServerTrust::Roots(pem) => trust::pinned(pem),
            ServerTrust::Public | ServerTrust::Plain => trust::public(),
        };
        let tls = tls.map_err(MailError::Roots)?;
        let home = place(&server.url, &address, &tls, Standing::Known)?;
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

    /// Another address of the same service, if its host is allowed by name. Where only a pattern allows it, connections
    /// to it are made outside private networks only, whatever its name leads to by then.
    ///
    /// # Errors
    /// [`MailError::NotAllowed`], [`MailError::Address`].
    pub fn place(&self, url: &str) -> Result<Place, MailError> {
        if url == self.home.url {
            return Ok(self.home.clone());
        }
        let address = Address::parse(url)?;
        let standing = self.check(&address)?;
        place(url, &address, &self.tls, standing)
    }

    /// An address that the server leads to: like [`place`](Self::place), and looked up now, so that one that leads
    /// into a private network is neither followed nor learnt.
    ///
    /// # Errors
    /// [`MailError::NotAllowed`], [`MailError::Private`], [`MailError::Address`].
    pub async fn guarded(&self, url: &str) -> Result<Place, MailError> {
        let address = Address::parse(url)?;
        let standing = self.check(&address)?;
        if standing == Standing::Pattern {
            let found = tokio::net::lookup_host((address.host.as_str(), address.port)).await;
            let found = found.map_err(|error| MailError::Answer(format!("{}: {error}", address.host)))?;
            if let Some(inside) = found.map(|a| a.ip()).find(|ip| !is_public(*ip)) {
                return Err(MailError::Private(format!("{} ({inside})", address.host)));
            }
        }
        place(url, &address, &self.tls, standing)
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

fn place(
    url: &str,
    address: &Address,
    tls: &Arc<ClientConfig>,
    standing: Standing,
) -> Result<Place, MailError> {
    let origin = if address.tls {
        Origin::tls(address.host.clone(), address.port, Arc::clone(tls))?
    } else {
        Origin::plain(address.host.clone(), address.port)
    };
    let origin = if standing == Standing::Pattern { origin.within(Reach::Public) } else { origin };
    Ok(Place { url: url.to_owned(), origin, path: address.path.clone() })
}

#[cfg(test)]
pub(super) mod tests;
