//! Where this server stands, as its operator configured it.

use std::net::IpAddr;

use ipnet::IpNet;

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// Devices, Cisco ISE and the console.
    Everything,
    /// Devices and Cisco ISE.
    Devices,
    /// The console and REST.
    Console,
    /// A reverse proxy that ends TLS.
    Proxy,
    /// The check of a certificate authority.
    CertificateCheck,
}

/// A listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listening {
    /// Port.
    pub port: u16,
    /// With TLS.
    pub encrypted: bool,
    /// For whom.
    pub serves: Serves,
}

/// Everything about the place of this server that an organization's firewall must know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Names of the server; empty before any is configured.
    pub names: Vec<String>,
    /// The address it listens on.
    pub address: Option<IpAddr>,
    /// Its listeners.
    pub listening: Vec<Listening>,
    /// Addresses that its own connections come from, as others see them.
    pub egress: Vec<IpNet>,
    /// Reverse proxies that are believed.
    pub proxies: Vec<IpNet>,
    /// Directory of the certificate authority, if certificates are ordered.
    pub certificate_authority: Option<String>,
}

impl Surroundings {
    /// By which names the server is reached: the organization's own, else the server's, else its address.
    pub(super) fn names_for(&self, own: &[String]) -> Vec<String> {
        if !own.is_empty() {
            return own.to_vec();
        }
        if !self.names.is_empty() {
            return self.names.clone();
        }
        self.address.iter().map(ToString::to_string).collect()
    }

    /// The addresses of outgoing connections; single ones without their prefix.
    pub(super) fn egress(&self) -> Vec<String> {
        let whole = |net: &IpNet| net.prefix_len() == net.max_prefix_len();
        self.egress
            .iter()
            .map(|net| if whole(net) { net.addr().to_string() } else { net.to_string() })
            .collect()
    }
}
