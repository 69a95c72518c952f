//! Keeping each call for the list on the ISE page: the raw request line, and what became of it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::response::Response;
use domain::model::{Organization, OrganizationId};
use engine::Engine;
use engine::ise as feature;
use http::request::Parts;

/// A call that is being answered.
pub(super) struct Recorder {
    engine: Arc<Engine>,
    started: Instant,
    organization: OrganizationId,
    call: feature::Call,
}

impl Recorder {
    /// Begins to measure.
    pub(super) fn new(engine: &Arc<Engine>, parts: &Parts, address: IpAddr) -> Self {
        let target = parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
        let call = feature::Call {
            at: engine.now(),
            account: String::new(),
            address: address.to_string(),
            method: parts.method.to_string(),
            target: target.to_owned(),
            status: 0,
            duration_us: 0,
            note: String::new(),
        };
        Self { engine: Arc::clone(engine), started: Instant::now(), organization: Organization::SYSTEM, call }
    }

    /// The account that the caller names.
    pub(super) fn account(&mut self, name: &str) {
        name.clone_into(&mut self.call.account);
    }

    /// The account is proven.
    pub(super) fn proven(&mut self, organization: OrganizationId) {
        self.organization = organization;
    }

    /// Keeps the call with its answer.
    pub(super) fn answered(self, answer: Response, note: &str) -> Response {
        let status = answer.status().as_u16();
        self.finish(status, note);
        answer
    }

    /// The same for a call that did not get past the checks.
    pub(super) fn refused(
        mut self,
        instance: Option<OrganizationId>,
        answer: Response,
        note: &str,
    ) -> Response {
        self.complete(answer.status().as_u16(), note);
        feature::record_refusal(&self.engine, instance, self.call);
        answer
    }

    /// Keeps the call, now that the last byte has left.
    pub(super) fn finish(mut self, status: u16, note: &str) {
        self.complete(status, note);
        feature::record_call(&self.engine, self.organization, self.call);
    }

    fn complete(&mut self, status: u16, note: &str) {
        self.call.status = status;
        note.clone_into(&mut self.call.note);
        self.call.duration_us = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
    }
}
