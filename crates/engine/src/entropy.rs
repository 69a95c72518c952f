//! Randomness from the operating system, in the shapes the engine needs.

use domain::{Id, IdKind, Millis};
use uuid::Uuid;

/// Source of random bytes. Only this type asks the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entropy;

impl Entropy {
    /// `N` random bytes.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for random bytes")]
    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system's random source works");
        bytes
    }
    /// A new id.
    pub fn id<T: IdKind>(self, now: Millis) -> Id<T> {
        Id::new(now, &self.bytes())
    }
    /// A public GUID (UUID version 4).
    pub fn guid(self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
    /// A policy key: 1 to `u32::MAX` (0 means "none" to devices).
    pub fn policy_key(self) -> u32 {
        loop {
            let key = u32::from_le_bytes(self.bytes());
            if key != 0 {
                return key;
            }
        }
    }
    /// A token of 32 random bytes with a prefix that says what it is (`nmdm_…`), URL-safe.
    pub fn token(self, prefix: &str) -> String {
        use base64::Engine as _;
        let random = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<32>());
        format!("{prefix}{random}")
    }
    /// A password of 24 characters (about 140 bits) without look-alikes.
    pub fn password(self) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
        let mut password = String::with_capacity(24);
        while password.len() < 24 {
            // Rejection keeps the letters uniform.
            let byte = usize::from(self.bytes::<1>()[0]);
            if byte < 256 - 256 % ALPHABET.len() {
                password.push(char::from(ALPHABET[byte % ALPHABET.len()]));
            }
        }
        password
    }
}
