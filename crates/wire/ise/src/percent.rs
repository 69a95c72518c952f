//! Percent-encoding of paths, queries and form bodies.
//!
//! Paths are read strictly, because two readings of one path are a security hole. Values are read
//! leniently: what cannot be understood later matches no device, which is milder than an error.

use std::borrow::Cow;

/// Decodes one path segment, already split at `/`. `None` for a broken escape, bytes that are not UTF-8, an
/// encoded slash, control characters, and the dot segments.
pub(crate) fn path_segment(raw: &str) -> Option<Cow<'_, str>> {
    let decoded = if raw.contains('%') { Cow::Owned(strict(raw)?) } else { Cow::Borrowed(raw) };
    let refused =
        decoded == "." || decoded == ".." || decoded.contains('/') || decoded.chars().any(char::is_control);
    (!refused).then_some(decoded)
}

/// Decodes a name or value of a query or form: `+` is a blank, a broken escape stands for itself, bytes that
/// are not UTF-8 become U+FFFD.
pub(crate) fn form_value(raw: &str) -> Cow<'_, str> {
    if !raw.bytes().any(|b| b == b'%' || b == b'+') {
        return Cow::Borrowed(raw);
    }
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, escape(tail)) {
            (b'%', Some(value)) => {
                decoded.push(value);
                rest = &tail[2..];
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(byte),
        }
    }
    Cow::Owned(
        String::from_utf8(decoded).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()),
    )
}

fn strict(raw: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'%' {
            decoded.push(escape(tail)?);
            rest = &tail[2..];
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// The byte that the two digits after a `%` stand for.
fn escape(after: &[u8]) -> Option<u8> {
    let digit = |at: usize| after.get(at).and_then(|&b| char::from(b).to_digit(16));
    Some((digit(0)? << 4 | digit(1)?) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_segment_has_one_reading_or_none() {
        assert_eq!(path_segment("a%20b+c").as_deref(), Some("a b+c"));
        assert_eq!(path_segment("%C3%A9").as_deref(), Some("é"));
        for refused in
            [".", "..", "%2e", "%2E.", "a%2Fb", "a%2fb", "a%00", "%0a", "%", "%4", "%zz", "%ff", "a\tb"]
        {
            assert_eq!(path_segment(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_value_always_has_a_reading() {
        assert_eq!(form_value("a+b%2Bc"), "a b+c");
        assert_eq!(form_value("100%"), "100%");
        assert_eq!(form_value("%zz%4"), "%zz%4");
        assert_eq!(form_value("%ff"), "\u{FFFD}");
        assert!(matches!(form_value("plain"), Cow::Borrowed(_)));
    }
}
