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
    /// An access token with the name that it is for. The name finds the user; it is believed only after the mail
    /// server took the token.
    Bearer {
        /// Claimed name; empty until [`Credentials::of_user`] for a token that does not say it.
        user: String,
        /// The token.
        token: Zeroizing<String>,
        /// Whether the token says the name itself, in a claim that its issuer answers for. If not, the name is the
        /// request's, and the mail server must say that the token belongs to that mailbox.
        named: bool,
    },
}

/// Why there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoCredentials {
    /// No header: the client wants a challenge.
    Absent,
    /// Another scheme, or damaged.
    Unusable,
    /// A token that does not say whose it is, in a request that does not say it either.
    Nameless,
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

    /// Gives a token without a name the one that the request says.
    pub(crate) fn of_user(mut self, said: Option<&str>) -> Result<Credentials, NoCredentials> {
        if let Credentials::Bearer { user, .. } = &mut self
            && user.is_empty()
        {
            let said = said.filter(|name| !name.trim().is_empty()).ok_or(NoCredentials::Nameless)?;
            said.clone_into(user);
        }
        Ok(self)
    }

    /// Name and password as they were entered on a page; `None` where they cannot be sent (RFC 7617, 2).
    pub(crate) fn basic(user: &str, password: &str) -> Option<Self> {
        let clean = |text: &str| !text.chars().any(char::is_control);
        let sendable = !user.trim().is_empty() && !user.contains(':') && clean(user) && clean(password);
        sendable.then(|| Credentials::Basic {
            user: user.to_owned(),
            password: Zeroizing::new(password.to_owned()),
        })
    }

    /// Whether they say whose they are, so that a mail server that takes them has said it too.
    pub(crate) fn names_its_owner(&self) -> bool {
        matches!(self, Credentials::Basic { .. } | Credentials::Bearer { named: true, .. })
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

/// A token is opaque to us (RFC 6749, 1.4), unless it happens to be a signed one that says whose it is. The signature
/// is the mail server's business.
fn bearer(token: &str) -> Result<Credentials, NoCredentials> {
    // RFC 6750, 2.1: one word of these characters.
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    if token.is_empty() || !token.bytes().all(is_token) {
        return Err(NoCredentials::Unusable);
    }
    let name = name_in(token);
    let named = name.is_some();
    let token = Zeroizing::new(token.to_owned());
    Ok(Credentials::Bearer { user: name.unwrap_or_default(), token, named })
}

/// The name in the middle part of a signed token (RFC 7519), from claims that the issuer answers for. `email` is not
/// one of them: some issuers let users enter what they like there.
fn name_in(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let json = Zeroizing::new(URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?);
    let claims: serde_json::Value = serde_json::from_slice(&json).ok()?;
    let known = ["upn", "preferred_username", "unique_name"];
    let name = known.into_iter().find_map(|claim| claims.get(claim)?.as_str());
    name.filter(|name| !name.trim().is_empty()).map(str::to_owned)
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
    fn a_token_says_whose_it_is_or_takes_the_name_of_the_request() {
        let token = |claims: &str| format!("Bearer e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let given = read(&token(r#"{"upn":"jo@corp.test","oid":"1"}"#)).expect("good");
        assert!(given.names_its_owner());
        let given = given.of_user(Some("ann@corp.test")).expect("good");
        assert_eq!(given.user(), "jo@corp.test", "the request does not change what the token says");
        for opaque in [
            "Bearer EwBgA8l6BAAUO9chh8cJscQLmU+LSWpbnr0vmwwAAQ==".to_owned(),
            token(r#"{"oid":"1"}"#),
            token(r#"{"email":"jo@corp.test"}"#),
            token(r#"{"upn":" "}"#),
            token("nonsense"),
            "Bearer e30.~.x".to_owned(),
            "Bearer a.e30.c.d.e".to_owned(),
        ] {
            let given = read(&opaque).expect("good");
            assert!(!given.names_its_owner(), "{opaque}");
            for nobody in [None, Some(""), Some(" ")] {
                assert_eq!(given.clone().of_user(nobody).err(), Some(NoCredentials::Nameless));
            }
            let given = given.of_user(Some("jo@corp.test")).expect("good");
            assert_eq!(given.user(), "jo@corp.test");
            assert!(!given.names_its_owner(), "a name in the request proves nothing");
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for bad in [
            "NTLM TlRMTVNTUAAB",
            "Negotiate YII=",
            "Basic",
            "Basic !!!",
            "Basic OnB3",
            "Basic bm9jb2xvbg==",
            "Bearer a b",
            "Bearer \"a\"",
        ] {
            assert_eq!(read(bad).err(), Some(NoCredentials::Unusable), "{bad}");
        }
        assert_eq!(Credentials::of(&HeaderMap::new()).err(), Some(NoCredentials::Absent));
    }
}
