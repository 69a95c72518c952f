//! How REST says no: problem documents (RFC 9457). The one place where the engine's error kinds and the door's
//! refusals become HTTP.

use axum::Json;
use axum::response::{IntoResponse, Response};
use door::{Face, Refusal};
use engine::{Error, FieldIssue};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

/// Media type of a problem document.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not done.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Problem {
    /// Which kind of problem, as a URN that programs can compare.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What happened here, and what to do about it.
    detail: String,
    /// Under which id the change waits for a second person: see /api/v1/approvals/{id}.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<String>,
    /// The fields that were refused, if the request could be corrected in them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Issue>,
    #[serde(skip)]
    header: Option<(HeaderName, HeaderValue)>,
}

/// A field that was refused.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FieldError")]
struct Issue {
    /// Name of the field, with dots and indexes below objects and lists.
    field: String,
    /// What to send instead.
    message: String,
}

/// Every kind: name, status, title. The document lists the same.
pub(super) const KINDS: &[(&str, StatusCode, &str)] = &[
    ("malformed", StatusCode::BAD_REQUEST, "The request cannot be read"),
    ("unauthenticated", StatusCode::UNAUTHORIZED, "A valid token is needed"),
    ("denied", StatusCode::FORBIDDEN, "Not allowed"),
    ("not_found", StatusCode::NOT_FOUND, "Not found"),
    ("method", StatusCode::METHOD_NOT_ALLOWED, "Not possible with this method"),
    ("conflict", StatusCode::CONFLICT, "The state of things does not allow it"),
    ("held", StatusCode::ACCEPTED, "A second person must approve it first"),
    ("changed", StatusCode::PRECONDITION_FAILED, "Changed meanwhile"),
    ("too_large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
    ("media_type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be JSON"),
    ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "The request cannot be accepted"),
    ("locked", StatusCode::TOO_MANY_REQUESTS, "Too many attempts"),
    ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
    ("upstream", StatusCode::BAD_GATEWAY, "A server behind us failed"),
    ("busy", StatusCode::SERVICE_UNAVAILABLE, "Try again later"),
];

impl Problem {
    fn new(kind: &'static str, detail: impl Into<String>) -> Self {
        let known = KINDS.iter().find(|(name, ..)| *name == kind);
        let (_, status, title) = known.unwrap_or(&KINDS[KINDS.len() - 3]);
        Self {
            kind: format!("urn:notifymdm:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            held: None,
            errors: Vec::new(),
            header: None,
        }
    }
    fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.header = Some((name, value.into()));
        self
    }
    /// A body or address that is not what it should be at all.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new("malformed", detail)
    }
    /// One refused field.
    pub(super) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Error::invalid(field, message).into()
    }
    /// The body is not declared as JSON.
    pub(super) fn media_type() -> Self {
        Self::new(
            "media_type",
            "Send the body with the Content-Type that the description names: application/json unless it says otherwise.",
        )
    }
    /// The body is larger than `limit` bytes.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::new("too_large", format!("A body may have at most {limit} bytes."))
    }
    /// `If-Match` names another version than the present one.
    pub(super) fn changed() -> Self {
        Self::new("changed", "Somebody else changed it meanwhile. Load it again and repeat your change.")
    }
    /// The path exists, but not for this method.
    pub(super) fn method() -> Self {
        Self::new("method", "This address does not know the method; see the header Allow.")
    }
    /// The path does not exist.
    pub(super) fn no_such_path() -> Self {
        Self::new("not_found", "There is nothing at this address. /api/openapi.json lists what there is.")
    }
    fn sign_in_first() -> Self {
        let detail =
            "Send a valid token as Authorization: Bearer nmdm_… (made in the console under My account).";
        Self::new("unauthenticated", detail)
            .with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"NotifyMDM\""))
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::new("not_found", detail),
            Error::Unauthenticated | Error::SecondFactor(_) => Self::sign_in_first(),
            Error::Denied(_) => Self::new("denied", detail),
            Error::Locked(seconds) => Self::new("locked", detail).with(RETRY_AFTER, seconds),
            Error::Invalid(issues) => {
                let mut problem = Self::new("invalid", "Correct the fields listed in errors.");
                problem.errors = issues
                    .into_iter()
                    .map(|FieldIssue { field, message }| Issue { field, message })
                    .collect();
                problem
            }
            Error::Conflict(_) => Self::new("conflict", detail),
            Error::Held(notice) => {
                let mut problem = Self::new("held", detail);
                let address = HeaderValue::from_str(&format!("/api/v1/approvals/{}", notice.id));
                problem.header = address.ok().map(|address| (LOCATION, address));
                problem.held = Some(notice.id.to_string());
                problem
            }
            Error::Upstream(_) => Self::new("upstream", detail),
            Error::Busy(seconds) => Self::new("busy", detail).with(RETRY_AFTER, seconds),
            Error::Internal(_) => Self::new("internal", detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let header = self.header.clone();
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response.headers_mut().extend(header);
        response
    }
}

/// The refusals of the door in this face's dialect.
pub fn refuse(_: &Face, refusal: Refusal, _: &Parts) -> Response {
    match refusal {
        Refusal::SignInFirst => Problem::sign_in_first(),
        Refusal::Error(error) => error.into(),
        // Only sessions are kept from everything else by what is due, and cookies are not accepted here, so no page can
        // be the caller either; said for completeness of the dialect.
        Refusal::Due(_) => Problem::new("denied", "Finish your account in the console first."),
        Refusal::CrossSite => Problem::new("denied", "This request did not come from here."),
    }
    .into_response()
}

/// Answers methods that a path does not know; the router has filled in `Allow`.
pub(super) async fn method_not_allowed() -> Response {
    Problem::method().into_response()
}
