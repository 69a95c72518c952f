//! The two ends of a parked request: the [`Ticket`] goes into the lot with the connection, the [`ParkWaker`] stays
//! with whoever may have to answer early.

use std::{sync::Arc, task::Waker};

use parking_lot::Mutex;

use super::WakeAnswer;

enum State {
    /// No answer yet. The waker leads to the lot once the connection is parked there.
    Waiting(Option<Waker>),
    /// Answered, the lot has not taken it yet. Boxed to keep the state of the many that wait small.
    Answered(Box<WakeAnswer>),
    /// Answered, expired, relayed or left.
    Over,
}

/// The waiting end. Dropping it means that nobody can be answered any more.
pub struct Ticket(Arc<Mutex<State>>);

/// The answering end; clone it freely, call it from any thread.
#[derive(Clone)]
pub struct ParkWaker(Arc<Mutex<State>>);

impl Ticket {
    /// A ticket and its waker. The waker may be used at once, even before the request is parked.
    pub fn new() -> (Self, ParkWaker) {
        let state = Arc::new(Mutex::new(State::Waiting(None)));
        (Self(Arc::clone(&state)), ParkWaker(state))
    }

    /// Names whom to wake. The answer may be there already: ask [`Ticket::take`] afterwards.
    pub(crate) fn attach(&self, waker: Waker) {
        if let State::Waiting(slot) = &mut *self.0.lock() {
            *slot = Some(waker);
        }
    }

    /// The answer, if there is one.
    pub(crate) fn take(&self) -> Option<WakeAnswer> {
        let mut state = self.0.lock();
        if !matches!(*state, State::Answered(_)) {
            return None;
        }
        match std::mem::replace(&mut *state, State::Over) {
            State::Answered(answer) => Some(*answer),
            State::Waiting(_) | State::Over => None,
        }
    }

    /// Ends the wait for another reason. An answer given at the last moment is still returned, and has to be sent:
    /// its author was told so.
    pub(crate) fn close(&self) -> Option<WakeAnswer> {
        match std::mem::replace(&mut *self.0.lock(), State::Over) {
            State::Answered(answer) => Some(*answer),
            State::Waiting(_) | State::Over => None,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        *self.0.lock() = State::Over;
    }
}

impl ParkWaker {
    /// Answers the parked request. True if this was the first answer; false if the request was answered before, met
    /// its deadline, or its device left. A true answer is written at once unless the device leaves in that moment.
    pub fn answer(&self, answer: WakeAnswer) -> bool {
        let waker = {
            let mut state = self.0.lock();
            let State::Waiting(waker) = &mut *state else { return false };
            let waker = waker.take();
            *state = State::Answered(Box::new(answer));
            waker
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// True as soon as [`ParkWaker::answer`] would return false.
    pub fn is_gone(&self) -> bool {
        !matches!(*self.0.lock(), State::Waiting(_))
    }

    /// True if both wakers belong to the same request (so that a registry removes only its own entry).
    pub fn same_request(&self, other: &ParkWaker) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket")
    }
}

impl std::fmt::Debug for ParkWaker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParkWaker").field("gone", &self.is_gone()).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn the_first_answer_wins() {
        let (ticket, waker) = Ticket::new();
        assert!(waker.answer(WakeAnswer::new(StatusCode::OK)));
        assert!(!waker.clone().answer(WakeAnswer::new(StatusCode::FORBIDDEN)));
        assert_eq!(ticket.take().map(|answer| answer.status), Some(StatusCode::OK));
        assert!(ticket.take().is_none());
        assert!(waker.is_gone());
    }

    #[test]
    fn a_dropped_ticket_takes_no_answer() {
        let (ticket, waker) = Ticket::new();
        assert!(!waker.is_gone());
        drop(ticket);
        assert!(waker.is_gone());
        assert!(!waker.answer(WakeAnswer::new(StatusCode::OK)));
    }

    #[test]
    fn an_answer_at_the_last_moment_is_kept_by_close() {
        let (ticket, waker) = Ticket::new();
        assert!(waker.answer(WakeAnswer::new(StatusCode::OK)));
        assert!(ticket.close().is_some());
        assert!(ticket.close().is_none());
    }
}
