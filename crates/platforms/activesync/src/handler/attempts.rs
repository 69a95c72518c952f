//! What is remembered of sign-ins, so that a phone with an old password neither floods the mail server nor locks the
//! account in its directory, and a right one is not proved again for every small request.
//!
//! Only keyed hashes are kept, in memory, bounded.

use std::collections::HashMap;

use domain::Millis;
use domain::model::DeviceId;
use parking_lot::Mutex;

/// A wrong credential is not tried again for so long.
const WRONG: Millis = 30_000;
/// A right one is believed so long where a request is not forwarded with it anyway.
const RIGHT: Millis = 15 * 60_000;
/// While a device's sign-ins are paused, another credential may be tried this often.
const PAUSED: Millis = 30_000;
/// Entries before old ones are dropped.
const LIMIT: usize = 100_000;

/// Hash of a credential.
pub(crate) type Key = [u8; 32];

#[derive(Default)]
pub(crate) struct Attempts {
    wrong: Mutex<HashMap<Key, Millis>>,
    right: Mutex<HashMap<Key, Millis>>,
    paused: Mutex<HashMap<DeviceId, (Millis, Key)>>,
}

impl Attempts {
    /// Whether this credential was wrong a moment ago.
    pub(crate) fn was_wrong(&self, key: &Key, now: Millis) -> bool {
        self.wrong.lock().get(key).is_some_and(|until| *until > now)
    }
    /// Whether this credential was right not long ago.
    pub(crate) fn was_right(&self, key: &Key, now: Millis) -> bool {
        self.right.lock().get(key).is_some_and(|until| *until > now)
    }
    pub(crate) fn wrong(&self, key: Key, now: Millis) {
        self.right.lock().remove(&key);
        put(&mut self.wrong.lock(), key, now + WRONG, now);
    }
    pub(crate) fn right(&self, key: Key, now: Millis) {
        self.wrong.lock().remove(&key);
        put(&mut self.right.lock(), key, now + RIGHT, now);
    }

    /// Whether a credential of a paused device may be tried: another one than last time, and not too soon. A user
    /// who has just corrected the password is not kept waiting for half an hour.
    pub(crate) fn may_try_paused(&self, device: DeviceId, key: Key, now: Millis) -> bool {
        let mut paused = self.paused.lock();
        if let Some((last, tried)) = paused.get(&device)
            && (now - *last < PAUSED || *tried == key)
        {
            return false;
        }
        if paused.len() >= LIMIT {
            paused.retain(|_, (last, _)| now - *last < RIGHT);
        }
        paused.insert(device, (now, key));
        true
    }
    /// A wrong credential of a device, for [`may_try_paused`](Self::may_try_paused).
    pub(crate) fn failed(&self, device: DeviceId, key: Key, now: Millis) {
        self.paused.lock().insert(device, (now, key));
    }
}

fn put(map: &mut HashMap<Key, Millis>, key: Key, until: Millis, now: Millis) {
    if map.len() >= LIMIT {
        map.retain(|_, end| *end > now);
    }
    if map.len() >= LIMIT {
        map.clear();
    }
    map.insert(key, until);
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Id;

    #[test]
    fn wrong_credentials_rest_and_right_ones_are_believed_for_a_while() {
        let attempts = Attempts::default();
        attempts.wrong([1; 32], 1000);
        assert!(attempts.was_wrong(&[1; 32], 30_999) && !attempts.was_wrong(&[1; 32], 31_000));
        attempts.right([1; 32], 2000);
        assert!(attempts.was_right(&[1; 32], 2000) && !attempts.was_wrong(&[1; 32], 2000));
        assert!(!attempts.was_right(&[1; 32], 2000 + RIGHT));
        attempts.wrong([1; 32], 3000);
        assert!(!attempts.was_right(&[1; 32], 3000));
    }

    #[test]
    fn a_paused_device_may_try_a_new_password_but_not_the_old_one() {
        let attempts = Attempts::default();
        let device = Id::new(1, &[0; 10]);
        attempts.failed(device, [1; 32], 0);
        assert!(!attempts.may_try_paused(device, [2; 32], 29_999));
        assert!(!attempts.may_try_paused(device, [1; 32], 60_000));
        assert!(attempts.may_try_paused(device, [2; 32], 60_000));
        assert!(!attempts.may_try_paused(device, [3; 32], 60_001));
    }
}
