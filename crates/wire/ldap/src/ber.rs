//! The Basic Encoding Rules as LDAP uses them (RFC 4511 section 5.1): definite lengths, tags of one byte.

/// What is no BER, or not what LDAP allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Malformed {}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// How many bytes the message at the beginning of `bytes` has, header included; `None` while that cannot be told yet.
///
/// # Errors
/// [`Malformed`] for bytes that no LDAP message begins with.
pub fn message_length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    match bytes.first() {
        None => return Ok(None),
        Some(&SEQUENCE) => {}
        Some(_) => return Err(Malformed("it is no LDAP message")),
    }
    Ok(length(&bytes[1..])?.map(|(length, header)| length.saturating_add(1 + header)))
}

/// A length and how many bytes it is written in; `None` if the bytes end before it does.
fn length(bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let Some(&first) = bytes.first() else { return Ok(None) };
    if first < 0x80 {
        return Ok(Some((usize::from(first), 1)));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(Malformed("its length is indefinite or too long"));
    }
    let Some(digits) = bytes.get(1..=count) else { return Ok(None) };
    let length = digits.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    Ok(Some((length, 1 + count)))
}

/// Reads one element after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Tag of the next element.
    pub fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }
    /// The next element: tag and content.
    pub fn element(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        const SHORT: Malformed = Malformed("it ends too early");
        let (tag, rest) = self.0.split_first().ok_or(SHORT)?;
        if tag & 0x1f == 0x1f {
            return Err(Malformed("it has a tag that LDAP does not use"));
        }
        let (length, header) = length(rest)?.ok_or(SHORT)?;
        let content = rest.get(header..).and_then(|rest| rest.get(..length)).ok_or(SHORT)?;
        self.0 = &rest[header + length..];
        Ok((*tag, content))
    }
    /// The content of the next element, which must have this tag.
    pub fn content(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        let (found, content) = self.element()?;
        if found == tag { Ok(content) } else { Err(Malformed("an element is not what belongs there")) }
    }
    /// The elements within the next element.
    pub fn inner(&mut self, tag: u8) -> Result<Reader<'a>, Malformed> {
        self.content(tag).map(Reader)
    }
    /// The next element as a number.
    pub fn number(&mut self, tag: u8) -> Result<i64, Malformed> {
        let content = self.content(tag)?;
        let Some(first) = content.first().filter(|_| content.len() <= 8) else {
            return Err(Malformed("a number has no digits or too many"));
        };
        let start = if first & 0x80 == 0 { 0 } else { -1 };
        Ok(content.iter().fold(start, |sum, byte| (sum << 8) | i64::from(*byte)))
    }
    /// The next element as text; what is no UTF-8 is replaced.
    pub fn text(&mut self, tag: u8) -> Result<String, Malformed> {
        self.content(tag).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// Writes one element.
pub(crate) fn element(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    out.push(tag);
    if content.len() < 0x80 {
        out.push(content.len() as u8);
    } else {
        let digits = content.len().to_be_bytes();
        let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
        out.push(0x80 | digits.len() as u8);
        out.extend_from_slice(digits);
    }
    out.extend_from_slice(content);
}

/// Writes an element made of others.
pub(crate) fn nested(out: &mut Vec<u8>, tag: u8, write: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    write(&mut content);
    element(out, tag, &content);
}

/// Writes a number in as few bytes as it takes.
pub(crate) fn number(out: &mut Vec<u8>, tag: u8, value: i64) {
    let bytes = value.to_be_bytes();
    let needless =
        |pair: &&[u8]| (pair[0] == 0 && pair[1] & 0x80 == 0) || (pair[0] == 0xff && pair[1] & 0x80 != 0);
    let skipped = bytes.windows(2).take_while(needless).count();
    element(out, tag, &bytes[skipped..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_are_short() {
        for value in [0, 1, 127, 128, 255, 256, -1, -128, -129, 65_535, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            number(&mut out, INTEGER, value);
            assert_eq!(Reader(&out).number(INTEGER), Ok(value));
        }
        let mut out = Vec::new();
        number(&mut out, INTEGER, 128);
        assert_eq!(out, [2, 2, 0, 128]);
    }

    #[test]
    fn lengths_are_told_as_soon_as_they_can_be_and_never_believed() {
        assert_eq!(message_length(&[]), Ok(None));
        assert_eq!(message_length(&[0x30]), Ok(None));
        assert_eq!(message_length(&[0x30, 0x82, 1]), Ok(None));
        assert_eq!(message_length(&[0x30, 0x82, 1, 0]), Ok(Some(260)));
        assert!(message_length(b"HTTP/1.1 400").is_err());
        assert!(message_length(&[0x30, 0x80]).is_err());
        assert!(message_length(&[0x30, 0x85, 1, 1, 1, 1, 1]).is_err());
        assert!(Reader(&[4, 0x84, 0xff, 0xff, 0xff, 0xff, 1]).element().is_err());
        let long = vec![7; 300];
        let mut out = Vec::new();
        element(&mut out, OCTETS, &long);
        assert_eq!(Reader(&out).content(OCTETS), Ok(long.as_slice()));
    }
}
