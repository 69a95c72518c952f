//! Proofs of good credentials kept in memory, so that no request pays for a slow hash twice.
//!
//! A proof is a keyed hash of who, which secret and which epoch. It dies with the epoch (password, role, mark,
//! networks or state changed), after its time, or when the process ends: the key is random per process.

use std::collections::HashMap;

use domain::Millis;
use hmac::{Hmac, Mac};
use parking_lot::Mutex;
use sha2::Sha256;

use crate::Entropy;

/// Remembered proofs. Bounded: beyond the limit those that are over are dropped, and if that is not enough, all.
pub struct Proofs {
    key: [u8; 32],
    good: Mutex<HashMap<[u8; 32], Millis>>,
}

const LIMIT: usize = 200_000;

impl Proofs {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self { key: entropy.bytes(), good: Mutex::new(HashMap::new()) }
    }

    /// The keyed hash of a claim: kind, subject, epoch and secret.
    pub fn of(&self, kind: &str, subject: &[u8], epoch: i64, secret: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key length is good for HMAC");
        for part in [kind.as_bytes(), subject, &epoch.to_le_bytes(), secret] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
    /// Whether this proof was seen good and is still in time.
    pub fn is_good(&self, proof: &[u8; 32], now: Millis) -> bool {
        self.good.lock().get(proof).is_some_and(|until| *until > now)
    }
    /// Remembers a proof until a time.
    pub fn remember(&self, proof: [u8; 32], until: Millis, now: Millis) {
        let mut good = self.good.lock();
        if good.len() >= LIMIT {
            good.retain(|_, end| *end > now);
        }
        if good.len() >= LIMIT {
            good.clear();
        }
        good.insert(proof, until);
    }
}
