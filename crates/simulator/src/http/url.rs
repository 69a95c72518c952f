//! Addresses: `http[s]://host[:port][/prefix]`, and percent encoding of query values.

use super::error::Error;

/// Where a server is; all requests of a client go there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// Host name or address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Path in front of every request target; empty or starting with `/`, never ending with it.
    pub prefix: String,
}

impl BaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`Error::Address`] if the scheme is neither `http` nor `https`, or host or port are missing or broken.
    pub fn parse(text: &str) -> Result<BaseUrl, Error> {
        let bad = || Error::Address(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(bad)?;
        let tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(bad()),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.strip_prefix('[').and_then(|a| a.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':')),
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            Some(port) => port.parse().map_err(|_| bad())?,
            None if tls => 443,
            None => 80,
        };
        if host.is_empty() || host.contains(['@', ' ', '?', '#']) {
            return Err(bad());
        }
        let prefix = path.trim_end_matches('/').to_owned();
        Ok(BaseUrl { tls, host: host.to_owned(), port, prefix })
    }

    /// The value of a Host header.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

/// Percent-encodes everything but unreserved characters.
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// Decodes percent escapes and `+`; broken escapes are kept as they are.
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = text.get(at + 1..at + 3).and_then(|h| u8::from_str_radix(h, 16).ok());
        match (bytes[at], escaped) {
            (b'%', Some(b)) => {
                out.push(b);
                at += 3;
                continue;
            }
            (b'+', _) => out.push(b' '),
            (b, _) => out.push(b),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let url = BaseUrl::parse("https://mail.example.test/base/").unwrap();
        assert_eq!((url.tls, url.port, url.prefix.as_str()), (true, 443, "/base"));
        assert_eq!(url.authority(), "mail.example.test");
        let url = BaseUrl::parse("http://[::1]:8080").unwrap();
        assert_eq!((url.host.as_str(), url.port), ("::1", 8080));
        assert_eq!(url.authority(), "[::1]:8080");
        for bad in ["mail.example.test", "ftp://x", "http://", "http://x:y", "http://u@x/"] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn query_values_survive_encoding() {
        for text in ["DOMAIN\\user", "a b+c&d=e%", "größe", ""] {
            assert_eq!(percent_decode(&percent_encode(text)), text);
        }
        assert_eq!(percent_decode("100%"), "100%");
    }
}
