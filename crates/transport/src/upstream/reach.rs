//! From a host to the addresses that a connection may go to: resolved once for each connection, checked, and
//! connected to as they were checked. A name that is resolved again between check and connection could lead
//! somewhere else the second time (DNS rebinding).

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// Where an origin's name may lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// To any address: an administrator named the host.
    #[default]
    Anywhere,
    /// To addresses of the public Internet only: somebody else named the host.
    Public,
}

impl Reach {
    /// The first address that is not within reach.
    pub(crate) fn forbidden(self, addresses: &[SocketAddr]) -> Option<IpAddr> {
        match self {
            Self::Anywhere => None,
            // One that is inside forbids all: the name is not what it pretends to be.
            Self::Public => addresses.iter().map(SocketAddr::ip).find(|ip| !is_public(*ip)),
        }
    }
}

/// Whether an address belongs to the public Internet (RFC 6890 and its registries).
pub fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
                // NAT64 leads to the IPv4 address at its end.
                let [.., high, low] = segments;
                let [a, b] = high.to_be_bytes();
                let [c, d] = low.to_be_bytes();
                return is_public_v4(Ipv4Addr::new(a, b, c, d));
            }
            let global = segments[0] & 0xe000 == 0x2000;
            let documentation = segments[0] == 0x2001 && segments[1] == 0xdb8;
            // 6to4 and Teredo lead to IPv4 addresses that are not looked at here.
            let tunnel = segments[0] == 0x2002 || (segments[0] == 0x2001 && segments[1] == 0);
            global && !documentation && !tunnel
        }
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special =
        matches!((a, b, c), (0 | 240..=255, ..) | (100, 64..=127, _) | (192, 0, 0) | (198, 18 | 19, _));
    !(special
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation())
}

/// Turns a host and a port into addresses.
#[derive(Clone, Default)]
pub enum Resolver {
    /// The operating system's.
    #[default]
    System,
    /// Another one.
    Custom(Arc<Lookup>),
}

/// A look-up of host and port. It must not block.
pub type Lookup = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl Resolver {
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let found = match self {
            Self::System => tokio::net::lookup_host((host, port)).await?.collect(),
            Self::Custom(lookup) => lookup(host, port)?,
        };
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(found)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Custom(_) => "Custom",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known() {
        let private = [
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2001:0:a00:1::1",
            "224.0.0.1",
            "255.255.255.255",
        ];
        for ip in private {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn one_private_address_among_public_ones_forbids_all() {
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 443);
        let mixed = [at("93.184.216.34"), at("10.0.0.1")];
        assert_eq!(Reach::Public.forbidden(&mixed), Some(mixed[1].ip()));
        assert_eq!(Reach::Public.forbidden(&mixed[..1]), None);
        assert_eq!(Reach::Anywhere.forbidden(&mixed), None);
    }
}
