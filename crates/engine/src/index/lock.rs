//! The lock of an organization's index, which nobody may take twice.
//!
//! A thread that reads and asks to read once more waits for ever if somebody came to write in between: the writer
//! waits for the first read, the second read waits for the writer. That needs bad luck to be seen, so builds with
//! debug assertions, and so all tests, panic at every second look of a thread, also without the bad luck.

use std::ops::{Deref, DerefMut};

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::OrgIndex;

/// An organization's index under its lock.
pub struct OrgLock(RwLock<OrgIndex>);

impl OrgLock {
    /// Puts an index under a lock of its own.
    pub(super) fn new(index: OrgIndex) -> Self {
        Self(RwLock::new(index))
    }

    /// Waits until nobody writes. Not to be called by a thread that reads already.
    #[track_caller]
    pub fn read(&self) -> OrgRead<'_> {
        let held = Held::take(self);
        OrgRead { index: self.0.read(), _held: held }
    }

    /// Waits until nobody else reads or writes.
    #[track_caller]
    pub(super) fn write(&self) -> OrgWrite<'_> {
        let held = Held::take(self);
        OrgWrite { index: self.0.write(), _held: held }
    }
}

/// Shared access to an index.
pub struct OrgRead<'a> {
    index: RwLockReadGuard<'a, OrgIndex>,
    _held: Held,
}

impl Deref for OrgRead<'_> {
    type Target = OrgIndex;

    fn deref(&self) -> &OrgIndex {
        &self.index
    }
}

/// Sole access to an index.
pub(super) struct OrgWrite<'a> {
    index: RwLockWriteGuard<'a, OrgIndex>,
    _held: Held,
}

impl Deref for OrgWrite<'_> {
    type Target = OrgIndex;

    fn deref(&self) -> &OrgIndex {
        &self.index
    }
}

impl DerefMut for OrgWrite<'_> {
    fn deref_mut(&mut self) -> &mut OrgIndex {
        &mut self.index
    }
}

#[cfg(debug_assertions)]
use watched::Held;

#[cfg(debug_assertions)]
mod watched {
    use std::cell::RefCell;

    use super::OrgLock;

    thread_local! {
        /// Addresses of the locks that this thread holds; few at a time.
        static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }

    /// Remembers that this thread holds a lock. Guards never leave their thread.
    pub struct Held(usize);

    impl Held {
        #[track_caller]
        pub fn take(lock: &OrgLock) -> Self {
            let address = std::ptr::from_ref(lock).addr();
            let twice = HELD.with_borrow_mut(|held| {
                let twice = held.contains(&address);
                held.push(address);
                twice
            });
            let held = Self(address);
            assert!(
                !twice,
                "this thread holds the organization's index already; a writer in between would stop it for ever"
            );
            held
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            HELD.with_borrow_mut(|held| {
                if let Some(at) = held.iter().rposition(|address| *address == self.0) {
                    held.swap_remove(at);
                }
            });
        }
    }
}

#[cfg(not(debug_assertions))]
struct Held;

#[cfg(not(debug_assertions))]
impl Held {
    fn take(_: &OrgLock) -> Self {
        Self
    }
}
