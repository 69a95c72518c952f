//! Recovery codes: for who has lost the telephone. Each counts once.

use store::SecretKey;

use super::totp::base32;
use crate::Entropy;

/// How many are made.
pub(super) const COUNT: usize = 10;

/// A new code of 80 bits, in groups of four letters.
pub(crate) fn generate(entropy: Entropy) -> String {
    let letters = base32(&entropy.bytes::<10>());
    let groups: Vec<&str> = (0..letters.len()).step_by(4).map(|at| &letters[at..at + 4]).collect();
    groups.join("-")
}

/// What is stored of a code: a hash keyed with the installation's key, for one purpose and owner only. Letter case,
/// spaces and dashes do not matter. `None`: what was entered cannot be a recovery code.
pub(crate) fn hash(key: &SecretKey, purpose: &str, entered: &str) -> Option<String> {
    let letters: String =
        entered.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    (letters.len() == 16).then(|| hex::encode(key.keyed_hash(purpose, letters.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_only_for_its_owner() {
        let key = SecretKey::from_bytes(&[7; 32]).expect("a key");
        let made = generate(Entropy);
        assert_eq!(made.len(), 19, "{made}");
        let typed = made.to_lowercase().replace('-', " ");
        assert_eq!(hash(&key, "a", &made), hash(&key, "a", &typed));
        assert_ne!(hash(&key, "a", &made), hash(&key, "b", &made));
        assert_eq!(hash(&key, "a", "123456"), None);
        assert_ne!(made, generate(Entropy));
    }
}
