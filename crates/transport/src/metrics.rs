//! Counters of the transport, plain atomics that anybody may read at any time.
//!
//! Gauges go up and down (`open`, `parked`, `idle`, `upstream_open`), everything else only goes up.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// One number. Reads and writes are relaxed: a metric orders nothing.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// The value now.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    pub(crate) fn up(&self) {
        self.add(1);
    }

    pub(crate) fn down(&self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Everything the transport counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Connections accepted since the start.
    pub accepted: Counter,
    /// Connections closed at once because the listener was full.
    pub refused: Counter,
    /// Connections open now, parked and idle ones included.
    pub open: Counter,
    /// Requests parked now.
    pub parked: Counter,
    /// Connections that wait for their next request outside the HTTP library.
    pub idle: Counter,
    /// Requests handed to a handler.
    pub requests: Counter,
    /// Requests refused before the handler saw them (ambiguous framing).
    pub bad_requests: Counter,
    /// Connections cut because the peer was too slow.
    pub timeouts: Counter,
    /// TLS handshakes that failed.
    pub tls_failures: Counter,
    /// Panics that were caught.
    pub panics: Counter,
    /// Bytes of HTTP read from clients (after decryption).
    pub bytes_in: Counter,
    /// Bytes of HTTP written to clients (before encryption).
    pub bytes_out: Counter,
    /// Requests answered after being parked: woken by [`ParkWaker::answer`](crate::ParkWaker::answer).
    pub parks_woken: Counter,
    /// Parked requests that met their deadline.
    pub parks_expired: Counter,
    /// Parked requests answered by the upstream server.
    pub parks_relayed: Counter,
    /// Parked requests whose device left.
    pub parks_gone: Counter,
}
