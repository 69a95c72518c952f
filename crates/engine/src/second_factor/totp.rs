//! Codes that depend on the time: RFC 6238 over RFC 4226, with what authenticator apps expect: HMAC-SHA-1, steps of
//! 30 seconds, six digits.

use domain::Millis;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Length of a step, milliseconds.
const STEP: Millis = 30_000;

/// Steps that a clock may be wrong, in either direction.
const TOLERANCE: i64 = 1;

/// Bytes of a secret: RFC 4226 recommends the length of the hash, 160 bits.
pub(super) const SECRET_BYTES: usize = 20;

/// The code of a step: dynamic truncation (RFC 4226, 5.3) to six digits.
fn code(secret: &[u8], step: i64) -> u32 {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of every length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 0x0F);
    let four = [hash[offset] & 0x7F, hash[offset + 1], hash[offset + 2], hash[offset + 3]];
    u32::from_be_bytes(four) % 1_000_000
}

/// The step that a code belongs to, if it is right now and later than `last`, the step used last: no code counts
/// twice. Spaces in what was entered do not matter.
pub(super) fn step_of(secret: &[u8], entered: &str, now: Millis, last: i64) -> Option<i64> {
    let digits: String = entered.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let present = now.div_euclid(STEP);
    let candidates = (present - TOLERANCE)..=(present + TOLERANCE);
    // All of them are compared: the time taken tells nothing.
    candidates.fold(None, |found, step| {
        let expected = format!("{:06}", code(secret, step));
        let right = bool::from(expected.as_bytes().ct_eq(digits.as_bytes())) && step > last;
        if right { found.or(Some(step)) } else { found }
    })
}

/// The present code, as an app shows it.
pub fn present_code(secret: &[u8], now: Millis) -> String {
    format!("{:06}", code(secret, now.div_euclid(STEP)))
}

/// Base 32 (RFC 4648) without padding: how apps take a secret.
pub(super) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bit = |n: usize| bytes.get(n / 8).map_or(0, |byte| (byte >> (7 - n % 8)) & 1);
    (0..(bytes.len() * 8).div_ceil(5))
        .map(|letter| (0..5).fold(0_usize, |value, n| value << 1 | usize::from(bit(letter * 5 + n))))
        .map(|value| char::from(ALPHABET[value]))
        .collect()
}

/// Reads base 32 back; `None` for a letter that is none.
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut buffer, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        let value = match c.to_ascii_uppercase() {
            c @ 'A'..='Z' => u32::from(c) - u32::from('A'),
            c @ '2'..='7' => u32::from(c) - u32::from('2') + 26,
            _ => return None,
        };
        buffer = (buffer << 5 | value) & 0xFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    Some(out)
}

/// The address that an app reads from the QR code. Everything that is no plain letter is percent-encoded.
pub(super) fn address(secret: &str, account: &str) -> String {
    let account: String = account
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"._-".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!(
        "otpauth://totp/NotifyMDM:{account}?secret={secret}&issuer=NotifyMDM&algorithm=SHA1&digits=6&period=30"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// RFC 4226, appendix D.
    #[test]
    fn the_codes_of_rfc_4226() {
        let expected =
            [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489];
        for (counter, expected) in expected.into_iter().enumerate() {
            assert_eq!(code(SECRET, counter as i64), expected);
        }
    }

    /// RFC 6238, appendix B (SHA-1): the last six of its eight digits.
    #[test]
    fn the_codes_of_rfc_6238() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(present_code(SECRET, seconds * 1000), expected, "{seconds}");
            assert_eq!(step_of(SECRET, expected, seconds * 1000, -1), Some(seconds / 30));
        }
    }

    #[test]
    fn a_clock_may_be_one_step_wrong_and_no_code_counts_twice() {
        let at = 1_000_000 * STEP;
        let shown = |step: i64| present_code(SECRET, at + step * STEP);
        for (step, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            assert_eq!(step_of(SECRET, &shown(step), at, 0).is_some(), good, "{step}");
        }
        let used = step_of(SECRET, &shown(0), at, 0).expect("right");
        assert_eq!(step_of(SECRET, &shown(0), at, used), None, "used");
        assert_eq!(step_of(SECRET, &shown(-1), at, used), None, "earlier than the one used");
        assert!(step_of(SECRET, &shown(1), at, used).is_some());
    }

    #[test]
    fn only_six_digits_are_a_code() {
        let now = 59_000;
        assert!(step_of(SECRET, " 287 082 ", now, -1).is_some());
        for bad in ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢", "-87082", "94287082"] {
            assert_eq!(step_of(SECRET, bad, now, -1), None, "{bad}");
        }
    }

    #[test]
    fn base_32_is_that_of_rfc_4648() {
        for (bytes, text) in
            [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
            assert_eq!(from_base32(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(from_base32("MZ1"), None);
    }

    #[test]
    fn nothing_in_a_name_can_change_the_address() {
        let address = address("ABC", "a&b?c d@e.f");
        assert!(address.starts_with("otpauth://totp/NotifyMDM:a%26b%3Fc%20d%40e.f?secret=ABC&"), "{address}");
    }
}
