//! Connections that a firewall must let pass: every kind that the product opens or takes.

use serde::{Deserialize, Serialize};

/// Which way a connection is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To this server.
    Inbound,
    /// From this server.
    Outbound,
}

impl Direction {
    /// Word in lists.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inbound => "In",
            Self::Outbound => "Out",
        }
    }
}

/// What carries a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Transport {
    /// Word in lists.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

/// A kind of connection.
#[derive(Debug)]
pub struct ConnectionInfo {
    /// The kind.
    pub kind: ConnectionKind,
    /// Key in REST and exports.
    pub key: &'static str,
    /// Who is at the other end.
    pub peer: &'static str,
    /// What it is for, one sentence.
    pub purpose: &'static str,
    /// Which way.
    pub direction: Direction,
    /// What carries it.
    pub transport: Transport,
    /// Where to change it in the console; empty: in the configuration file.
    pub page: &'static str,
}

macro_rules! connections {
    ($($kind:ident, $key:literal, $direction:ident, $transport:ident, $peer:literal, $page:literal, $purpose:literal;)+) => {
        /// Names the kinds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "the table says what they are")]
        pub enum ConnectionKind { $($kind),+ }

        /// Every kind, inbound first.
        pub const CONNECTIONS: &[ConnectionInfo] = &[$(ConnectionInfo {
            kind: ConnectionKind::$kind, key: $key, peer: $peer, purpose: $purpose,
            direction: Direction::$direction, transport: Transport::$transport, page: $page,
        }),+];
    };
}

connections! {
    Devices, "devices", Inbound, Tcp, "Phones, tablets, laptops", "",
        "Mail of devices (ActiveSync), enrolment pages, the page for new phones.";
    CiscoIse, "cisco_ise", Inbound, Tcp, "Cisco ISE", "/dashboard/cisco-ise",
        "Policy nodes of ISE ask for the posture of devices.";
    Console, "console", Inbound, Tcp, "Administrators", "",
        "This console, and the REST interface.";
    Proxy, "proxy", Inbound, Tcp, "Reverse proxy", "",
        "A proxy that ends TLS hands requests on without it; nobody else may reach this port.";
    CertificateCheck, "certificate_check", Inbound, Tcp, "Certificate authority", "",
        "The authority's HTTP-01 check; it comes from anywhere and always to port 80.";
    Activesync, "activesync", Outbound, Tcp, "ActiveSync server", "/dashboard/activesync-servers",
        "The gateway relays mail, calendar and contacts, and asks the server who a user is.";
    Ldap, "ldap", Outbound, Tcp, "LDAP server", "/dashboard/ldap-servers",
        "Users are read from the directory, and sign in with its passwords.";
    Smtp, "smtp", Outbound, Tcp, "SMTP server", "/dashboard/smtp-server",
        "Alerts, notifications and letters to users.";
    Radius, "radius", Outbound, Udp, "RADIUS server", "/dashboard/cisco-ise",
        "The network is told at once when a device may use it no longer (RFC 5176).";
    Webhook, "webhook", Outbound, Tcp, "Webhook receiver", "/dashboard/webhooks",
        "Events of the journal are posted, signed.";
    IdentityProvider, "identity_provider", Outbound, Tcp, "Identity provider", "/dashboard/identity-providers",
        "People sign in with their account there (OpenID Connect): its document, keys and tokens are fetched.";
    CertificateAuthority, "certificate_authority", Outbound, Tcp, "Certificate authority", "",
        "The server's certificate is ordered and renewed (ACME).";
}

impl ConnectionKind {
    /// What is known of it.
    pub fn info(self) -> &'static ConnectionInfo {
        &CONNECTIONS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_finds_itself() {
        for info in CONNECTIONS {
            assert_eq!(info.kind.info().key, info.key);
            assert_eq!(serde_json::to_value(info.kind).expect("a word"), info.key);
        }
    }
}
