//! Where this server connects on somebody's behalf: resolved once, checked, and connected to as it was checked.
//!
//! An organization names hosts (its SMTP server, its webhooks); they must not lead into the operator's own network
//! unless the operator listed that network. A name that is resolved again between check and connection could lead
//! somewhere else the second time (DNS rebinding), so the checked address is what is connected to.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use tokio::net::TcpStream;
use transport::upstream::is_public;

/// Time for finding and reaching a host.
const PATIENCE: Duration = Duration::from_secs(15);

/// Which addresses may be connected to.
#[derive(Debug, Clone)]
pub enum Reach {
    /// Any: the operator named the host.
    Anywhere,
    /// The public Internet, and the networks that the operator listed.
    PublicAnd(Vec<IpNet>),
}

/// Why a host was not reached, in words for whoever named it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The name leads nowhere.
    #[error("{0} is not known: the name has no address ({1})")]
    Unknown(String, String),
    /// It leads into a network that is not allowed.
    #[error(
        "{0} leads to {1}, an address of an internal network; the operator of this server can allow it with \
         internal-targets"
    )]
    Internal(String, IpAddr),
    /// Nobody answers.
    #[error("nobody answers on {0}: {1}")]
    Unreachable(String, String),
}

impl Reach {
    /// Whether an address may be connected to.
    pub fn allows(&self, ip: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::PublicAnd(listed) => {
                is_public(ip) || listed.iter().any(|net| net.contains(&ip.to_canonical()))
            }
        }
    }

    /// The addresses of a host, if all of them are allowed: one that is not makes the name suspect as a whole.
    ///
    /// # Errors
    /// [`OutboundError::Unknown`], [`OutboundError::Internal`].
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutboundError> {
        let unknown = |why: &str| OutboundError::Unknown(host.to_owned(), why.to_owned());
        let found = match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host, port))).await {
            Ok(Ok(found)) => found.collect::<Vec<_>>(),
            Ok(Err(error)) => return Err(unknown(&error.to_string())),
            Err(_) => return Err(unknown("the name server does not answer")),
        };
        if found.is_empty() {
            return Err(unknown("none was found"));
        }
        match found.iter().find(|address| !self.allows(address.ip())) {
            Some(inside) => Err(OutboundError::Internal(host.to_owned(), inside.ip())),
            None => Ok(found),
        }
    }

    /// Connects to a host at one of its checked addresses.
    ///
    /// # Errors
    /// All of [`OutboundError`].
    pub async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, OutboundError> {
        let addresses = self.addresses(host, port).await?;
        let unreachable = |why: String| OutboundError::Unreachable(format!("{host}:{port}"), why);
        match tokio::time::timeout(PATIENCE, TcpStream::connect(addresses.as_slice())).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(unreachable(error.to_string())),
            Err(_) => Err(unreachable("no answer in time".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn internal_addresses_are_refused_unless_listed_whatever_the_name() {
        let public = Reach::PublicAnd(Vec::new());
        let listed = Reach::PublicAnd(vec!["127.0.0.0/8".parse().expect("a network")]);
        for host in
            ["127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"]
        {
            let outcome = public.addresses(host, 25).await;
            assert!(matches!(outcome, Err(OutboundError::Internal(..))), "{host}: {outcome:?}");
        }
        assert!(listed.addresses("127.0.0.1", 25).await.is_ok());
        assert!(listed.allows("::ffff:127.0.0.1".parse().expect("an address")));
        assert!(listed.addresses("10.0.0.1", 25).await.is_err());
        assert!(Reach::Anywhere.addresses("10.0.0.1", 25).await.is_ok());
        assert!(public.allows("93.184.216.34".parse().expect("an address")));
    }
}
