//! Where an upstream server is.

use std::{
    hash::{self, BuildHasher as _, BuildHasherDefault, DefaultHasher},
    sync::Arc,
};

use rustls::ClientConfig;
use rustls_pki_types::ServerName;

use super::{Reach, UpstreamError};

/// Scheme, host, port and TLS configuration of a server. Cheap to clone; make one per configured server and keep it.
/// Connections are shared by all origins that are equal.
#[derive(Clone)]
pub struct Origin(Arc<Inner>);

struct Inner {
    host: String,
    port: u16,
    tls: Option<TlsTarget>,
    reach: Reach,
    /// The value of the `Host` header.
    authority: String,
    /// Of everything that counts for equality.
    hash: u64,
}

impl Inner {
    fn new(host: String, port: u16, tls: Option<TlsTarget>, reach: Reach) -> Self {
        let usual = if tls.is_some() { 443 } else { 80 };
        let bracketed = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let authority = if port == usual { bracketed } else { format!("{bracketed}:{port}") };
        let mut inner = Self { host, port, tls, reach, authority, hash: 0 };
        inner.hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(inner.identity());
        inner
    }

    /// Connections are shared by origins with the same identity.
    fn identity(&self) -> (&str, u16, usize, Reach) {
        let config = self.tls.as_ref().map_or(0, |tls| Arc::as_ptr(&tls.config).addr());
        (&self.host, self.port, config, self.reach)
    }
}

/// How to speak TLS to an origin.
#[derive(Clone)]
pub(crate) struct TlsTarget {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) name: ServerName<'static>,
}

impl Origin {
    /// `http://host:port`. The host is a DNS name or an address.
    pub fn plain(host: impl Into<String>, port: u16) -> Self {
        Self(Arc::new(Inner::new(host.into(), port, None, Reach::Anywhere)))
    }

    /// `https://host:port`. The certificate must be valid for `host`. Keep one `config` for all origins that trust
    /// the same roots: connections are shared only between origins with the same configuration.
    pub fn tls(host: impl Into<String>, port: u16, config: Arc<ClientConfig>) -> Result<Self, UpstreamError> {
        let host = host.into();
        let name = ServerName::try_from(host.clone())
            .map_err(|_| UpstreamError::Request(format!("{host:?} is neither a DNS name nor an address")))?;
        let target = TlsTarget { config, name };
        Ok(Self(Arc::new(Inner::new(host, port, Some(target), Reach::Anywhere))))
    }

    /// The same, but its name may lead to other addresses: checked whenever a connection is made.
    #[must_use]
    pub fn within(&self, reach: Reach) -> Self {
        let Inner { host, port, tls, .. } = &*self.0;
        Self(Arc::new(Inner::new(host.clone(), *port, tls.clone(), reach)))
    }

    /// The host as it was given.
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Host and port, for messages.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.host(), self.port())
    }

    pub(crate) fn reach(&self) -> Reach {
        self.0.reach
    }

    pub(crate) fn tls_target(&self) -> Option<&TlsTarget> {
        self.0.tls.as_ref()
    }

    /// The value of the `Host` header.
    pub(crate) fn authority(&self) -> &str {
        &self.0.authority
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.identity() == other.0.identity()
    }
}

impl Eq for Origin {}

impl hash::Hash for Origin {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.0.tls.is_some() { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_header_names_unusual_ports_and_brackets_addresses() {
        assert_eq!(Origin::plain("mail.test", 80).authority(), "mail.test");
        assert_eq!(Origin::plain("mail.test", 8080).authority(), "mail.test:8080");
        assert_eq!(Origin::plain("::1", 80).authority(), "[::1]");
    }

    #[test]
    fn equal_origins_share_connections() {
        assert_eq!(Origin::plain("mail.test", 80), Origin::plain("mail.test", 80));
        assert_ne!(Origin::plain("mail.test", 80), Origin::plain("mail.test", 81));
        let guarded = Origin::plain("mail.test", 80).within(Reach::Public);
        assert_ne!(guarded, Origin::plain("mail.test", 80), "its connections were not checked");
        assert_eq!(guarded.authority(), "mail.test");
    }
}
