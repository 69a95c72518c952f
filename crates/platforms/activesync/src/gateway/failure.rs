//! A mail server that does not answer: the device is told to come back, never that something is broken.

use domain::model::ActiveSyncServer;
use transport::UpstreamError;

use crate::answer::Said;
use crate::handler::{ActiveSync, Flow, Upload};

impl ActiveSync {
    /// The device's answer when the exchange with the mail server failed.
    pub(super) fn failed(&self, flow: &Flow, upload: Option<&Upload>, error: &UpstreamError) -> Said {
        if upload.is_some_and(Upload::was_too_long) {
            return crate::handler::too_long(&flow.ask);
        }
        if let UpstreamError::RequestBody(_) = error {
            return Said::bare(400).because("The device stopped sending.");
        }
        self.metrics.upstream_failures.up();
        let server = flow.server().map_or("", |s| s.name.as_str());
        tracing::warn!(server, %error, "a mail server did not answer");
        if let Some(server) = flow.server() {
            engine::servers::did_not_answer(&self.engine, server, &error.to_string());
        }
        self.later().because(format!("The mail server does not answer: {error}."))
    }

    /// The mail server's own front could not reach it.
    pub(super) fn down(&self, server: &ActiveSyncServer, status: http::StatusCode) -> Said {
        self.metrics.upstream_failures.up();
        let why = format!("its own front answers HTTP {}", status.as_u16());
        engine::servers::did_not_answer(&self.engine, server, &why);
        self.later().because(format!(
            "The mail server is not reachable behind its own front (HTTP {}).",
            status.as_u16()
        ))
    }
}
