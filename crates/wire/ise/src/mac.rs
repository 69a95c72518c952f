//! MAC addresses as they appear in look-ups and answers.
//!
//! Clients write them in every style (PacketFence: lower case with colons); answers carry 12 upper-case
//! hexadecimal digits.

use std::fmt;

/// Longest text that is looked at; generous for any style of separators.
const MAX_TEXT: usize = 64;

/// A MAC address. Displayed as 12 upper-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac([u8; 6]);

impl Mac {
    /// Makes an address of its six octets.
    pub const fn from_octets(octets: [u8; 6]) -> Self {
        Self(octets)
    }

    /// The six octets.
    pub const fn octets(self) -> [u8; 6] {
        self.0
    }

    /// Reads 12 hexadecimal digits of either case, with any separators that are neither letters nor digits
    /// (colons, hyphens, dots, blanks). Anything else is `None`.
    ///
    /// ```
    /// use wire_ise::Mac;
    /// assert_eq!(Mac::parse("34-08-bc-50-7c-78"), Mac::parse("3408.BC50.7C78"));
    /// assert_eq!(Mac::parse("3408BC507C7"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let mut octets = [0_u8; 6];
        let mut digits = 0_usize;
        for c in text.chars() {
            if let Some(value) = c.to_digit(16) {
                let octet = octets.get_mut(digits / 2)?;
                *octet = *octet << 4 | value as u8;
                digits += 1;
            } else if c.is_alphanumeric() || c.is_control() {
                return None;
            }
        }
        (digits == 12).then_some(Self(octets))
    }

    /// Whether this is a locally administered unicast address (second digit 2, 6, A or E): a private
    /// ("random") address of a phone, which an MDM usually does not know.
    pub const fn is_random(self) -> bool {
        self.0[0] & 0b11 == 0b10
    }

    /// The 12 upper-case digits, without an allocation.
    pub fn text(self) -> MacText {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let mut text = [0_u8; 12];
        for (pair, octet) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(octet >> 4)];
            pair[1] = DIGITS[usize::from(octet & 0x0F)];
        }
        MacText(text)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mac({self})")
    }
}

/// The written form of a [`Mac`], held inline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MacText([u8; 12]);

impl MacText {
    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits are ASCII")
    }

    /// The 12 digits as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_of_separator_is_the_same_address() {
        let styles = [
            "3408BC507C78",
            "34:08:bc:50:7c:78",
            "34-08-BC-50-7C-78",
            "3408.bc50.7c78",
            " 3408BC507C78",
            "34 08 BC 50 7C 78",
        ];
        for style in styles {
            let mac = Mac::parse(style).unwrap_or_else(|| panic!("{style}"));
            assert_eq!(mac.to_string(), "3408BC507C78");
            assert_eq!(mac.octets(), [0x34, 0x08, 0xBC, 0x50, 0x7C, 0x78]);
        }
    }

    #[test]
    fn what_is_not_twelve_digits_is_refused() {
        for junk in [
            "",
            "3408BC507C7",
            "3408BC507C780",
            "3408BC507C7G",
            "x3408BC507C78",
            "3408BC50\u{0}7C78",
            "３408BC507C78",
        ] {
            assert_eq!(Mac::parse(junk), None, "{junk:?}");
        }
        assert_eq!(Mac::parse(&format!("{}3408BC507C78", ":".repeat(60))), None);
    }

    #[test]
    fn random_addresses_are_known_by_their_second_digit() {
        for digit in "0123456789ABCDEF".chars() {
            let mac = Mac::parse(&format!("0{digit}A0C914C829")).expect("12 digits");
            assert_eq!(mac.is_random(), "26AE".contains(digit), "{digit}");
        }
    }
}
