//! The dialect: statuses, headers and error XML. The one place that turns refusals and the engine's errors into
//! answers of this face.

use axum::body::Body;
use axum::response::Response;
use engine::sign_in::IseRefusal;
use engine::{Error, ErrorKind};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use wire_ise::ApiVersion;
use wire_ise::answer;
use wire_ise::body::BodyError;
use wire_ise::target::RequestError;

/// Shown by clients that ask for a password.
const CHALLENGE: &str = "Basic realm=\"NotifyMDM ISE\"";

/// A whole answer.
pub(super) fn xml(status: StatusCode, body: impl Into<Body>) -> Response {
    with_type(status, body.into(), answer::CONTENT_TYPE)
}

/// The same for another content type.
pub(super) fn with_type(status: StatusCode, body: Body, content_type: &'static str) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An error: ISE reads the status, people read the reason.
pub(super) fn error(status: StatusCode, version: ApiVersion, reason: &str) -> Response {
    let mut body = Vec::with_capacity(256);
    answer::error(&mut body, version, reason);
    xml(status, body)
}

/// An unknown path, and an instance that does not exist: not to be told apart.
pub(super) fn not_found() -> Response {
    error(StatusCode::NOT_FOUND, ApiVersion::V3, "There is nothing at this address.")
}

/// The answer to the refusals of the doorkeeper, and what to write into the list of calls.
pub(super) fn refusal(version: ApiVersion, refusal: &IseRefusal) -> (Response, String) {
    match refusal {
        IseRefusal::Unauthorized | IseRefusal::Locked(_) => {
            let why = unauthorized(refusal);
            let mut answer = error(StatusCode::UNAUTHORIZED, version, &why);
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
            (answer, why)
        }
        IseRefusal::WrongInstance => {
            (not_found(), "The instance is not the organization of the account.".to_owned())
        }
        IseRefusal::Forbidden(why) => (error(StatusCode::FORBIDDEN, version, why), why.clone()),
        IseRefusal::Busy(seconds) => (busy(version, *seconds), "The server is busy.".to_owned()),
    }
}

/// Why it is 401. Of a locked name nobody learns whether it exists: unknown ones are locked alike.
pub(super) fn unauthorized(refusal: &IseRefusal) -> String {
    match refusal {
        IseRefusal::Locked(seconds) => format!(
            "There were too many wrong passwords from this address. Try again in {} minutes.",
            seconds.div_ceil(60)
        ),
        _ => "The name or the password is not right.".to_owned(),
    }
}

/// A request of the right shape that cannot be answered.
pub(super) fn bad_request(version: ApiVersion, why: RequestError) -> Response {
    let status = StatusCode::from_u16(why.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut answer = error(status, version, &why.to_string());
    if let RequestError::Method { allowed } = why
        && let Ok(allowed) = HeaderValue::from_str(&allowed.join(", "))
    {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}

/// A body that cannot be read.
pub(super) fn bad_body(version: ApiVersion, why: BodyError) -> Response {
    let status = StatusCode::from_u16(why.status()).unwrap_or(StatusCode::BAD_REQUEST);
    error(status, version, &why.to_string())
}

/// Later, please.
pub(super) fn busy(version: ApiVersion, seconds: u64) -> Response {
    let mut answer =
        error(StatusCode::SERVICE_UNAVAILABLE, version, "The server is busy. Try again in a moment.");
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    answer
}

/// An error of a use case.
pub(super) fn failure(version: ApiVersion, why: &Error) -> Response {
    let status = match why.kind() {
        ErrorKind::Busy => {
            let Error::Busy(seconds) = why else { return busy(version, 5) };
            return busy(version, *seconds);
        }
        ErrorKind::NotFound => return not_found(),
        ErrorKind::Denied | ErrorKind::Unauthenticated | ErrorKind::Locked => StatusCode::FORBIDDEN,
        ErrorKind::Invalid | ErrorKind::Conflict => StatusCode::BAD_REQUEST,
        ErrorKind::Upstream => StatusCode::BAD_GATEWAY,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    error(status, version, &why.to_string())
}

/// For HEAD: the same head, with the length that a GET would have had, if it is known.
pub(super) fn without_body(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    if let Some(length) = http_body::Body::size_hint(&body).exact() {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}
