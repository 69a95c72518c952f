//! The end of a listener: everything that waits on it is answered.

use std::rc::Rc;

use super::Lot;
use crate::{
    listener::{connection::Client, worker::Worker},
    park::record::Record,
    slab::Key,
    stream::Stream,
};

impl Lot {
    /// Ends everything that belongs to a listener.
    pub(crate) fn drain(&self, worker: &Rc<Worker>, listener: u64) {
        let keys: Vec<Key> = {
            let places = self.places.borrow();
            let ours = |record: &Record| record.client.listener.core().id == listener;
            places.records.iter().filter(|(_, record)| ours(record)).map(|(key, _)| key).collect()
        };
        for key in keys {
            self.drain_one(worker, key);
        }
    }

    pub(super) fn drain_one(&self, worker: &Rc<Worker>, key: Key) {
        let Some(record) = self.remove(key) else { return };
        let Record { client, stream, kept, parking, .. } = *record;
        let Some(parking) = parking else { return close(client, stream) };
        let answer = parking.park.ticket.close().unwrap_or_else(|| client.listener.on_drain());
        drop(parking);
        self.answer(worker, client, stream, kept, false, &answer);
    }
}

/// Closes a connection without losing its last answer.
pub(super) fn close(client: Client, stream: Stream) {
    tokio::task::spawn_local(async move {
        crate::listener::linger(stream).await;
        drop(client);
    });
}
