//! Search filters: made of values, or read from what an administrator wrote (RFC 4515).

use crate::ber::{OCTETS, SEQUENCE, element, nested};

/// Filters within filters that are read.
const DEEPEST: usize = 20;

/// A search filter. Values are bytes; nothing in them can become part of the filter's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    And(Vec<Filter>),
    /// One of them.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// An attribute has this value.
    Equal(String, Vec<u8>),
    /// It has one at least as great.
    GreaterOrEqual(String, Vec<u8>),
    /// It has one at most as great.
    LessOrEqual(String, Vec<u8>),
    /// It has one that sounds like it.
    Approximate(String, Vec<u8>),
    /// It has any.
    Present(String),
    /// It has one made of these parts, in this order; the first and last may be empty.
    Substrings(String, Vec<Vec<u8>>),
    /// A matching rule of the server's says so.
    Extensible {
        /// Attribute; may be empty.
        attribute: String,
        /// Rule; may be empty.
        rule: String,
        /// Attributes of the name count too.
        dn: bool,
        /// The value.
        value: Vec<u8>,
    },
}

/// Why a text is no filter, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError(pub String);

impl std::fmt::Display for FilterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FilterError {}

fn wrong<T>(why: impl Into<String>) -> Result<T, FilterError> {
    Err(FilterError(why.into()))
}

impl Filter {
    /// Everything that has a class: every entry.
    pub fn any() -> Self {
        Self::Present("objectClass".into())
    }
    /// An attribute has this very value.
    pub fn equal(attribute: &str, value: impl AsRef<[u8]>) -> Self {
        Self::Equal(attribute.into(), value.as_ref().to_vec())
    }
    /// Reads a filter such as `(&(objectClass=person)(!(uid=a*)))`.
    ///
    /// # Errors
    /// [`FilterError`]: what is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut rest = text.trim();
        let filter = one(&mut rest, 0)?;
        if rest.trim().is_empty() {
            Ok(filter)
        } else {
            wrong(format!("behind the filter there is “{rest}”"))
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let pair = |out: &mut Vec<u8>, tag: u8, name: &str, value: &[u8]| {
            nested(out, tag, |out| {
                element(out, OCTETS, name.as_bytes());
                element(out, OCTETS, value);
            });
        };
        match self {
            Self::And(list) => nested(out, 0xa0, |out| list.iter().for_each(|filter| filter.encode(out))),
            Self::Or(list) => nested(out, 0xa1, |out| list.iter().for_each(|filter| filter.encode(out))),
            Self::Not(filter) => nested(out, 0xa2, |out| filter.encode(out)),
            Self::Equal(name, value) => pair(out, 0xa3, name, value),
            Self::GreaterOrEqual(name, value) => pair(out, 0xa5, name, value),
            Self::LessOrEqual(name, value) => pair(out, 0xa6, name, value),
            Self::Approximate(name, value) => pair(out, 0xa8, name, value),
            Self::Present(name) => element(out, 0x87, name.as_bytes()),
            Self::Substrings(name, parts) => nested(out, 0xa4, |out| {
                element(out, OCTETS, name.as_bytes());
                nested(out, SEQUENCE, |out| substrings(out, parts));
            }),
            Self::Extensible { attribute, rule, dn, value } => nested(out, 0xa9, |out| {
                for (tag, text) in [(0x81, rule), (0x82, attribute)] {
                    if !text.is_empty() {
                        element(out, tag, text.as_bytes());
                    }
                }
                element(out, 0x83, value);
                if *dn {
                    element(out, 0x84, &[0xff]);
                }
            }),
        }
    }
}

fn substrings(out: &mut Vec<u8>, parts: &[Vec<u8>]) {
    let last = parts.len().saturating_sub(1);
    for (place, part) in parts.iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        let tag = if place == 0 {
            0x80
        } else if place == last {
            0x82
        } else {
            0x81
        };
        element(out, tag, part);
    }
}

/// Reads one filter in parentheses from the beginning of a text.
fn one(rest: &mut &str, depth: usize) -> Result<Filter, FilterError> {
    if depth > DEEPEST {
        return wrong(format!("it has more than {DEEPEST} filters within each other"));
    }
    let Some(inside) = rest.trim_start().strip_prefix('(') else {
        return wrong(format!("a filter begins with “(”, not with “{}”", start(rest)));
    };
    *rest = inside;
    let filter = match inside.trim_start().chars().next() {
        Some('&') => Filter::And(many(rest, '&', depth)?),
        Some('|') => Filter::Or(many(rest, '|', depth)?),
        Some('!') => {
            let mut list = many(rest, '!', depth)?;
            match (list.pop(), list.is_empty()) {
                (Some(only), true) => Filter::Not(Box::new(only)),
                _ => return wrong("“!” stands before one filter"),
            }
        }
        _ => {
            let Some(end) = rest.find([')', '(']) else { return wrong("a “)” is missing") };
            let (text, behind) = rest.split_at(end);
            *rest = behind;
            item(text)?
        }
    };
    match rest.trim_start().strip_prefix(')') {
        Some(behind) => *rest = behind,
        None => return wrong(format!("a “)” is missing before “{}”", start(rest))),
    }
    Ok(filter)
}

fn many(rest: &mut &str, sign: char, depth: usize) -> Result<Vec<Filter>, FilterError> {
    *rest = rest.trim_start().strip_prefix(sign).unwrap_or(rest);
    let mut list = Vec::new();
    while rest.trim_start().starts_with('(') {
        list.push(one(rest, depth + 1)?);
    }
    if list.is_empty() { wrong(format!("“{sign}” needs a filter behind it")) } else { Ok(list) }
}

/// `name=value` in its forms.
fn item(text: &str) -> Result<Filter, FilterError> {
    let Some((name, value)) = text.split_once('=') else {
        return wrong(format!("“{}” has no “=”", start(text)));
    };
    let kind = name.chars().next_back().filter(|sign| matches!(sign, '>' | '<' | '~' | ':'));
    let name = kind.map_or(name, |sign| name.strip_suffix(sign).unwrap_or(name)).trim();
    if kind == Some(':') {
        return extensible(name, value);
    }
    check_name(name)?;
    let name = name.to_owned();
    Ok(match kind {
        Some('>') => Filter::GreaterOrEqual(name, unescape(value)?),
        Some('<') => Filter::LessOrEqual(name, unescape(value)?),
        Some('~') => Filter::Approximate(name, unescape(value)?),
        _ if value.trim() == "*" => Filter::Present(name),
        _ if value.contains('*') => {
            Filter::Substrings(name, value.split('*').map(unescape).collect::<Result<_, _>>()?)
        }
        _ => Filter::Equal(name, unescape(value)?),
    })
}

fn extensible(name: &str, value: &str) -> Result<Filter, FilterError> {
    let mut parts = name.split(':');
    let attribute = parts.next().unwrap_or_default().to_owned();
    let (mut rule, mut dn) = (String::new(), false);
    for part in parts {
        if part.eq_ignore_ascii_case("dn") {
            dn = true;
        } else {
            check_name(part)?;
            part.clone_into(&mut rule);
        }
    }
    if attribute.is_empty() && rule.is_empty() {
        return wrong("“:=” needs an attribute or a rule before it");
    }
    if !attribute.is_empty() {
        check_name(&attribute)?;
    }
    Ok(Filter::Extensible { attribute, rule, dn, value: unescape(value)? })
}

fn check_name(name: &str) -> Result<(), FilterError> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ';' | '_');
    if !name.is_empty() && name.chars().all(good) {
        return Ok(());
    }
    wrong(format!("“{}” is no name of an attribute", start(name)))
}

/// `\2a` and the like become bytes.
fn unescape(text: &str) -> Result<Vec<u8>, FilterError> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
        match (digit(), digit()) {
            (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
            _ => return wrong("behind “\\” there are two hexadecimal digits, such as “\\28” for “(”"),
        }
    }
    Ok(out)
}

/// The first characters, for words about them.
fn start(text: &str) -> String {
    text.trim().chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(filter: &Filter) -> Vec<u8> {
        let mut out = Vec::new();
        filter.encode(&mut out);
        out
    }

    #[test]
    fn filters_are_read_as_they_are_written() {
        let read = |text: &str| Filter::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(
            read("(&(objectClass=person) (!(uid=a*b*)))"),
            Filter::And(vec![
                Filter::equal("objectClass", "person"),
                Filter::Not(Box::new(Filter::Substrings(
                    "uid".into(),
                    vec![b"a".to_vec(), b"b".to_vec(), Vec::new()]
                ))),
            ])
        );
        assert_eq!(read("(cn=\\28x\\29)"), Filter::equal("cn", "(x)"));
        assert_eq!(read("(cn=*)"), Filter::Present("cn".into()));
        assert_eq!(read("(n>=5)"), Filter::GreaterOrEqual("n".into(), b"5".to_vec()));
        let bits = "(!(userAccountControl:1.2.840.113556.1.4.803:=2))";
        let Filter::Not(inner) = read(bits) else { panic!("{bits}") };
        let rule = "1.2.840.113556.1.4.803".to_owned();
        assert_eq!(
            *inner,
            Filter::Extensible {
                attribute: "userAccountControl".into(),
                rule,
                dn: false,
                value: b"2".to_vec()
            }
        );
    }

    #[test]
    fn what_is_no_filter_is_told_why() {
        for text in [
            "",
            "cn=a",
            "(cn=a",
            "(cn)",
            "(&)",
            "(!(a=1)(b=2))",
            "(cn=a))",
            "(c n=a)",
            "(cn=\\2)",
            "(=a)",
            "(:=a)",
            "((a=1))",
        ] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
        let deep = format!("{}(a=1){}", "(!".repeat(5_000), ")".repeat(5_000));
        assert!(Filter::parse(&deep).is_err());
    }

    #[test]
    fn a_value_stays_a_value_whatever_is_in_it() {
        let canary = "*)(uid=*";
        let made = bytes(&Filter::equal("uid", canary));
        assert_eq!(made, [&[0xa3, 15, 4, 3][..], b"uid", &[4, 8], canary.as_bytes()].concat());
    }
}
