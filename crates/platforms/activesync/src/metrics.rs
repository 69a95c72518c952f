//! Counters of the platform, plain atomics that anybody may read at any time.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// One number. Reads and writes are relaxed: a metric orders nothing.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// The value now.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
    pub(crate) fn up(&self) {
        self.0.fetch_add(1, Relaxed);
    }
    pub(crate) fn down(&self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Everything this platform counts since the start; `parked` is a gauge.
#[derive(Debug, Default)]
pub struct Metrics {
    /// ActiveSync requests of any kind.
    pub requests: Counter,
    /// Autodiscover requests.
    pub autodiscover: Counter,
    /// Requests that could not be understood.
    pub malformed: Counter,
    /// Requests whose body belongs to another command than the request line names.
    pub mismatched: Counter,
    /// Requests answered 401.
    pub unauthenticated: Counter,
    /// Sign-ins answered from the memory of wrong ones, without asking the mail server.
    pub spared_sign_ins: Counter,
    /// Requests refused for another reason.
    pub refused: Counter,
    /// Devices told to provision.
    pub told_to_provision: Counter,
    /// Policies acknowledged.
    pub provisioned: Counter,
    /// Wipe directives handed out.
    pub wipes_sent: Counter,
    /// Wipes that devices confirmed.
    pub wipes_done: Counter,
    /// Requests passed on to a mail server.
    pub forwarded: Counter,
    /// Requests that a mail server did not answer as it should.
    pub upstream_failures: Counter,
    /// Policy handshakes with mail servers that went through.
    pub handshakes: Counter,
    /// Requests repeated at the mail server after a handshake or a redirect.
    pub replays: Counter,
    /// Redirects followed.
    pub redirects: Counter,
    /// Requests answered 503.
    pub unavailable: Counter,
    /// Requests that wait now.
    pub parked: Counter,
    /// Waiting requests answered early because something changed.
    pub woken: Counter,
    /// Waiting requests replaced by a newer one of the same device.
    pub superseded: Counter,
    /// Requests served although storage was away.
    pub served_on_grace: Counter,
}

impl Metrics {
    /// All numbers with their names, for an exporter.
    pub fn all(&self) -> [(&'static str, u64); 21] {
        [
            ("requests", self.requests.get()),
            ("autodiscover", self.autodiscover.get()),
            ("malformed", self.malformed.get()),
            ("mismatched", self.mismatched.get()),
            ("unauthenticated", self.unauthenticated.get()),
            ("spared_sign_ins", self.spared_sign_ins.get()),
            ("refused", self.refused.get()),
            ("told_to_provision", self.told_to_provision.get()),
            ("provisioned", self.provisioned.get()),
            ("wipes_sent", self.wipes_sent.get()),
            ("wipes_done", self.wipes_done.get()),
            ("forwarded", self.forwarded.get()),
            ("upstream_failures", self.upstream_failures.get()),
            ("handshakes", self.handshakes.get()),
            ("replays", self.replays.get()),
            ("redirects", self.redirects.get()),
            ("unavailable", self.unavailable.get()),
            ("parked", self.parked.get()),
            ("woken", self.woken.get()),
            ("superseded", self.superseded.get()),
            ("served_on_grace", self.served_on_grace.get()),
        ]
    }
}
