//! One request's way to the mail server: where to, as whom, with which key; changed by redirects and handshakes.

use std::sync::Arc;

use clients::mail::{MailServer, Place};
use domain::model::{BackendState, Device};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use transport::Body;
use wire_eas::command::Command;
use wire_eas::query::{DeviceId, Query};

use super::headers;
use crate::answer::Said;
use crate::handler::{ActiveSync, Flow};

/// Redirects that are followed.
pub(super) const HOPS: u8 = 3;

pub(super) struct Trip {
    pub(super) mail: Arc<MailServer>,
    pub(super) place: Place,
    pub(super) authorization: HeaderValue,
    /// What we hold at the mail server.
    pub(super) state: BackendState,
    pub(super) hops: u8,
    /// The place was learnt and may be out of date.
    pub(super) learnt: bool,
}

impl ActiveSync {
    /// Prepares the way of a request. Without a usable server the device has to wait.
    pub(super) fn trip(&self, flow: &Flow) -> Result<Trip, Said> {
        let Some(server) = flow.server().filter(|server| server.enabled) else {
            return Err(self.later().because("The user's mail server is out of use."));
        };
        let mail = self.gateway.mail(server).map_err(|error| {
            tracing::error!(server = %server.name, %error, "a mail server cannot be used");
            self.later().because(format!("The mail server cannot be used: {error}."))
        })?;
        let authorization = authorization(&mail, flow)?;
        let state =
            flow.device.as_ref().map(|device| self.gateway.flights.state_of(device)).unwrap_or_default();
        let learnt = || flow.login.user.as_ref()?.learnt_at(server.id).map(str::to_owned);
        let learnt = state.url.clone().or_else(learnt);
        // The list of allowed hosts may have become shorter since the address was learnt.
        let place = learnt.and_then(|url| mail.place(&url).ok());
        let learnt = place.as_ref().is_some_and(|place| place.url != mail.home().url);
        let place = place.unwrap_or_else(|| mail.home().clone());
        Ok(Trip { mail, place, authorization, state, hops: 0, learnt })
    }
}

fn authorization(mail: &MailServer, flow: &Flow) -> Result<HeaderValue, Said> {
    let name = mail.login_name(&flow.login.presented, &flow.login.username);
    flow.credentials.header(&name).ok_or_else(crate::refuse::unauthenticated)
}

impl Trip {
    /// The device's command, as the mail server gets it: always the plain query, device id and DeviceType as spelled
    /// on the first day. Some servers take another spelling for another device, and a base64 query spells the id in
    /// its own way.
    pub(super) fn command(&self, flow: &Flow, body: Body) -> Request<Body> {
        let headers = headers::of_request(flow, self.state.policy_key, &self.authorization);
        self.request(&query(flow, flow.ask.query.clone()), headers, body)
    }

    /// A Provision of our own.
    pub(super) fn provision(&self, flow: &Flow, key: Option<&str>, body: Vec<u8>) -> Request<Body> {
        let own = Query { command: Some(Command::Provision), ..Query::default() };
        let own = Query {
            user: flow.ask.query.user.clone(),
            device_id: flow.ask.query.device_id.clone(),
            device_type: flow.ask.query.device_type.clone(),
            ..own
        };
        let headers = headers::of_provision(flow, key, &self.authorization);
        self.request(&query(flow, own), headers, Body::full(body))
    }

    fn request(&self, query: &str, headers: HeaderMap, body: Body) -> Request<Body> {
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        // Both parts are known to be good; a target that is not would be refused by the transport.
        *request.uri_mut() = format!("{}?{query}", self.place.path).parse().unwrap_or(Uri::from_static("/"));
        *request.headers_mut() = headers;
        request
    }
}

fn query(flow: &Flow, mut query: Query) -> String {
    if query.user.is_none() {
        query.user = Some(flow.login.presented.clone());
    }
    if let Some(first) = flow.device.as_deref().and_then(Device::eas) {
        query.device_type =
            Some(first.eas.device_type.clone()).filter(|t| !t.is_empty()).or(query.device_type);
        query.device_id = DeviceId::from_text(&first.external_id).ok().or(query.device_id);
    }
    query.to_plain_query()
}
