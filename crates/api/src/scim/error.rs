//! Errors in SCIM's dialect (RFC 7644, 3.12), and what every answer has in common.

use axum::response::{IntoResponse, Response};
use door::{Face, Refusal};
use engine::Error;
use http::header::{CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

/// Media type of everything that is sent.
pub(super) const SCIM_JSON: &str = "application/scim+json";

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScimError {
    pub status: StatusCode,
    /// Keyword of table 9; empty for none.
    pub kind: &'static str,
    pub detail: String,
    header: Option<(HeaderName, HeaderValue)>,
}

/// Result of a handler.
pub(super) type Result<T, E = ScimError> = std::result::Result<T, E>;

impl ScimError {
    pub(super) fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, detail: detail.into(), header: None }
    }
    /// A value that cannot be taken.
    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalidValue", detail)
    }
    /// The body cannot be read.
    pub(super) fn syntax(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalidSyntax", detail)
    }
    /// The path of an operation cannot be read, or leads nowhere.
    pub(super) fn path(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalidPath", detail)
    }
    /// There is no such resource.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "", detail)
    }
    /// Somebody else has this name.
    pub(super) fn taken(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "uniqueness", detail)
    }
    /// The resource has another version now.
    pub(super) fn changed() -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "", "It was changed meanwhile. Read it again.")
    }
    /// The address does not know the method.
    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "", "This address does not know the method.")
    }
    fn sign_in_first() -> Self {
        let detail = "Send a valid token as Authorization: Bearer nmdm_… that may provision users.";
        let challenge = HeaderValue::from_static("Bearer realm=\"NotifyMDM\"");
        let header = Some((WWW_AUTHENTICATE, challenge));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, "", detail) }
    }
}

impl From<Error> for ScimError {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound(_) => Self::not_found(detail),
            Error::Unauthenticated | Error::SecondFactor(_) => Self::sign_in_first(),
            Error::Denied(_) => Self::new(StatusCode::FORBIDDEN, "", detail),
            Error::Locked(seconds) => later(StatusCode::TOO_MANY_REQUESTS, seconds, detail),
            Error::Invalid(_) => Self::value(detail),
            Error::Conflict(_) if detail.contains("taken") => Self::taken(detail),
            Error::Conflict(_) | Error::Held(_) => Self::new(StatusCode::CONFLICT, "", detail),
            Error::Upstream(_) => Self::new(StatusCode::BAD_GATEWAY, "", detail),
            Error::Busy(seconds) => later(StatusCode::SERVICE_UNAVAILABLE, seconds, detail),
            Error::Internal(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "", detail),
        }
    }
}

fn later(status: StatusCode, seconds: u64, detail: String) -> ScimError {
    ScimError { header: Some((RETRY_AFTER, seconds.into())), ..ScimError::new(status, "", detail) }
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_str(),
            "detail": self.detail,
        });
        if !self.kind.is_empty() {
            body["scimType"] = json!(self.kind);
        }
        let mut response = Answer(self.status, body).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}

/// The refusals of the door.
pub fn refuse(_: &Face, refusal: Refusal, _: &Parts) -> Response {
    match refusal {
        Refusal::SignInFirst => ScimError::sign_in_first(),
        Refusal::Error(error) => error.into(),
        Refusal::Due(_) | Refusal::CrossSite => {
            ScimError::new(StatusCode::FORBIDDEN, "", "Only tokens are accepted here.")
        }
    }
    .into_response()
}

/// JSON with a status; of a resource also its address and version.
pub(super) struct Answer(pub StatusCode, pub Value);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let text = |name: &str| self.1["meta"][name].as_str().and_then(|v| HeaderValue::from_str(v).ok());
        let (location, version) = (text("location"), text("version"));
        let mut response = (self.0, self.1.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(SCIM_JSON));
        headers.extend(version.map(|value| (ETAG, value)));
        if self.0 == StatusCode::CREATED {
            headers.extend(location.map(|value| (LOCATION, value)));
        }
        response
    }
}
