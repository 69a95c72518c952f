//! Addresses of mail servers.

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
}
