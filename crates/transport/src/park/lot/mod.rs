//! The parking lot of a worker: connections without tasks. One task looks after all of them.
//!
//! Every record has a [`Bell`] that serves as the waker of its sockets and of its ticket; ringing puts the record's
//! key into the [`Inbox`], from which the lot's task works. Nothing here waits: what cannot be written at once, and
//! everything that concerns an upstream's answer, becomes a task of its own for as long as it takes.

mod answer;
mod drain;
mod look;

use std::{
    cell::RefCell,
    future::{Future as _, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

use bytes::Bytes;
use tokio::time::Sleep;

use super::{
    WakeAnswer,
    record::{Bell, Inbox, Record},
    relay,
    timers::Timers,
};
use crate::{
    listener::{connection::Client, watch::Parking, worker::Worker},
    metrics::Metrics,
    slab::{Key, Slab},
    stream::Stream,
};

use drain::close;
use look::{Found, find};

/// How many records are looked at before other tasks get their turn.
const BATCH: usize = 128;

pub(crate) struct Lot {
    places: RefCell<Places>,
    inbox: Arc<Inbox>,
    pub(crate) metrics: Arc<Metrics>,
}

struct Places {
    /// Boxed, because a slab grows by doubling and never shrinks.
    records: Slab<Box<Record>>,
    timers: Timers,
}

impl Lot {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        let places = Places { records: Slab::new(), timers: Timers::new() };
        Self { places: RefCell::new(places), inbox: Arc::default(), metrics }
    }

    /// Takes in a request that waits.
    pub(crate) fn park(
        &self,
        worker: &Rc<Worker>,
        client: Client,
        stream: Stream,
        kept: Bytes,
        mut parking: Parking,
    ) {
        if let Some(relay) = &mut parking.park.relay {
            relay.pending.shrink();
        }
        let deadline = parking.park.deadline;
        let is_draining = client.is_draining();
        let key = self.insert(client, stream, kept.to_vec(), Some(parking), deadline);
        if is_draining {
            self.drain_one(worker, key);
        }
    }

    /// Goes on with a connection whose request is answered: serves what it sent meanwhile, waits for its next
    /// request, or closes it.
    pub(crate) fn settle(
        &self,
        worker: &Rc<Worker>,
        client: Client,
        stream: Stream,
        kept: Bytes,
        keep_alive: bool,
    ) {
        if !keep_alive || client.is_draining() {
            close(client, stream);
        } else if kept.is_empty() {
            let deadline = Instant::now() + client.listener.core().limits.keep_alive;
            self.insert(client, stream, Vec::new(), None, deadline);
        } else {
            client.resume(worker, stream, kept);
        }
    }

    fn insert(
        &self,
        client: Client,
        stream: Stream,
        kept: Vec<u8>,
        parking: Option<Parking>,
        deadline: Instant,
    ) -> Key {
        if parking.is_some() {
            self.metrics.parked.up();
        } else {
            self.metrics.idle.up();
        }
        let mut places = self.places.borrow_mut();
        let deadline = places.timers.moment(deadline);
        // The bell has to know its key, which is known only afterwards.
        let nobody = Bell::new(&self.inbox, Key::NONE);
        let key =
            places.records.insert(Box::new(Record { client, stream, kept, parking, deadline, bell: nobody }));
        places.timers.set(deadline, key);
        let bell = Bell::new(&self.inbox, key);
        if let Some(record) = places.records.get_mut(key) {
            record.bell = Arc::clone(&bell);
            if let Some(parking) = &record.parking {
                parking.park.ticket.attach(Waker::from(Arc::clone(&bell)));
            }
        }
        drop(places);
        // The first look registers the bell with the sockets, and finds an answer given before.
        Waker::from(bell).wake();
        key
    }

    fn remove(&self, key: Key) -> Option<Box<Record>> {
        let mut places = self.places.borrow_mut();
        let record = places.records.remove(key)?;
        places.timers.cancel(record.deadline, key);
        if record.parking.is_some() {
            self.metrics.parked.down();
        } else {
            self.metrics.idle.down();
        }
        Some(record)
    }

    /// The lot's task.
    pub(crate) async fn run(worker: Rc<Worker>) {
        let mut waiting: Vec<Key> = Vec::new();
        let mut sleep = Box::pin(tokio::time::sleep_until(far_future()));
        // The runtime's budget for one poll is for tasks that own one socket.
        tokio::task::coop::unconstrained(poll_fn(|cx| {
            let lot = &worker.lot;
            lot.inbox.task.register(cx.waker());
            waiting.append(&mut lot.inbox.take());
            let batch = waiting.len().min(BATCH);
            for key in waiting.drain(..batch) {
                lot.look(&worker, key);
            }
            let has_more = lot.expire(&worker, cx, &mut sleep) || !waiting.is_empty();
            if waiting.is_empty() {
                // After a burst.
                waiting.shrink_to(BATCH);
            }
            if has_more {
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        }))
        .await;
    }

    /// Ends what is due; true if there may be more. Sets the timer to the next deadline.
    fn expire(&self, worker: &Rc<Worker>, cx: &mut Context<'_>, sleep: &mut Pin<Box<Sleep>>) -> bool {
        let now = Instant::now();
        for _ in 0..BATCH {
            let due = self.places.borrow_mut().timers.pop_due(now);
            match due.and_then(|key| self.remove(key)) {
                Some(record) => self.deadline(worker, *record),
                None if due.is_none() => break,
                None => {}
            }
        }
        let next = self.places.borrow().timers.next().map_or_else(far_future, tokio::time::Instant::from_std);
        if sleep.deadline() != next {
            sleep.as_mut().reset(next);
        }
        sleep.as_mut().poll(cx).is_ready()
    }

    fn deadline(&self, worker: &Rc<Worker>, record: Record) {
        let Record { client, stream, kept, parking, .. } = record;
        let Some(mut parking) = parking else { return close(client, stream) };
        let on_deadline = std::mem::replace(&mut parking.park.on_deadline, Box::new(nothing));
        if let Some(answer) = parking.park.ticket.close() {
            return self.woken(worker, client, stream, kept, parking, answer);
        }
        self.metrics.parks_expired.up();
        let answer = self.guarded(on_deadline).unwrap_or_else(|| client.listener.on_drain());
        self.answer(worker, client, stream, kept, parking.keep_alive, &answer);
    }

    /// Looks at a record whose bell rang.
    fn look(&self, worker: &Rc<Worker>, key: Key) {
        let found = match self.places.borrow_mut().records.get_mut(key) {
            Some(record) => find(record),
            // A late ring.
            None => return,
        };
        if matches!(found, Found::Nothing) {
            return;
        }
        let Some(record) = self.remove(key) else { return };
        let Record { client, stream, kept, parking, .. } = *record;
        match (found, parking) {
            (Found::Answer(answer), Some(parking)) => {
                self.woken(worker, client, stream, kept, parking, answer);
            }
            (Found::Upstream, Some(parking)) => relay::start(worker, client, stream, kept, parking),
            (Found::Request, _) => client.resume(worker, stream, kept.into()),
            (Found::Gone, Some(parking)) => self.gone(parking),
            (Found::Gone | Found::Nothing | Found::Answer(_) | Found::Upstream, _) => {}
        }
    }

    fn woken(
        &self,
        worker: &Rc<Worker>,
        client: Client,
        stream: Stream,
        kept: Vec<u8>,
        parking: Parking,
        answer: WakeAnswer,
    ) {
        self.metrics.parks_woken.up();
        let keep_alive = parking.keep_alive;
        // Closes the upstream connection, if there is one.
        drop(parking);
        self.answer(worker, client, stream, kept, keep_alive, &answer);
    }

    fn gone(&self, mut parking: Parking) {
        self.metrics.parks_gone.up();
        parking.park.ticket.close();
        if let Some(on_gone) = parking.park.on_gone.take() {
            self.guarded(on_gone);
        }
    }

    /// Runs somebody else's closure; a panic is counted and ends nothing but the closure.
    fn guarded<T>(&self, closure: Box<dyn FnOnce() -> T>) -> Option<T> {
        catch_unwind(AssertUnwindSafe(closure))
            .inspect_err(|_| {
                self.metrics.panics.up();
                tracing::error!("the closure of a parked request panicked");
            })
            .ok()
    }
}

/// In place of a closure that was taken.
fn nothing() -> WakeAnswer {
    WakeAnswer::new(http::StatusCode::SERVICE_UNAVAILABLE)
}

/// Far enough for a timer that has nothing to do.
fn far_future() -> tokio::time::Instant {
    tokio::time::Instant::now() + std::time::Duration::from_hours(24)
}
