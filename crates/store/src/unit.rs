//! A unit of work on its way through a thread of the store: queued, run (perhaps more than once), answered.

use crate::{Result, StoreError, Tx, tx::Principal};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};
use tokio::sync::oneshot;

/// The future of a run: did the unit succeed?
pub(crate) type Run<'a> = Pin<Box<dyn Future<Output = bool> + 'a>>;

/// A unit without its types. `Send` while it waits; its future is made and stays on the thread that runs it.
pub(crate) trait Unit: Send {
    /// Tenant and actor.
    fn principal(&self) -> Principal;
    /// Runs the unit and keeps its outcome for `answer`.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> Run<'a>;
    /// Turns a success into this error; an error that the unit returned itself is kept.
    fn refuse(&mut self, error: StoreError);
    /// Gives the outcome to the caller, who may have gone away.
    fn answer(self: Box<Self>);
}

/// Where the outcome of a unit comes out.
pub(crate) type Outcome<T, E> = oneshot::Receiver<Result<T, E>>;

/// A closure with its caller.
pub(crate) struct Job<T, E, F> {
    principal: Principal,
    closure: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job<T, E, F>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    /// The job for the queue, and where its outcome will come out.
    pub fn boxed(principal: Principal, closure: F) -> (Box<dyn Unit>, Outcome<T, E>) {
        let (reply, outcome) = oneshot::channel();
        (Box::new(Self { principal, closure, outcome: None, reply }), outcome)
    }
}

impl<T, E, F> Unit for Job<T, E, F>
where
    F: AsyncFnMut(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn principal(&self) -> Principal {
        self.principal.clone()
    }

    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> Run<'a> {
        Box::pin(async move {
            self.outcome = None;
            let outcome = (self.closure)(&mut *tx).await;
            let outcome = match (outcome, tx.failure()) {
                (Ok(_), Some(ignored)) => Err(StoreError::Poisoned(ignored.to_string()).into()),
                (outcome, _) => outcome,
            };
            let succeeded = outcome.is_ok();
            self.outcome = Some(outcome);
            succeeded
        })
    }

    fn refuse(&mut self, error: StoreError) {
        if !matches!(self.outcome, Some(Err(_))) {
            self.outcome = Some(Err(error.into()));
        }
    }

    fn answer(self: Box<Self>) {
        let closing = || Err(StoreError::Unavailable("the unit was not run".to_owned()).into());
        // A caller that went away loses only the answer: what was accepted is carried out.
        let Self { reply, outcome, .. } = *self;
        drop(reply.send(outcome.unwrap_or_else(closing)));
    }
}

/// How one run of a unit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It returned `Ok`, and no statement had failed.
    Well,
    /// It returned an error, or ignored one.
    Refused,
    /// It panicked.
    Panicked,
    /// It waited for something that is not the database.
    Strayed,
}

impl Ended {
    /// What the caller is told where the unit itself could not say anything.
    pub fn error(self) -> Option<StoreError> {
        match self {
            Self::Well | Self::Refused => None,
            Self::Panicked => Some(StoreError::Other("a unit panicked; nothing of it was stored".to_owned())),
            Self::Strayed => Some(StoreError::Other(
                "a unit waited for something other than the database; nothing of it was stored".to_owned(),
            )),
        }
    }
}

/// Polls a unit so that neither a panic nor a wait for something else can harm the thread or its batch.
pub(crate) struct Guarded<'a> {
    pub run: Run<'a>,
    pub in_flight: Rc<Cell<bool>>,
}

impl Future for Guarded<'_> {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        match catch_unwind(AssertUnwindSafe(|| self.run.as_mut().poll(context))) {
            Err(_) => Poll::Ready(Ended::Panicked),
            Ok(Poll::Ready(true)) => Poll::Ready(Ended::Well),
            Ok(Poll::Ready(false)) => Poll::Ready(Ended::Refused),
            Ok(Poll::Pending) if self.in_flight.get() => Poll::Pending,
            Ok(Poll::Pending) => Poll::Ready(Ended::Strayed),
        }
    }
}

/// Drives a future that never waits (SQLite's statements are synchronous), without a runtime.
pub(crate) fn run_ready<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
