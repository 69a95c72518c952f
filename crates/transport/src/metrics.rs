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

impl Metrics {
    /// Every number as name, kind (`counter` or `gauge`), help and value, for an exposition.
    pub fn all(&self) -> Vec<(&'static str, &'static str, &'static str, u64)> {
        let counter = |name, help, value: &Counter| (name, "counter", help, value.get());
        let gauge = |name, help, value: &Counter| (name, "gauge", help, value.get());
        vec![
            counter("connections_accepted_total", "Connections accepted.", &self.accepted),
            counter(
                "connections_refused_total",
                "Connections closed because the listener was full.",
                &self.refused,
            ),
            gauge("connections_open", "Connections open now.", &self.open),
            gauge("requests_parked", "Requests parked now.", &self.parked),
            gauge("connections_idle", "Connections waiting for their next request.", &self.idle),
            counter("requests_total", "Requests handed to a handler.", &self.requests),
            counter("requests_bad_total", "Requests refused for their framing.", &self.bad_requests),
            counter("timeouts_total", "Connections cut because the peer was too slow.", &self.timeouts),
            counter("tls_failures_total", "TLS handshakes that failed.", &self.tls_failures),
            counter("panics_total", "Panics that were caught.", &self.panics),
            counter("bytes_in_total", "Bytes of HTTP read from clients.", &self.bytes_in),
            counter("bytes_out_total", "Bytes of HTTP written to clients.", &self.bytes_out),
            counter(
                "parks_woken_total",
                "Parked requests answered because something changed.",
                &self.parks_woken,
            ),
            counter("parks_expired_total", "Parked requests that met their deadline.", &self.parks_expired),
            counter(
                "parks_relayed_total",
                "Parked requests answered by the mail server.",
                &self.parks_relayed,
            ),
            counter("parks_gone_total", "Parked requests whose device left.", &self.parks_gone),
        ]
    }
}
