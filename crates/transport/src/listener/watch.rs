//! What a worker knows about a connection that the HTTP library drives, and the sweep that cuts slow clients.
//!
//! One look at all connections every [`SWEEP`] replaces a timer for each, and a clock that stands still in between
//! replaces asking for the time several times a request. Limits are met up to two sweeps late, never early.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    task::Waker,
    time::{Duration, Instant},
};

use crate::{Limits, Park, body::BodyState};

/// How often slow connections are looked for.
pub(crate) const SWEEP: Duration = Duration::from_millis(250);

/// The time of the last sweep.
pub(crate) type Clock = Rc<Cell<Instant>>;

/// What a connection in service is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Negotiating TLS, or waiting for the rest of a request's head.
    Head,
    /// A request is being handled or answered.
    Busy,
    /// Answered; no byte of another request yet.
    Idle,
}

/// What the worker tells a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// Carry on.
    None,
    /// Leave the HTTP library if you are still idle.
    Eject,
    /// Finish the current request, then close.
    Drain,
    /// Close at once.
    Close,
}

/// Shared by a connection's task, its parts and the worker; all on one thread.
#[derive(Debug)]
pub(crate) struct Watch {
    clock: Clock,
    phase: Cell<Phase>,
    since: Cell<Instant>,
    order: Cell<Order>,
    waker: RefCell<Option<Waker>>,
    /// Bytes moved, and how many there were when the sweep last looked.
    moved: Cell<u64>,
    seen: Cell<(u64, Instant)>,
    /// The socket did not take what the library wanted to write.
    pub(crate) is_write_blocked: Cell<bool>,
    /// The body of the current request.
    pub(crate) body: Arc<BodyState>,
    /// The handler wants to wait; taken by the connection's task.
    pub(crate) park: RefCell<Option<Parking>>,
}

/// A parked request on its way from the handler to the lot.
#[derive(Debug)]
pub(crate) struct Parking {
    pub(crate) park: Park,
    /// Whether the connection serves on after the answer.
    pub(crate) keep_alive: bool,
    /// The client speaks HTTP/1.0.
    pub(crate) is_1_0: bool,
}

impl Watch {
    pub(crate) fn new(clock: Clock) -> Self {
        let now = clock.get();
        Self {
            clock,
            phase: Cell::new(Phase::Head),
            since: Cell::new(now),
            order: Cell::new(Order::None),
            waker: RefCell::new(None),
            moved: Cell::new(0),
            seen: Cell::new((0, now)),
            is_write_blocked: Cell::new(false),
            body: Arc::default(),
            park: RefCell::new(None),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(self.clock.get());
    }

    pub(crate) fn moved(&self, bytes: usize) {
        self.moved.set(self.moved.get().wrapping_add(bytes as u64));
    }

    pub(crate) fn order(&self) -> Order {
        self.order.get()
    }

    /// An order that could not be followed is forgotten.
    pub(crate) fn forget_eject(&self) {
        if self.order.get() == Order::Eject {
            self.order.set(Order::None);
        }
    }

    /// Tells the connection something; a lesser order does not undo a greater one.
    pub(crate) fn tell(&self, order: Order) {
        if order > self.order.get() {
            self.order.set(order);
            if let Some(waker) = &*self.waker.borrow() {
                waker.wake_by_ref();
            }
        }
    }

    /// Remembers whom to wake.
    pub(crate) fn register(&self, waker: &Waker) {
        let mut known = self.waker.borrow_mut();
        if known.as_ref().is_none_or(|known| !known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
    }

    /// What the limits demand now. Notes progress for the next look.
    pub(crate) fn judge(&self, limits: &Limits, now: Instant) -> Order {
        let (seen, progress) = self.seen.get();
        let is_stuck = self.is_write_blocked.get() || self.body.is_waiting();
        if seen != self.moved.get() || !is_stuck {
            self.seen.set((self.moved.get(), now));
        }
        // It may have begun just before the sweep after the one it was dated by.
        let lasted = |since| now.saturating_duration_since(since).saturating_sub(SWEEP);
        let phase_time = lasted(self.since.get());
        match self.phase.get() {
            Phase::Head if phase_time > limits.header_time => Order::Close,
            Phase::Idle if phase_time > limits.idle_eject => Order::Eject,
            Phase::Busy if is_stuck && lasted(progress) > limits.stall_time => Order::Close,
            Phase::Head | Phase::Idle | Phase::Busy => Order::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Rc::new(Cell::new(Instant::now()))
    }

    #[test]
    fn a_slow_head_is_cut_and_an_idle_connection_leaves() {
        let (watch, limits) = (Watch::new(clock()), Limits::default());
        let later = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert_eq!(watch.judge(&limits, later(19)), Order::None);
        assert_eq!(watch.judge(&limits, later(21)), Order::Close);
        watch.enter(Phase::Idle);
        assert_eq!(watch.judge(&limits, later(1)), Order::None);
        assert_eq!(watch.judge(&limits, later(3)), Order::Eject);
        watch.enter(Phase::Busy);
        assert_eq!(watch.judge(&limits, later(3000)), Order::None, "a handler may take its time");
    }

    #[test]
    fn a_client_that_takes_nothing_is_cut_unless_bytes_move() {
        let (watch, limits) = (Watch::new(clock()), Limits::default());
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        watch.enter(Phase::Busy);
        watch.is_write_blocked.set(true);
        assert_eq!(watch.judge(&limits, at(50)), Order::None);
        watch.moved(1);
        assert_eq!(watch.judge(&limits, at(55)), Order::None);
        assert_eq!(watch.judge(&limits, at(110)), Order::None);
        assert_eq!(watch.judge(&limits, at(116)), Order::Close);
    }

    #[test]
    fn a_greater_order_stays() {
        let watch = Watch::new(clock());
        watch.tell(Order::Drain);
        watch.tell(Order::Eject);
        assert_eq!(watch.order(), Order::Drain);
        watch.tell(Order::Close);
        assert_eq!(watch.order(), Order::Close);
    }
}
