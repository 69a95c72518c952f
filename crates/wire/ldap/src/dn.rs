//! Distinguished names (RFC 4514), compared as directories compare them.

use std::fmt;

/// Parts of a name that are read.
const MOST_PARTS: usize = 100;

/// A distinguished name in the form in which names are compared: attributes and values in lower case, spaces folded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dn(Vec<String>);

/// A text that is no distinguished name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DnError;

impl fmt::Display for DnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a distinguished name is written like ou=People,dc=example,dc=com")
    }
}

impl std::error::Error for DnError {}

impl Dn {
    /// Reads a name. The empty one is the root of everything.
    ///
    /// # Errors
    /// [`DnError`].
    pub fn parse(text: &str) -> Result<Self, DnError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let parts = split(text, &[',', ';']);
        if parts.len() > MOST_PARTS {
            return Err(DnError);
        }
        parts.into_iter().map(normal).collect::<Result<_, _>>().map(Self)
    }
    /// How many parts it has.
    pub fn depth(&self) -> usize {
        self.0.len()
    }
    /// Whether it is this name or beneath it.
    pub fn is_within(&self, other: &Dn) -> bool {
        self.0.ends_with(&other.0)
    }
}

/// Written as it is compared.
impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

/// Splits at characters that are neither escaped nor in quotes.
fn split<'t>(text: &'t str, at: &[char]) -> Vec<&'t str> {
    let (mut parts, mut begin, mut escaped, mut quoted) = (Vec::new(), 0, false, false);
    for (place, sign) in text.char_indices() {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if !quoted && at.contains(&sign) => {
                parts.push(&text[begin..place]);
                begin = place + sign.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

/// One part: `cn=A  b` becomes `cn=a b`; several values of a part are put in order.
fn normal(part: &str) -> Result<String, DnError> {
    let mut pairs = split(part, &['+']).into_iter().map(pair).collect::<Result<Vec<_>, _>>()?;
    pairs.sort();
    Ok(pairs.join("+"))
}

fn pair(text: &str) -> Result<String, DnError> {
    let (name, value) = text.split_once('=').ok_or(DnError)?;
    let name = name.trim().to_lowercase();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if name.is_empty() || !name.chars().all(good) {
        return Err(DnError);
    }
    Ok(format!("{name}={}", canonical(&unescape(trim(value))?)))
}

/// Without the spaces around it; one that is escaped belongs to the value.
fn trim(value: &str) -> &str {
    let value = value.trim_start();
    let end = value.trim_end();
    let escaped = end.chars().rev().take_while(|sign| *sign == '\\').count() % 2 == 1;
    if escaped && end.len() < value.len() { &value[..=end.len()] } else { end }
}

fn unescape(value: &str) -> Result<Vec<u8>, DnError> {
    let value = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value);
    let bytes = value.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        match (digit(bytes.get(at)), digit(bytes.get(at + 1)), bytes.get(at)) {
            (Some(high), Some(low), _) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (_, _, Some(&sign)) => {
                out.push(sign);
                at += 1;
            }
            _ => return Err(DnError),
        }
    }
    Ok(out)
}

/// Lower case, spaces folded, and signs that would part the name escaped again.
fn canonical(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value).to_lowercase();
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for sign in word.chars() {
            if matches!(sign, ',' | '+' | ';' | '\\' | '"' | '=') {
                out.push('\\');
            }
            out.push(sign);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    #[test]
    fn names_are_the_same_however_they_are_written() {
        for (one, other) in [
            ("CN=Ann Lee,OU=People,DC=example,DC=com", "cn=ann  lee, ou=people,dc=Example,dc=com"),
            ("cn=Lee\\, Ann,dc=x", "cn=lee\\2c ann,dc=x"),
            ("cn=\"Lee, Ann\",dc=x", "cn=Lee\\, Ann,dc=x"),
            ("cn=a+uid=b,dc=x", "uid=B + cn=A,dc=x"),
            ("cn=J\\c3\\b6rg,dc=x", "CN=jörg,DC=X"),
        ] {
            assert_eq!(dn(one), dn(other), "{one} / {other}");
        }
        assert_ne!(dn("cn=a\\,dc=x"), dn("cn=a,dc=x"));
        assert_eq!(dn(&dn("cn=Lee\\, Ann\\+B,dc=x").to_string()), dn("cn=Lee\\, Ann\\+B,dc=x"));
    }

    #[test]
    fn a_name_lies_within_another_by_whole_parts() {
        let people = dn("ou=People,dc=example,dc=com");
        assert!(dn("cn=a,ou=Sales,ou=people,dc=example,dc=com").is_within(&people));
        assert!(people.is_within(&people));
        assert!(!dn("ou=Old-People,dc=example,dc=com").is_within(&people));
        assert!(!dn("cn=a\\,ou=People,dc=example,dc=com").is_within(&people));
        assert!(people.is_within(&dn("")));
        assert_eq!(people.depth(), 3);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["people", "=x", "a b=c", "cn=x\\", "cn=a,,dc=x", &"cn=a,".repeat(200)] {
            assert!(Dn::parse(text).is_err(), "{text}");
        }
    }
}
