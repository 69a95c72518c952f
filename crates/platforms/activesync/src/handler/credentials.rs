//! The `Authorization` header: Basic (RFC 7617) or Bearer (RFC 6750). Everything else is refused; NTLM and Negotiate
//! authenticate connections, not requests, and cannot go through a gateway that shares connections.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};
use zeroize::Zeroizing;

/// Longest header that is looked at, in bytes: tokens of large tenants reach some ten KiB.
const MAX: usize = 24 * 1024;

/// What a request proves itself with. Neither printed nor left in memory.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// Name and password.
    Basic {
        /// Name as the device sent it.
        user: String,
        /// Password.
        password: Zeroizing<String>,
    },
    /// An access token with the name that it says it is for. The name finds the user; it is believed only after
    /// the mail server took the token.
    Bearer {
        /// Claimed name.
        user: String,
        /// The token.
        token: Zeroizing<String>,
    },
}

/// Why there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoCredentials {
    /// No header: the client wants a challenge.
    Absent,
    /// Another scheme, damaged, or a token that does not say whose it is.
    Unusable,
}

impl Credentials {
    /// Reads the header.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Credentials, NoCredentials> {
        let value = headers.get(header::AUTHORIZATION).ok_or(NoCredentials::Absent)?;
        let text = value.to_str().ok().filter(|t| t.len() <= MAX).ok_or(NoCredentials::Unusable)?;
        let (scheme, rest) = text.trim().split_once(' ').ok_or(NoCredentials::Unusable)?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            basic(rest)
        } else if scheme.eq_ignore_ascii_case("bearer") {
            bearer(rest)
        } else {
            Err(NoCredentials::Unusable)
        }
    }

    /// The user's name.
    pub(crate) fn user(&self) -> &str {
        match self {
            Credentials::Basic { user, .. } | Credentials::Bearer { user, .. } => user,
        }
    }

    /// Password or token, for keyed hashes.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Credentials::Basic { password, .. } => password,
            Credentials::Bearer { token, .. } => token,
        }
    }

    /// Whether the secret stays the same for long, so that it may later admit a wipe.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self, Credentials::Basic { .. })
    }

    /// The header towards the mail server, with the user's name in the form that it wants.
    pub(crate) fn header(&self, name: &str) -> Option<HeaderValue> {
        let text = Zeroizing::new(match self {
            Credentials::Basic { password, .. } => {
                let pair = Zeroizing::new(format!("{name}:{}", password.as_str()));
                format!("Basic {}", STANDARD.encode(pair.as_bytes()))
            }
            Credentials::Bearer { token, .. } => format!("Bearer {}", token.as_str()),
        });
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credentials::Basic { .. } => "Credentials(basic)",
            Credentials::Bearer { .. } => "Credentials(bearer)",
        })
    }
}

fn basic(text: &str) -> Result<Credentials, NoCredentials> {
    let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| NoCredentials::Unusable)?;
    let bytes = Zeroizing::new(bytes);
    // quirk: old clients send ISO 8859-1; every byte of it is the code point of the same number.
    let plain = Zeroizing::new(match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    });
    let (user, password) = plain.split_once(':').ok_or(NoCredentials::Unusable)?;
    if user.trim().is_empty() || plain.chars().any(|c| c == '\0' || c == '\n' || c == '\r') {
        return Err(NoCredentials::Unusable);
    }
    Ok(Credentials::Basic { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) })
}

/// The name is in the middle part of a signed token (RFC 7519). The signature is the mail server's business.
fn bearer(token: &str) -> Result<Credentials, NoCredentials> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NoCredentials::Unusable);
    };
    let json = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).map_err(|_| NoCredentials::Unusable)?;
    let claims: serde_json::Value = serde_json::from_slice(&json).map_err(|_| NoCredentials::Unusable)?;
    let user = ["upn", "preferred_username", "unique_name", "email"]
        .into_iter()
        .find_map(|claim| claims.get(claim)?.as_str().filter(|name| !name.trim().is_empty()))
        .ok_or(NoCredentials::Unusable)?;
    Ok(Credentials::Bearer { user: user.to_owned(), token: Zeroizing::new(token.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Credentials, NoCredentials> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        Credentials::of(&headers)
    }

    #[test]
    fn names_and_passwords_are_read_and_written() {
        let given = read(&format!("basic {}", STANDARD.encode("CORP\\jo:p:w é"))).expect("good");
        assert_eq!((given.user(), given.secret()), ("CORP\\jo", "p:w é"));
        let sent = given.header("jo@corp.test").expect("a header");
        assert_eq!(
            sent.to_str().ok(),
            Some(format!("Basic {}", STANDARD.encode("jo@corp.test:p:w é")).as_str())
        );
        assert!(sent.is_sensitive());
        assert_eq!(format!("{given:?}"), "Credentials(basic)");
    }

    #[test]
    fn tokens_must_say_whose_they_are() {
        let token = |claims: &str| format!("Bearer e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let given = read(&token(r#"{"upn":"jo@corp.test","oid":"1"}"#)).expect("good");
        assert_eq!(given.user(), "jo@corp.test");
        for bad in [
            "Bearer opaque".to_owned(),
            token(r#"{"oid":"1"}"#),
            token("nonsense"),
            "Bearer e30.!.x".to_owned(),
        ] {
            assert_eq!(read(&bad).err(), Some(NoCredentials::Unusable), "{bad}");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in
            ["NTLM TlRMTVNTUAAB", "Negotiate YII=", "Basic", "Basic !!!", "Basic OnB3", "Basic bm9jb2xvbg=="]
        {
            assert_eq!(read(bad).err(), Some(NoCredentials::Unusable), "{bad}");
        }
        assert_eq!(Credentials::of(&HeaderMap::new()).err(), Some(NoCredentials::Absent));
    }
}
