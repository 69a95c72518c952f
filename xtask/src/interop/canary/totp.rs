//! A code of an authenticator app (RFC 6238: SHA-1, 30 seconds, six digits), written apart from the product's.

use anyhow::{Context as _, Result, anyhow};
use hmac::{Hmac, Mac as _};
use sha1::Sha1;

/// The code of this moment for a secret in base 32.
pub fn code(secret: &str) -> Result<String> {
    #[expect(clippy::disallowed_methods, reason = "an app goes by the clock of its phone")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let mut mac = Hmac::<Sha1>::new_from_slice(&decoded(secret)?).map_err(|_| anyhow!("no key"))?;
    mac.update(&(now / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    Ok(format!("{:06}", (word & 0x7FFF_FFFF) % 1_000_000))
}

fn decoded(base32: &str) -> Result<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in base32.chars().filter(|letter| *letter != '=' && !letter.is_whitespace()) {
        let value = ALPHABET.find(letter.to_ascii_uppercase()).context("not base 32")?;
        bits = (bits << 5) | u32::try_from(value)?;
        held += 5;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xFF)?);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn base_32_is_that_of_rfc_4648() {
        assert_eq!(super::decoded("MZXW6YTBOI======").expect("good"), b"foobar");
    }
}
