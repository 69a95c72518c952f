//! What was removed a moment ago.
//!
//! Entities reach the index from two sides: this node's own commits, and what is read from the store (at the start,
//! for another node's change, for a session that memory does not know). Something read before a removal and applied
//! after it would come back for ever: a device that is gone, a token that was revoked. Ids are never used twice, so
//! remembering the removed ones settles it.

use std::collections::{HashSet, VecDeque};

/// Removed ids, the newest of them. Much longer than any read takes.
#[derive(Default)]
pub(super) struct Gone {
    known: HashSet<Vec<u8>>,
    order: VecDeque<Vec<u8>>,
}

const KEPT: usize = 4_096;

impl Gone {
    /// Remembers a removal.
    pub(super) fn add(&mut self, id: &[u8]) {
        if !self.known.insert(id.to_vec()) {
            return;
        }
        self.order.push_back(id.to_vec());
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// Whether it was removed.
    pub(super) fn has(&self, id: &[u8]) -> bool {
        self.known.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_removals_are_known_and_memory_is_bounded() {
        let mut gone = Gone::default();
        for number in 0..2 * KEPT {
            gone.add(&number.to_be_bytes());
            gone.add(&number.to_be_bytes());
        }
        assert!(!gone.has(&0_usize.to_be_bytes()));
        assert!(gone.has(&(2 * KEPT - 1).to_be_bytes()));
        assert_eq!((gone.known.len(), gone.order.len()), (KEPT, KEPT));
    }
}
