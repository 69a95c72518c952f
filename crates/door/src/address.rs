//! The client's address: the peer's, or what a trusted proxy says of it.

use std::net::{IpAddr, SocketAddr};

use engine::sign_in::Caller;
use http::HeaderMap;
use ipnet::IpNet;

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Networks whose `X-Forwarded-For` is believed. Empty: nobody's.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// The client's address: the rightmost entry of `X-Forwarded-For` that is not itself a trusted proxy.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trusts(peer) {
            return peer.to_canonical();
        }
        let forwarded: Vec<IpAddr> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .filter_map(|v| v.trim().parse().ok())
            .collect();
        forwarded.into_iter().rev().find(|a| !self.trusts(*a)).unwrap_or(peer).to_canonical()
    }
}

/// Who calls, for sign-in and journal.
pub fn caller(address: IpAddr, headers: &HeaderMap) -> Caller {
    let agent = headers.get(http::header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or("");
    Caller { address, user_agent: agent.chars().take(200).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", value.parse().expect("a header"));
        headers
    }

    #[test]
    fn nobody_is_believed_by_default() {
        let peer: IpAddr = "192.0.2.1".parse().expect("an address");
        assert_eq!(TrustedProxies::default().client(peer, &headers("198.51.100.7")), peer);
    }

    #[test]
    fn the_rightmost_untrusted_entry_counts() {
        let proxies = TrustedProxies(vec!["10.0.0.0/8".parse().expect("a network")]);
        let peer: IpAddr = "10.0.0.1".parse().expect("an address");
        let seen = proxies.client(peer, &headers("1.1.1.1, 198.51.100.7, 10.9.9.9"));
        assert_eq!(seen, "198.51.100.7".parse::<IpAddr>().expect("an address"));
        assert_eq!(proxies.client(peer, &headers("junk")), peer);
    }
}
