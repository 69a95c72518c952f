//! What is kept of a connection in the lot, and how the lot learns that something happened to it.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::AcqRel},
    },
    task::Wake,
};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use super::timers::Moment;
use crate::{
    listener::{connection::Client, watch::Parking},
    slab::Key,
    stream::Stream,
};

/// A connection without a task and without the HTTP library.
pub(crate) struct Record {
    pub(crate) client: Client,
    pub(crate) stream: Stream,
    /// What the client sent while it waited.
    pub(crate) kept: Vec<u8>,
    /// A request that waits; none if the connection waits for its next request.
    pub(crate) parking: Option<Parking>,
    pub(crate) deadline: Moment,
    pub(crate) bell: Arc<Bell>,
}

/// Keys of records to look at, filled from any thread.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    keys: Mutex<Vec<Key>>,
    /// The lot's task.
    pub(crate) task: AtomicWaker,
}

impl Inbox {
    /// Everything that is in it.
    pub(crate) fn take(&self) -> Vec<Key> {
        mem::take(&mut *self.keys.lock())
    }

    fn put(&self, key: Key) {
        let is_first = {
            let mut keys = self.keys.lock();
            keys.push(key);
            keys.len() == 1
        };
        // Whoever put the first key has woken the lot already.
        if is_first {
            self.task.wake();
        }
    }
}

/// Rings when a socket of a record is ready, or when its request is answered. Rings once until it is heard.
#[derive(Debug)]
pub(crate) struct Bell {
    inbox: Arc<Inbox>,
    key: Key,
    rings: AtomicBool,
}

impl Bell {
    pub(crate) fn new(inbox: &Arc<Inbox>, key: Key) -> Arc<Self> {
        Arc::new(Self { inbox: Arc::clone(inbox), key, rings: AtomicBool::new(false) })
    }

    /// Call before looking at what it rang for: what happens later rings again.
    pub(crate) fn hear(&self) {
        self.rings.swap(false, AcqRel);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rings.swap(true, AcqRel) {
            self.inbox.put(self.key);
        }
    }
}
