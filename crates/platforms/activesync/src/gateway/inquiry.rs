//! Our own conversation with a mail server about somebody's credentials: as a device that does not exist, so that
//! nothing about a real one depends on it, or is changed by it.

use std::net::SocketAddr;
use std::time::Duration;

use clients::mail::Place;
use http::{HeaderName, HeaderValue, Method, Request, header};
use transport::{Body, UpstreamError, UpstreamResponse};
use wire_eas::command::Command;
use wire_eas::query::{DeviceId, Query};
use wire_eas::version::Version;

use super::Gateway;
use super::headers::add_origin;

/// For one answer.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);
/// Largest answer.
pub(super) const MAX_ANSWER: usize = 256 * 1024;

const DEVICE_ID: &str = "NotifyMDMSignIn";
const DEVICE_TYPE: &str = "NotifyMDM";
const VERSION: HeaderName = HeaderName::from_static("ms-asprotocolversion");
const POLICY_KEY: HeaderName = HeaderName::from_static("x-ms-policykey");

/// Where to, and as whom.
pub(super) struct Inquiry {
    pub(super) place: Place,
    pub(super) authorization: HeaderValue,
    /// The user's name as the device sent it.
    pub(super) user: String,
    pub(super) version: Version,
    pub(super) peer: SocketAddr,
}

impl Inquiry {
    /// Sends one command.
    pub(super) async fn say(
        &self,
        gateway: &Gateway,
        command: Command,
        key: Option<&str>,
        body: Vec<u8>,
    ) -> Result<UpstreamResponse, UpstreamError> {
        let query = Query {
            command: Some(command),
            user: Some(self.user.clone()),
            device_id: DeviceId::from_text(DEVICE_ID).ok(),
            device_type: Some(DEVICE_TYPE.to_owned()),
            ..Query::default()
        };
        let target = format!("{}?{}", self.place.path, query.to_plain_query());
        let mut request = Request::new(Body::full(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() =
            target.parse().map_err(|_| UpstreamError::Request(format!("{target:?} is not a target")))?;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        headers.insert(header::CONTENT_TYPE, crate::answer::WBXML);
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(VERSION, HeaderValue::from_static(self.version.as_str()));
        if let Some(key) = key.and_then(|key| HeaderValue::from_str(key).ok()) {
            headers.insert(POLICY_KEY, key);
        }
        add_origin(headers, self.peer, true);
        gateway.upstreams.exchange(&self.place.origin, request, PATIENCE).await
    }
}
