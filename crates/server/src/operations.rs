//! `/healthz`, `/readyz` and `/metrics`, for operations; never on the device listener.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::Engine;
use http::{Response, StatusCode};
use transport::{Body, Metrics};

use crate::front::plain;
use crate::shelf::Shelf;

/// State and numbers of this node.
pub struct Operations {
    engine: Arc<Engine>,
    metrics: Arc<Metrics>,
    activesync: Arc<platform_activesync::Metrics>,
    shelf: Arc<Shelf>,
    ready: AtomicBool,
}

impl Operations {
    pub fn new(
        engine: Arc<Engine>,
        metrics: Arc<Metrics>,
        activesync: Arc<platform_activesync::Metrics>,
        shelf: Arc<Shelf>,
    ) -> Self {
        Self { engine, metrics, activesync, shelf, ready: AtomicBool::new(false) }
    }

    /// Listening and able to serve; false again when the server shuts down.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    /// The answer, if the path is one of ours.
    pub fn answer(&self, path: &str) -> Option<Response<Body>> {
        match path {
            "/healthz" => Some(plain(StatusCode::OK, "ok\n")),
            "/readyz" if self.ready.load(Ordering::Relaxed) => Some(plain(StatusCode::OK, "ready\n")),
            "/readyz" => Some(plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")),
            "/metrics" => Some(self.metrics()),
            _ => None,
        }
    }

    /// Prometheus' text format.
    fn metrics(&self) -> Response<Body> {
        let mut text = String::new();
        let mut put = |name: &str, kind: &str, help: &str, value: u64| {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "# HELP notifymdm_{name} {help}\n# TYPE notifymdm_{name} {kind}\nnotifymdm_{name} {value}\n"
            );
        };
        for (name, kind, help, value) in self.metrics.all() {
            put(name, kind, help, value);
        }
        for (name, value) in self.activesync.all() {
            let name = format!("activesync_{name}");
            put(&name, "untyped", "ActiveSync gateway and stand-in.", value);
        }
        let mut devices = 0;
        let mut commands = 0;
        for org in self.engine.directory().all() {
            let org = org.read();
            devices += org.devices.len() as u64;
            commands += org.live_commands().len() as u64;
        }
        put("devices", "gauge", "Device records.", devices);
        put("commands_live", "gauge", "Commands that are not final.", commands);
        if let Some(until) = self.shelf.public_until() {
            let seconds = u64::try_from(until / 1000).unwrap_or(0);
            let help = "When the certificate of the ACME authority ends, in seconds since 1970.";
            put("acme_certificate_expires_seconds", "gauge", help, seconds);
        }
        let mut answer = plain(StatusCode::OK, "");
        *answer.body_mut() = Body::full(text);
        answer
    }
}
