//! Elements with text, and the escaping of that text.

/// U+FFFD, written in place of characters that XML 1.0 does not have.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// Appends `<element>`.
pub(super) fn start(out: &mut Vec<u8>, element: &str) {
    out.push(b'<');
    out.extend_from_slice(element.as_bytes());
    out.push(b'>');
}

/// Appends `</element>`.
pub(super) fn end(out: &mut Vec<u8>, element: &str) {
    out.extend_from_slice(b"</");
    out.extend_from_slice(element.as_bytes());
    out.push(b'>');
}

/// Appends an element with text; an empty text gives an empty element.
pub(super) fn text(out: &mut Vec<u8>, element: &str, value: &str) {
    start(out, element);
    escaped(out, value);
    end(out, element);
}

/// Appends an element with `true` or `false`, the only words that clients compare with.
pub(super) fn boolean(out: &mut Vec<u8>, element: &str, value: bool) {
    start(out, element);
    out.extend_from_slice(if value { b"true" } else { b"false" });
    end(out, element);
}

/// Appends a number.
pub(super) fn decimal(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends text so that an XML parser reads it back unchanged. A carriage return is written as a reference,
/// since parsers turn a bare one into a line feed.
pub(super) fn escaped(out: &mut Vec<u8>, value: &str) {
    let bytes = value.as_bytes();
    let mut from = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let (length, replacement): (usize, &[u8]) = match byte {
            b'&' => (1, b"&amp;"),
            b'<' => (1, b"&lt;"),
            b'>' => (1, b"&gt;"),
            b'\r' => (1, b"&#13;"),
            b'\t' | b'\n' => (0, b""),
            0..=0x1F => (1, REPLACEMENT),
            // U+FFFE and U+FFFF
            0xEF if matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => (3, REPLACEMENT),
            _ => (0, b""),
        };
        if length == 0 {
            at += 1;
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(replacement);
        at += length;
        from = at;
    }
    out.extend_from_slice(&bytes[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> String {
        let mut out = Vec::new();
        escaped(&mut out, value);
        String::from_utf8(out).expect("UTF-8 in, UTF-8 out")
    }

    #[test]
    fn markup_and_what_xml_lacks_do_not_get_through() {
        assert_eq!(written("a & <b> \"c\" 'd'"), "a &amp; &lt;b&gt; \"c\" 'd'");
        assert_eq!(written("\0a\u{1F}\tb\n\r"), "\u{FFFD}a\u{FFFD}\tb\n&#13;");
        assert_eq!(written("\u{FFFD}\u{FFFE}\u{FFFF}\u{10FFFF}é"), "\u{FFFD}\u{FFFD}\u{FFFD}\u{10FFFF}é");
        assert_eq!(written(""), "");
    }

    #[test]
    fn numbers_are_plain_digits() {
        for value in [0, 7, 10, 1_760_000_000_000, u64::MAX] {
            let mut out = Vec::new();
            decimal(&mut out, value);
            assert_eq!(out, value.to_string().into_bytes());
        }
    }
}
