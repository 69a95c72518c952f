//! Addresses of mail servers, and which of them are inside somebody's network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::MailError;

/// Scheme, host, port and path of a URL; no user, no query, no fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `https`.
    pub tls: bool,
    /// Name or address, lower case, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path, beginning with `/`.
    pub path: String,
}

impl Address {
    /// Reads a URL.
    ///
    /// ```
    /// use clients::mail::Address;
    /// let address = Address::parse("https://Mail.example.com/Microsoft-Server-ActiveSync")?;
    /// assert_eq!((address.host.as_str(), address.port), ("mail.example.com", 443));
    /// # Ok::<(), clients::mail::MailError>(())
    /// ```
    ///
    /// # Errors
    /// [`MailError::Address`].
    pub fn parse(url: &str) -> Result<Address, MailError> {
        let bad = || MailError::Address(url.chars().filter(|c| !c.is_control()).take(200).collect());
        let uri: http::Uri = url.trim().parse().map_err(|_| bad())?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad()),
        };
        let authority = uri.authority().ok_or_else(bad)?;
        if authority.as_str().contains('@') || authority.host().is_empty() || uri.query().is_some() {
            return Err(bad());
        }
        let host = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Address { tls, host, port, path: uri.path().to_owned() })
    }

    /// Whether the path is one of ActiveSync's, and not a sign-in page that a redirect leads to.
    pub fn is_activesync(&self) -> bool {
        let path = self.path.trim_end_matches('/').to_ascii_lowercase();
        path.ends_with("/microsoft-server-activesync") || path.ends_with("/default.eas")
    }
}

/// Whether an address belongs to the public Internet (RFC 6890 and its registries).
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
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

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        // NAT64 leads to the IPv4 address at its end.
        let [.., high, low] = segments;
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    let global = segments[0] & 0xe000 == 0x2000;
    let documentation = segments[0] == 0x2001 && segments[1] == 0xdb8;
    global && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_nonsense_is_not() {
        let address = Address::parse("http://[::1]:8080/x/Microsoft-Server-ActiveSync/").expect("good");
        assert_eq!((address.host.as_str(), address.port, address.tls), ("::1", 8080, false));
        assert!(address.is_activesync());
        assert!(!Address::parse("https://mail.test/owa/auth").expect("good").is_activesync());
        for bad in [
            "",
            "mail.test",
            "ftp://mail.test/",
            "https://",
            "https://u@mail.test/",
            "https://m.test/?a=b",
            "https:///x",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }

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
            "224.0.0.1",
            "255.255.255.255",
        ];
        for ip in private {
            assert!(!is_public(ip.parse().expect("an address")), "{ip}");
        }
        for ip in ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"] {
            assert!(is_public(ip.parse().expect("an address")), "{ip}");
        }
    }
}
