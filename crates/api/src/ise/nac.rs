//! `GET /api/nac/v1/devices/{mac}`: posture as flat JSON, for NAC products with a generic HTTP look-up.
//!
//! The same accounts and the same answers as for ISE. A MAC that nobody knows is a device that is not enrolled.

use std::net::IpAddr;

use axum::body::Body;
use axum::response::Response;
use engine::ise::{self as feature, Key, Remark};
use engine::sign_in::IseRefusal;
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde_json::json;
use wire_ise::Mac;

use super::call::Recorder;
use super::{Ise, answers};

const MOUNT: &str = "/api/nac/";
const DEVICES: &str = "/api/nac/v1/devices/";

/// Whether a path is one of this API.
pub(super) fn handles(path: &str) -> bool {
    path.starts_with(MOUNT)
}

/// What a NAC is told.
#[derive(Serialize)]
struct Posture {
    enrolled: bool,
    compliant: bool,
    failure_reason: String,
    remediation: String,
}

impl Ise {
    pub(super) async fn nac(&self, parts: &Parts, address: IpAddr) -> Response {
        let segment = parts.uri.path().strip_prefix(DEVICES).map(|rest| rest.trim_end_matches('/'));
        let Some(segment) = segment.filter(|s| !s.is_empty() && !s.contains('/')) else {
            return problem(StatusCode::NOT_FOUND, "There is nothing at this address.");
        };
        let mut recorder = Recorder::new(&self.engine, parts, address);
        let scope = match self.prove(parts, address, None, &mut recorder).await {
            Ok(scope) => scope,
            Err(refusal) => {
                let (_, note) = answers::refusal(wire_ise::ApiVersion::V3, &refusal);
                return recorder.refused(None, refused(&refusal), &note);
            }
        };
        recorder.proven(scope.organization());
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let mut answer = problem(StatusCode::METHOD_NOT_ALLOWED, "Use GET.");
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return recorder.answered(answer, "");
        }
        // Separators may come percent-encoded; a MAC has no other use for a percent sign.
        let mac = Mac::parse(&segment.replace("%3A", ":").replace("%3a", ":"));
        let found =
            mac.map(|mac| feature::lookup(&self.engine, &scope, &Key::Mac(mac.to_string()))).transpose();
        match found {
            Ok(found) => {
                let remark = found.as_ref().map_or(Remark::Unknown, |lookup| lookup.remark);
                let device = found.and_then(|lookup| lookup.device);
                let messaging = self.engine.directory().messaging(scope.organization());
                let known = device.as_ref().zip(messaging.as_ref()).map(|(device, messaging)| {
                    feature::attributes(&self.engine, &messaging.notifications, device)
                });
                let posture = Posture {
                    enrolled: known.as_ref().is_some_and(|k| k.registered),
                    compliant: known.as_ref().is_some_and(|k| k.compliant),
                    failure_reason: known.as_ref().map(|k| k.failure_reason.clone()).unwrap_or_default(),
                    remediation: known.map(|k| k.remediation).unwrap_or_default(),
                };
                recorder.answered(json_answer(StatusCode::OK, "application/json", &posture), remark.words())
            }
            Err(error) => {
                recorder.answered(problem(StatusCode::FORBIDDEN, &error.to_string()), &error.to_string())
            }
        }
    }
}

fn refused(refusal: &IseRefusal) -> Response {
    match refusal {
        IseRefusal::Unauthorized | IseRefusal::Locked(_) | IseRefusal::WrongInstance => {
            let mut answer = problem(StatusCode::UNAUTHORIZED, &answers::unauthorized(refusal));
            answer
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"NotifyMDM NAC\""));
            answer
        }
        IseRefusal::Forbidden(why) => problem(StatusCode::FORBIDDEN, why),
        IseRefusal::Busy(seconds) => {
            let mut answer =
                problem(StatusCode::SERVICE_UNAVAILABLE, "The server is busy. Try again in a moment.");
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*seconds));
            answer
        }
    }
}

/// Problem JSON (RFC 9457).
fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    json_answer(
        status,
        "application/problem+json",
        &json!({ "title": title, "status": status.as_u16(), "detail": detail }),
    )
}

fn json_answer(status: StatusCode, content_type: &'static str, value: &impl Serialize) -> Response {
    // Serializing these plain structures cannot fail.
    let body = serde_json::to_vec(value).unwrap_or_default();
    answers::with_type(status, Body::from(body), content_type)
}
