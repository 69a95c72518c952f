//! Device GUIDs as ISE takes them out of a client certificate.
//!
//! Ours are lower-case UUIDs, but what reaches us depends on how the certificate was made: upper case,
//! braces, `urn:uuid:` and the whole SAN URI (`ID:product:GUID:…`) all mean the same device.

use std::fmt;

/// A GUID longer than this many bytes is not one ("less than 128 bytes").
const MAX_BYTES: usize = 127;
const URN: &str = "urn:uuid:";
const SAN_MARK: &str = ":guid:";

/// A GUID that was asked for: the text as it came, and the UUID in it if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guid {
    asked: Box<str>,
    uuid: Option<[u8; 16]>,
}

impl Guid {
    /// Reads a GUID of 1 to 127 bytes without control characters. It need not be a UUID.
    ///
    /// ```
    /// use wire_ise::Guid;
    /// let guid = Guid::parse("{1F0E5C2A-5A8C-4A53-9A64-2F6F0A6D0B11}").expect("short enough");
    /// assert_eq!(guid.canonical(), "1f0e5c2a-5a8c-4a53-9a64-2f6f0a6d0b11");
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let asked = text.trim();
        if asked.is_empty() || asked.len() > MAX_BYTES || asked.chars().any(char::is_control) {
            return None;
        }
        Some(Self { uuid: uuid(bare(asked)), asked: asked.into() })
    }

    /// The text as it was asked, without blanks around it. Answers repeat it, as clients compare.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// The 16 bytes if this is a UUID.
    pub fn uuid(&self) -> Option<[u8; 16]> {
        self.uuid
    }

    /// The form to look up: a UUID in lower case with hyphens, any other text in lower case.
    pub fn canonical(&self) -> String {
        let Some(bytes) = self.uuid else { return bare(&self.asked).to_lowercase() };
        let mut text = String::with_capacity(36);
        for (i, byte) in bytes.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            for nibble in [byte >> 4, byte & 0x0F] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or_default());
            }
        }
        text
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.canonical())
    }
}

/// Takes away the wrappings: the SAN's prefix, `urn:uuid:`, braces.
fn bare(text: &str) -> &str {
    let mut text = text;
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.rfind(SAN_MARK) {
        text = text[at + SAN_MARK.len()..].trim();
    }
    if text.get(..URN.len()).is_some_and(|head| head.eq_ignore_ascii_case(URN)) {
        text = &text[URN.len()..];
    }
    text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text)
}

/// Reads a UUID with its four hyphens or with none.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let hyphenated = match text.len() {
        36 => true,
        32 => false,
        _ => return None,
    };
    let mut bytes = [0_u8; 16];
    let mut digits = 0_usize;
    for (i, c) in text.char_indices() {
        if hyphenated && matches!(i, 8 | 13 | 18 | 23) {
            if c != '-' {
                return None;
            }
            continue;
        }
        let byte = bytes.get_mut(digits / 2)?;
        *byte = *byte << 4 | c.to_digit(16)? as u8;
        digits += 1;
    }
    (digits == 32).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANONICAL: &str = "1f0e5c2a-5a8c-4a53-9a64-2f6f0a6d0b11";

    #[test]
    fn every_wrapping_of_a_uuid_is_the_same_guid() {
        let wrapped = [
            CANONICAL.to_owned(),
            CANONICAL.to_uppercase(),
            CANONICAL.replace('-', ""),
            format!("{{{CANONICAL}}}"),
            format!("urn:uuid:{CANONICAL}"),
            format!("URN:UUID:{}", CANONICAL.to_uppercase()),
            format!("ID:NotifyMDM:GUID:{CANONICAL}"),
            format!("  {CANONICAL} "),
        ];
        for text in wrapped {
            let guid = Guid::parse(&text).expect("a GUID");
            assert_eq!(guid.canonical(), CANONICAL, "{text}");
            assert_eq!(guid.asked(), text.trim());
            assert!(guid.uuid().is_some());
        }
    }

    #[test]
    fn other_texts_are_kept_as_they_are() {
        for text in
            ["LAPTOP-01", "1f0e5c2a-5a8c-4a53-9a64-2f6f0a6d0b1g", "1f0e5c2a_5a8c-4a53-9a64-2f6f0a6d0b11", "é"]
        {
            let guid = Guid::parse(text).expect("a GUID");
            assert_eq!(guid.uuid(), None, "{text}");
            assert_eq!(guid.canonical(), text.to_lowercase());
        }
    }

    #[test]
    fn empty_long_and_unprintable_texts_are_refused() {
        assert_eq!(Guid::parse(" "), None);
        assert_eq!(Guid::parse("a\0b"), None);
        assert!(Guid::parse(&"g".repeat(127)).is_some());
        assert_eq!(Guid::parse(&"g".repeat(128)), None);
    }
}
