//! Parts of a mail whose types say that they are harmless: an address and a line can never begin another header.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::{NameError, domain_name};

/// Longest address, in characters (RFC 5321 4.5.3.1.3 without the brackets).
const ADDRESS_MAX: usize = 254;

/// Longest line, in characters; longer ones are cut.
const LINE_MAX: usize = 200;

/// A mail address: `local@domain` in ASCII, without quotes, comments or spaces.
///
/// ```
/// use domain::mail::MailAddress;
/// assert_eq!("Anna.Berg@Example.com".parse::<MailAddress>()?.as_str(), "Anna.Berg@example.com");
/// assert!("anna@example.com\r\nBcc: all@example.com".parse::<MailAddress>().is_err());
/// # Ok::<(), domain::names::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(String);

impl MailAddress {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl std::str::FromStr for MailAddress {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        let bad = || NameError("Enter a mail address such as anna@example.com.".into());
        let (local, domain) = text.rsplit_once('@').ok_or_else(bad)?;
        // RFC 5322 3.2.3 atext and the dot.
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
        if local.is_empty() || local.len() > 64 || dots || !local.chars().all(allowed) {
            return Err(bad());
        }
        let domain = domain_name(domain).map_err(|_| bad())?;
        let address = format!("{local}@{domain}");
        if address.len() > ADDRESS_MAX { Err(bad()) } else { Ok(Self(address)) }
    }
}

impl TryFrom<String> for MailAddress {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One line of text: control characters have become spaces, and it is not longer than 200 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Line(String);

impl Line {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Line::from(text.as_str())
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        // Line and paragraph separators end lines in some readers, direction marks turn text around.
        let breaks =
            |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}');
        let plain: String = text.chars().map(|c| if breaks(c) { ' ' } else { c }).take(LINE_MAX).collect();
        Self(plain.trim().to_owned())
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_could_mean_more_than_an_address_are_refused() {
        for bad in [
            "",
            "anna",
            "@example.com",
            "anna@",
            "anna@@example.com",
            "a b@example.com",
            "anna@exa mple.com",
            "\"a\"@example.com",
            "anna@example.com,eva@example.com",
            "<anna@example.com>",
            "anna@example.com\nX: y",
            "anna\r@example.com",
            ".a@example.com",
            "a..b@example.com",
            "ännä@example.com",
            "anna@[127.0.0.1]",
        ] {
            assert!(bad.parse::<MailAddress>().is_err(), "{bad:?}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        assert!(long.parse::<MailAddress>().is_err());
        assert_eq!(
            "o'neil+mdm@mail.example.com".parse::<MailAddress>().expect("good").domain(),
            "mail.example.com"
        );
    }

    #[test]
    fn a_line_stays_one_line() {
        let line = Line::from("Blocked\r\nBcc: all@example.com\0\u{2028}x\u{202e}y");
        assert_eq!(line.as_str(), "Blocked  Bcc: all@example.com  x y");
        assert_eq!(Line::from("x".repeat(500).as_str()).as_str().len(), 200);
    }
}
